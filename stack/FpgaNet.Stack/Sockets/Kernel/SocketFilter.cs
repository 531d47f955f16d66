using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>
/// A socket on top of another: a proxy's dialogue, TLS. Every operation is the inner socket's unless it is overridden. What has to go on by itself, such as a handshake, is
/// <see cref="Advance"/>, which runs on the thread pool whenever the inner socket notifies, since a notification itself must not call a socket.
/// </summary>
internal abstract class SocketFilter : SocketImplementation, ISocketOwner, IThreadPoolWorkItem
{
    private volatile SocketImplementation _inner;
    private int _queued;

    protected SocketFilter(SocketImplementation inner)
    {
        _inner = inner;
        inner.Owner = this;
    }

    /// <summary>What it stands on.</summary>
    public SocketImplementation Inner
    {
        get => _inner;
        protected set
        {
            value.Owner = this;
            _inner = value;
        }
    }

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address) => _inner.Bind(address);

    /// <inheritdoc/>
    public override Errno Listen(int backlog) => _inner.Listen(backlog);

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address) => _inner.Connect(address);

    /// <inheritdoc/>
    public override Errno CompleteConnect() => _inner.CompleteConnect();

    /// <inheritdoc/>
    public override int ReceiveLowWater => _inner.ReceiveLowWater;

    /// <inheritdoc/>
    public override void ReferenceGone() => _inner.ReferenceGone();

    /// <inheritdoc/>
    public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer) => _inner.Accept(out accepted, out peer);

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent) => _inner.Send(ref message, out sent);

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received) => _inner.Receive(ref message, out received);

    /// <inheritdoc/>
    public override Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken) => _inner.Send(chain, flags, out taken);

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count) => _inner.Receive(chain, flags, out count);

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how) => _inner.Shutdown(how);

    /// <inheritdoc/>
    public override Errno Close() => _inner.Close();

    /// <inheritdoc/>
    public override PollEvents Poll() => _inner.Poll();

    /// <inheritdoc/>
    public override Errno TakeError() => _inner.TakeError();

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address) => _inner.GetLocalAddress(out address);

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address) => _inner.GetRemoteAddress(out address);

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value) => _inner.SetOption(level, name, value);

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length) => _inner.GetOption(level, name, value, out length);

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument) => _inner.Control(request, argument);

    /// <inheritdoc/>
    void ISocketOwner.Notify(PollEvents events)
    {
        if (NeedsAdvance && Interlocked.Exchange(ref _queued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        if (!HidesInner)
        {
            Notify(events);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        Volatile.Write(ref _queued, 0); // first: what happens from now on is worth another turn
        Notify(Advance());
    }

    /// <summary>Something goes on by itself: whatever the inner socket notifies is a reason for <see cref="Advance"/>. Read with locks held.</summary>
    protected abstract bool NeedsAdvance { get; }

    /// <summary>What the inner socket notifies does not concern the owner. Read with locks held.</summary>
    protected abstract bool HidesInner { get; }

    /// <summary>Goes on as far as it gets without waiting. Called without locks.</summary>
    /// <returns>What the owner is to be told.</returns>
    protected abstract PollEvents Advance();
}

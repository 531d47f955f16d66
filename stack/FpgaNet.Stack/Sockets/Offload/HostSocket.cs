using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>A socket of the operating system's. It never waits: the host's is non-blocking, and <see cref="HostPoller"/> tells what happens to it.</summary>
#pragma warning disable CA1001 // Close lets go of the handle
internal sealed class HostSocket : SocketImplementation
#pragma warning restore CA1001
{
    private readonly string _device;
    private readonly HostHandle _handle;
    private long _key;

    private HostSocket(string device, Socket socket)
    {
        _device = device;
        _handle = new HostHandle(socket);
    }

    /// <summary>Wraps a socket of the host's, which is this one's from now on.</summary>
    /// <param name="device">The name of the device that it belongs to.</param>
    /// <param name="socket">The socket, non-blocking.</param>
    /// <param name="made">Receives it.</param>
    public static Errno Make(string device, Socket socket, out HostSocket? made)
    {
        made = new HostSocket(device, socket);
        Errno error = HostPoller.Instance.Add(made, (int)socket.Handle, out made._key);
        if (error != Errno.None)
        {
            made._handle.Dispose();
            made = null;
        }

        return error;
    }

    /// <summary>Something happened to the host's socket.</summary>
    /// <param name="events">What.</param>
    public void HasChanged(PollEvents events) => Notify(events | Doubles(events));

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address)
    {
        using Lease lease = new(_handle);
        return lease.IsOpen ? Error(HostCalls.Bind(lease.Handle, address)) : Errno.EBADF;
    }

    /// <inheritdoc/>
    public override Errno Listen(int backlog)
    {
        using Lease lease = new(_handle);
        return lease.IsOpen ? Error(HostCalls.Listen(lease.Handle, backlog)) : Errno.EBADF;
    }

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address)
    {
        using Lease lease = new(_handle);
        return lease.IsOpen ? Error(HostCalls.Connect(lease.Handle, address)) : Errno.EBADF;
    }

    /// <inheritdoc/>
    public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
    {
        accepted = null;
        peer = default;
        using Lease lease = new(_handle);
        if (!lease.IsOpen)
        {
            return Errno.EBADF;
        }

        int handle = HostCalls.Accept(lease.Handle, out peer);
        if (handle < 0)
        {
            return Error(handle);
        }

        Errno error = Make(_device, new Socket(new SafeSocketHandle(handle, ownsHandle: true)), out HostSocket? made);
        accepted = made;
        return error;
    }

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        using Lease lease = new(_handle);
        if (!lease.IsOpen)
        {
            return Errno.EBADF;
        }

        byte[]? whole = null;
        ReadOnlySpan<byte> data = message.Data.First;
        if (!message.Data.IsSingle)
        {
            whole = ArrayPool<byte>.Shared.Rent(message.Data.Length);
            data = whole.AsSpan(0, message.Data.CopyTo(whole));
        }

        int result = HostCalls.Send(lease.Handle, data, message.Address, message.Control, message.Flags);
        if (whole is not null)
        {
            ArrayPool<byte>.Shared.Return(whole);
        }

        sent = Math.Max(0, result);
        return Error(result);
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        using Lease lease = new(_handle);
        if (!lease.IsOpen)
        {
            return Errno.EBADF;
        }

        bool isSingle = message.Data.First.Length == message.Data.Length;
        byte[]? whole = isSingle ? null : ArrayPool<byte>.Shared.Rent(message.Data.Length);
        Span<byte> data = isSingle ? message.Data.First : whole.AsSpan(0, message.Data.Length);
        MessageFlags flags = message.Flags & ~MessageFlags.MSG_WAITALL;
        int result = HostCalls.Receive(lease.Handle, data, out message.Address, message.Control, out message.ControlLength, ref flags);
        if (whole is not null)
        {
            message.Data.CopyFrom(data[..Math.Clamp(result, 0, data.Length)]);
            ArrayPool<byte>.Shared.Return(whole);
        }

        if (result < 0)
        {
            return Error(result);
        }

        message.Found = flags;
        received = result; // with MSG_TRUNC more than there was room for
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how)
    {
        using Lease lease = new(_handle);
        if (!lease.IsOpen)
        {
            return Errno.EBADF;
        }

        Errno error = Error(HostCalls.Shutdown(lease.Handle, (int)how));
        Notify(PollEvents.POLLIN | PollEvents.POLLOUT);
        return error;
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        HostPoller.Instance.Remove(_key);
        _handle.Dispose(); // whoever is inside a call leaves it first; SO_LINGER waits here, as close(2) does
        return Errno.None;
    }

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        using Lease lease = new(_handle);
        return lease.IsOpen ? HostCalls.Poll(lease.Handle) : PollEvents.POLLNVAL;
    }

    /// <inheritdoc/>
    public override Errno TakeError()
    {
        int number = 0;
        Errno error = GetOption(SOL_SOCKET, SO_ERROR, MemoryMarshal.AsBytes(new Span<int>(ref number)), out _);
        return error == Errno.None ? (Errno)number : error;
    }

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address)
    {
        address = default;
        using Lease lease = new(_handle);
        return lease.IsOpen ? Error(HostCalls.GetSockName(lease.Handle, out address)) : Errno.EBADF;
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        address = default;
        using Lease lease = new(_handle);
        return lease.IsOpen ? Error(HostCalls.GetPeerName(lease.Handle, out address)) : Errno.EBADF;
    }

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        if (level == SOL_SOCKET && name == SO_BINDTODEVICE)
        {
            return OptionValue.ReadName(value) is var device && (device.Length == 0 || string.Equals(device, _device, StringComparison.Ordinal)) ? Errno.None : Errno.ENODEV;
        }

        using Lease lease = new(_handle);
        if (!lease.IsOpen)
        {
            return Errno.EBADF;
        }

        try
        {
            _handle.Socket.SetRawSocketOption(level, name, value);
            return Errno.None;
        }
        catch (SocketException e)
        {
            return (Errno)e.NativeErrorCode;
        }
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        if (level == SOL_SOCKET && name == SO_BINDTODEVICE)
        {
            return OptionValue.WriteName(value, _device, out length);
        }

        using Lease lease = new(_handle);
        if (!lease.IsOpen)
        {
            return Errno.EBADF;
        }

        try
        {
            length = _handle.Socket.GetRawSocketOption(level, name, value);
            return Errno.None;
        }
        catch (SocketException e)
        {
            return (Errno)e.NativeErrorCode;
        }
    }

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument)
    {
        if (request is not (FIONREAD or SIOCATMARK or SIOCOUTQ))
        {
            return Errno.ENOTTY; // the others tell of the host's interfaces, not of this socket
        }

        if (argument.Length < sizeof(int))
        {
            return Errno.EFAULT;
        }

        using Lease lease = new(_handle);
        if (!lease.IsOpen)
        {
            return Errno.EBADF;
        }

        Errno error = Error(HostCalls.Control(lease.Handle, request, out int value));
        if (error == Errno.None)
        {
            MemoryMarshal.Write(argument, value);
        }

        return error;
    }

    private static Errno Error(int result) => (Errno)Math.Max(0, -result);

    private static PollEvents Doubles(PollEvents events) =>
        ((events & PollEvents.POLLIN) != PollEvents.None ? PollEvents.POLLRDNORM : PollEvents.None)
        | ((events & PollEvents.POLLOUT) != PollEvents.None ? PollEvents.POLLWRNORM : PollEvents.None);

    /// <summary>Inside it the host's descriptor stays open.</summary>
    private readonly ref struct Lease
    {
        private readonly HostHandle _handle;

        public Lease(HostHandle handle)
        {
            _handle = handle;
            bool isOpen = false;
            try
            {
                handle.DangerousAddRef(ref isOpen);
            }
            catch (ObjectDisposedException)
            {
                // closed: EBADF
            }

            IsOpen = isOpen;
        }

        public bool IsOpen { get; }

        public int Handle => (int)_handle.DangerousGetHandle();

        public void Dispose()
        {
            if (IsOpen)
            {
                _handle.DangerousRelease();
            }
        }
    }
}

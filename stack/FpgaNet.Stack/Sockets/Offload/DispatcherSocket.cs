using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>
/// A socket that has not chosen yet who serves it. SO_BINDTODEVICE chooses the device's own sockets when it has some, else native ones; TLS_NATIVE chooses native ones; every other use chooses
/// the first provider that serves such sockets, as in Zephyr. Two things differ from Zephyr: setting and reading options does not choose (they are set on the default's socket, so that errors come at once, and set
/// again when another is chosen), and a choice that fails leaves the socket as it was. Once chosen, the one chosen takes this one's place in the <see cref="KernelSocket"/>; calls that came too early are handed on.
/// </summary>
/// <param name="provider">Who knows the others.</param>
/// <param name="findDevice">Who knows the interfaces.</param>
/// <param name="request">What was asked for.</param>
internal sealed class DispatcherSocket(DispatcherProvider provider, FindDevice findDevice, in SocketRequest request) : SocketImplementation
{
    private readonly SocketRequest _request = request;
    private readonly Lock _gate = new();
    private readonly List<(int Level, int Name, byte[] Value)> _options = [];
    private ISocketOwner? _owner;
    private SocketProvider? _defaultProvider;
    private SocketImplementation? _default; // takes options before the choice
    private volatile SocketImplementation? _chosen;
    private bool _isClosed;

    /// <inheritdoc/>
    public override ISocketOwner? Owner
    {
        get => _owner;
        set
        {
            _owner = value;
            _chosen?.Owner = value;
        }
    }

    private bool IsTls => _request.Protocol is >= IPPROTO_TLS_1_0 and <= IPPROTO_TLS_1_3 or >= IPPROTO_DTLS_1_0 and <= IPPROTO_DTLS_1_2;

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address) => Use(out Errno error) is { } chosen ? chosen.Bind(address) : error;

    /// <inheritdoc/>
    public override Errno Listen(int backlog) => Use(out Errno error) is { } chosen ? chosen.Listen(backlog) : error;

    /// <inheritdoc/>
    public override Errno Connect(in SockAddr address) => Use(out Errno error) is { } chosen ? chosen.Connect(address) : error;

    /// <inheritdoc/>
    public override Errno CompleteConnect() => _chosen?.CompleteConnect() ?? Errno.None;

    /// <inheritdoc/>
    public override int ReceiveLowWater => _chosen?.ReceiveLowWater ?? 1;

    /// <inheritdoc/>
    public override void ReferenceGone() => _chosen?.ReferenceGone();

    /// <inheritdoc/>
    public override Errno Accept(out SocketImplementation? accepted, out SockAddr peer)
    {
        accepted = null;
        peer = default;
        return Use(out Errno error) is { } chosen ? chosen.Accept(out accepted, out peer) : error;
    }

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        return Use(out Errno error) is { } chosen ? chosen.Send(ref message, out sent) : error;
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        return Use(out Errno error) is { } chosen ? chosen.Receive(ref message, out received) : error;
    }

    /// <inheritdoc/>
    public override Errno Send(ReadOnlySpan<BufferSlice> chain, MessageFlags flags, out int taken)
    {
        taken = 0;
        return Use(out Errno error) is { } chosen ? chosen.Send(chain, flags, out taken) : error;
    }

    /// <inheritdoc/>
    public override Errno Receive(Span<BufferSlice> chain, MessageFlags flags, out int count)
    {
        count = 0;
        return Use(out Errno error) is { } chosen ? chosen.Receive(chain, flags, out count) : error;
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how) => Use(out Errno error) is { } chosen ? chosen.Shutdown(how) : error;

    /// <inheritdoc/>
    public override PollEvents Poll() => Use(out _) is { } chosen ? chosen.Poll() : PollEvents.POLLERR;

    /// <inheritdoc/>
    public override Errno TakeError() => _chosen?.TakeError() ?? Errno.None;

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address)
    {
        address = default;
        return Use(out Errno error) is { } chosen ? chosen.GetLocalAddress(out address) : error;
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        address = default;
        return Use(out Errno error) is { } chosen ? chosen.GetRemoteAddress(out address) : error;
    }

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument) => Use(out Errno error) is { } chosen ? chosen.Control(request, argument) : error;

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        Errno error;
        lock (_gate)
        {
            if (_chosen is not null || _isClosed)
            {
                return _isClosed ? Errno.EBADF : _chosen!.SetOption(level, name, value);
            }

            error = (level, name) switch
            {
                (SOL_SOCKET, SO_BINDTODEVICE) => BindToDevice(value),
                (SOL_TLS, TLS_NATIVE) => UseNativeTls(value),
                _ => Remember(level, name, value),
            };
        }

        TakePlace();
        return error;
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        lock (_gate)
        {
            Errno error = _isClosed ? Errno.EBADF : _chosen is null ? MakeDefault() : Errno.None;
            return error != Errno.None ? error : (_chosen ?? _default)!.GetOption(level, name, value, out length);
        }
    }

    /// <inheritdoc/>
    public override Errno Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return (_chosen ?? _default)?.Close() ?? Errno.None;
        }
    }

    // The first use: whoever comes first serves it.
    private SocketImplementation? Use(out Errno error)
    {
        error = Errno.None;
        if (_chosen is { } early)
        {
            return early;
        }

        lock (_gate)
        {
            if (_chosen is null)
            {
                error = _isClosed ? Errno.EBADF : MakeDefault();
                if (error != Errno.None)
                {
                    return null;
                }

                Choose(_default!);
            }
        }

        TakePlace();
        return _chosen;
    }

    private Errno BindToDevice(ReadOnlySpan<byte> value)
    {
        string name = OptionValue.ReadName(value);
        if (name.Length == 0)
        {
            return Errno.None; // it is bound to none
        }

        Errno error = findDevice(name, out SocketProvider? sockets);
        if (error != Errno.None)
        {
            return error;
        }

        if (sockets is null || (IsTls && !sockets.IsSupported(_request)))
        {
            sockets = provider.Find(_request, nativeOnly: true); // a device that has no TLS of its own carries ours
        }

        return sockets is null || !sockets.IsSupported(_request) ? Errno.EPROTONOSUPPORT : ChooseFrom(sockets, SOL_SOCKET, SO_BINDTODEVICE, value);
    }

    private Errno UseNativeTls(ReadOnlySpan<byte> value)
    {
        if (!IsTls)
        {
            return Errno.ENOPROTOOPT;
        }

        Errno error = OptionValue.TryRead(value, out bool native);
        if (error != Errno.None || !native)
        {
            return error;
        }

        return provider.Find(_request, nativeOnly: true) is { } sockets ? ChooseFrom(sockets, SOL_TLS, TLS_NATIVE, value) : Errno.EPROTONOSUPPORT;
    }

    private Errno Remember(int level, int name, ReadOnlySpan<byte> value)
    {
        Errno error = MakeDefault();
        if (error == Errno.None)
        {
            error = _default!.SetOption(level, name, value);
        }

        if (error == Errno.None)
        {
            _options.Add((level, name, value.ToArray()));
        }

        return error;
    }

    private Errno MakeDefault()
    {
        if (_default is not null)
        {
            return Errno.None;
        }

        _defaultProvider = provider.Find(_request, nativeOnly: false);
        return _defaultProvider is null ? Errno.EPROTONOSUPPORT : _defaultProvider.Create(_request, out _default); // unregistered since socket()
    }

    private Errno ChooseFrom(SocketProvider sockets, int level, int name, ReadOnlySpan<byte> value)
    {
        if (_default is { } standing && sockets == _defaultProvider)
        {
            Errno refused = standing.SetOption(level, name, value);
            if (refused == Errno.None)
            {
                Choose(standing);
            }

            return refused;
        }

        Errno error = sockets.Create(_request, out SocketImplementation? implementation);
        if (error != Errno.None)
        {
            return error;
        }

        foreach ((int Level, int Name, byte[] Value) option in _options)
        {
            error = error == Errno.None ? implementation!.SetOption(option.Level, option.Name, option.Value) : error;
        }

        error = error == Errno.None ? implementation!.SetOption(level, name, value) : error;
        if (error != Errno.None)
        {
            implementation!.Close();
            return error;
        }

        _default?.Close();
        Choose(implementation!);
        return Errno.None;
    }

    private void Choose(SocketImplementation implementation)
    {
        implementation.Owner = _owner;
        _chosen = implementation;
        _default = null;
        _options.Clear();
    }

    // Outside the lock, as the owner wakes who waits.
    private void TakePlace()
    {
        if (_chosen is { } chosen && _owner is KernelSocket socket && socket.Implementation == this)
        {
            socket.Implementation = chosen;
        }
    }
}

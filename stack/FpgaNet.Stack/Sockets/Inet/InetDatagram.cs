using System.Net.Sockets;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport;
using FpgaNet.Stack.Transport.Udp;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>SOCK_DGRAM of AF_INET and AF_INET6: UDP (udp(7)).</summary>
internal sealed class InetDatagram : InetMessageSocket, IUdpUser
{
    private const int MostSegments = 128; // UDP_MAX_SEGMENTS

    private readonly UdpProtocol _udp;
    private readonly UdpEndpoint _endpoint;
    private bool _isNamed; // it has a port
    private bool _isPortExplicit;
    private int _segmentSize;
    private Cork? _cork;

    public InetDatagram(UdpProtocol udp, in SocketRequest request)
        : base(udp.Ip, request)
    {
        _udp = udp;
        _endpoint = new UdpEndpoint(this) { LocalAddress = LocalAddress, UserId = request.Credentials.User };
        Queue.Limit = Options.ReceiveBuffer;
    }

    protected override DatagramQueue Queue => _endpoint.Queue;

    protected override ushort LocalPort => _isNamed ? _endpoint.Port : (ushort)0;

    protected override bool HasPeerName => RemotePort != 0;

    protected override Errno SendOpen(ref MessageOut message) => _cork is { IsOpen: true } ? AddToCork(ref message) : SendNew(ref message);

    /// <inheritdoc/>
    void IUdpUser.Drop() => DropErrors();

    /// <inheritdoc/>
    void IUdpUser.Signal() => Notify(Net.IsDown ? PollEvents.POLLIN | PollEvents.POLLERR | PollEvents.POLLOUT : PollEvents.POLLIN | PollEvents.POLLRDNORM);

    /// <inheritdoc/>
    void IUdpUser.Failed(in SentPacket packet, DeliveryFailure reason)
    {
        ushort port = UdpHeader.TryParse(packet.Head, int.MaxValue, out UdpHeader header) ? header.DestinationPort : (ushort)0;
        TakeFailure(packet, reason, UdpHeader.HeaderLength, port);
    }

    protected override Errno TakeName(ushort port, bool isExplicit)
    {
        NameChanged();
        OptionsChanged();
        if (!_udp.TryBind(_endpoint, port))
        {
            return Errno.EADDRINUSE;
        }

        _isNamed = true;
        _isPortExplicit = isExplicit && port != 0;
        return Errno.None;
    }

    protected override Errno Autobind() => _isNamed || TakeName(0, isExplicit: false) == Errno.None ? Errno.None : Errno.EAGAIN;

    protected override void NameChanged()
    {
        _endpoint.LocalAddress = LocalAddress;
        _endpoint.RemoteAddress = IsConnected ? RemoteAddress : default;
        _endpoint.RemotePort = RemotePort;
    }

    protected override void GiveUpFreeName()
    {
        if (_isNamed && !_isPortExplicit)
        {
            _udp.Release(_endpoint);
            _isNamed = false;
        }
    }

    protected override void GiveUpName()
    {
        if (_isNamed)
        {
            _udp.Unbind(_endpoint);
        }

        _cork?.Close();
    }

    protected override void OptionsChanged()
    {
        _endpoint.Interface = Options.Interface;
        _endpoint.IsIPv6Only = Options.OnlyIPv6;
        _endpoint.TakesAllGroups4 = Options.MulticastAll4;
        _endpoint.TakesAllGroups6 = Options.MulticastAll6;
        _endpoint.StampsArrivals = StampsArrivals;
        _endpoint.Sharing = (Options.ReuseAddress ? PortSharing.Address : PortSharing.None) | (Options.ReusePort ? PortSharing.Port : PortSharing.None);
    }

    protected override Errno SetOwnOption(int level, int name, ReadOnlySpan<byte> value)
    {
        if (level != SOL_UDP)
        {
            return Errno.ENOPROTOOPT;
        }

        Errno error = OptionValue.TryRead(value, out int number);
        if (error != Errno.None)
        {
            return error;
        }

        switch (name)
        {
            case UDP_SEGMENT:
                _segmentSize = number;
                return number is < 0 or > ushort.MaxValue ? Errno.EINVAL : Errno.None;
            case UDP_CORK:
                _cork ??= new Cork();
                _cork.IsHeld = number != 0;
                return _cork is { IsHeld: false, IsOpen: true } ? Uncork() : Errno.None;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    protected override Errno GetOwnOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        return (level, name) switch
        {
            (SOL_UDP, UDP_SEGMENT) => OptionValue.Write(value, _segmentSize, out length),
            (SOL_UDP, UDP_CORK) => OptionValue.Write(value, _cork is { IsHeld: true } ? 1 : 0, out length),
            _ => Errno.ENOPROTOOPT,
        };
    }

    private Errno SendNew(ref MessageOut message)
    {
        IpAddress remote = RemoteAddress;
        int scope = RemoteScope;
        ushort port = RemotePort;
        if (message.Address.Family != SocketDomain.AF_UNSPEC)
        {
            port = message.Address.Port;
            if (port == 0)
            {
                return message.Address.Family == Domain || Domain == SocketDomain.AF_INET6 ? Errno.EINVAL : Errno.EAFNOSUPPORT;
            }

            Errno refused = ReadPeer(message.Address, isConnecting: false, out remote, out scope);
            if (refused != Errno.None)
            {
                return refused;
            }
        }
        else if (!IsConnected)
        {
            return Errno.EDESTADDRREQ;
        }

        SendControl control = default;
        Errno error = message.Control.IsEmpty ? Errno.None : InetControl.Parse(message.Control, Options, remote.IsIPv4, out control);
        error = error == Errno.None ? Autobind() : error;
        Destination? destination = null;
        error = error == Errno.None ? FindRoute(remote, scope, control, message.Flags, out destination) : error;
        error = error == Errno.None ? ReadyToSend() : error;
        if (error != Errno.None)
        {
            return error;
        }

        if ((message.Flags & MessageFlags.MSG_MORE) != MessageFlags.None || _cork is { IsHeld: true })
        {
            _cork ??= new Cork();
            _cork.Open(remote, scope, port, control);
            return AddToCork(ref message);
        }

        return Send(destination!, port, control, message.Data);
    }

    private Errno Send(Destination destination, ushort port, in SendControl control, GatherList data)
    {
        int segment = control.SegmentSize != 0 ? control.SegmentSize : _segmentSize;
        if (segment != 0 && data.Length > segment)
        {
            return SendSegments(destination, port, control, data, segment);
        }

        Errno error = CheckLength(destination, UdpHeader.HeaderLength + data.Length);
        return error != Errno.None ? error : !HasRoom(destination, control) ? Errno.EAGAIN : SendOne(destination, port, control, data, 0);
    }

    // UDP_SEGMENT: one datagram for each so many bytes, cut by the device where it can. What goes to members here too is cut first.
    private Errno SendSegments(Destination destination, ushort port, in SendControl control, GatherList data, int segment)
    {
        if (data.Length > segment * MostSegments || destination.HeaderLength + UdpHeader.HeaderLength + segment > destination.PathMtu)
        {
            return Errno.EINVAL;
        }

        if (!HasRoom(destination, control))
        {
            return Errno.EAGAIN;
        }

        if (!destination.IsGroup && (destination.Interface.Device.EnabledFeatures & OffloadFeatures.TxSegmentationUdp) != OffloadFeatures.None)
        {
            return SendOne(destination, port, control, data, segment);
        }

        Errno error = Errno.None;
        for (; data.Length > 0 && error == Errno.None; data = data.Slice(Math.Min(segment, data.Length)))
        {
            error = SendOne(destination, port, control, data, 0, Math.Min(segment, data.Length));
        }

        return error;
    }

    private Errno SendOne(Destination destination, ushort port, in SendControl control, GatherList data, int segment, int length = -1)
    {
        length = length < 0 ? data.Length : length;
        SocketError error = _udp.TryMake(_endpoint.Port, destination, port, length, out TxFrame frame, out Span<byte> payload);
        if (error != SocketError.Success)
        {
            return ErrnoOf.From(error);
        }

        data.CopyTo(payload);
        if (segment != 0)
        {
            frame.Offload.Segmentation = destination.IsIPv4 ? Segmentation.Udp4 : Segmentation.Udp6;
            frame.Offload.MaximumSegmentSize = (ushort)segment;
        }

        return Transmit(destination, IpProtocol.Udp, control, HeaderFor(destination, control), ref frame);
    }

    private Errno AddToCork(ref MessageOut message)
    {
        Errno error = _cork!.Add(message.Data);
        return error != Errno.None || _cork.IsHeld || (message.Flags & MessageFlags.MSG_MORE) != MessageFlags.None ? error : Uncork();
    }

    private Errno Uncork()
    {
        Cork cork = _cork!;
        Errno error = FindRoute(cork.Remote, cork.Scope, cork.Control, MessageFlags.None, out Destination? destination);
        error = error == Errno.None ? Send(destination!, cork.Port, cork.Control, new GatherList(cork.Bytes)) : error;
        cork.Close();
        return error;
    }

    /// <summary>A datagram that is being put together (UDP_CORK, MSG_MORE).</summary>
    private sealed class Cork
    {
        private byte[] _bytes = [];
        private int _length;

        public bool IsHeld { get; set; }

        public bool IsOpen { get; private set; }

        public IpAddress Remote { get; private set; }

        public int Scope { get; private set; }

        public ushort Port { get; private set; }

        public SendControl Control { get; private set; }

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

        public void Open(IpAddress remote, int scope, ushort port, in SendControl control)
        {
            (Remote, Scope, Port, Control) = (remote, scope, port, control);
            IsOpen = true;
            _length = 0;
        }

        public Errno Add(GatherList data)
        {
            if (_length + data.Length > LongestMessage)
            {
                Close(); // as Linux, which drops what it has then
                return Errno.EMSGSIZE;
            }

            if (_length + data.Length > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Min(Math.Max(2 * _bytes.Length, _length + data.Length), LongestMessage));
            }

            data.CopyTo(_bytes.AsSpan(_length));
            _length += data.Length;
            return Errno.None;
        }

        public void Close() => IsOpen = false;
    }
}

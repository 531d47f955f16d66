using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport;
using FpgaNet.Stack.Transport.Raw;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>SOCK_RAW of AF_INET and AF_INET6: packets of one protocol (raw(7), RFC 3542 §3).</summary>
internal sealed class InetRaw : InetMessageSocket, IRawUser
{
    private const int Icmpv6ChecksumOffset = 2;
    private const int IcmpFilterLength = 4;
    private const int Icmpv6FilterLength = 32;

    private readonly RawProtocol _raw;
    private readonly RawEndpoint _endpoint;
    private readonly IpProtocol _protocol;

    public InetRaw(RawProtocol raw, in SocketRequest request)
        : base(raw.Ip, request)
    {
        _raw = raw;
        _protocol = (IpProtocol)request.Protocol;
        _endpoint = new RawEndpoint(this, _protocol, Domain == SocketDomain.AF_INET6)
        {
            ChecksumOffset = _protocol == IpProtocol.Icmpv6 && Domain == SocketDomain.AF_INET6 ? Icmpv6ChecksumOffset : null,
        };
        Options.HeaderIncluded = request.Protocol == IPPROTO_RAW;
        Queue.Limit = Options.ReceiveBuffer;
        using (Net.Enter())
        {
            raw.Add(_endpoint);
        }
    }

    protected override DatagramQueue Queue => _endpoint.Queue;

    protected override ushort LocalPort => (ushort)_protocol; // as Linux names it

    protected override bool HasPeerName => RemotePort != 0;

    protected override bool IsNamed => false;

    protected override Errno SendOpen(ref MessageOut message)
    {
        IpAddress remote = RemoteAddress;
        int scope = RemoteScope;
        Errno error = Errno.None;
        if (message.Address.Family != SocketDomain.AF_UNSPEC)
        {
            error = message.Address.Family == Domain ? ReadPeer(message.Address, isConnecting: false, out remote, out scope) : Errno.EAFNOSUPPORT;
        }
        else if (!IsConnected)
        {
            error = Errno.EDESTADDRREQ;
        }

        SendControl control = default;
        error = error == Errno.None && !message.Control.IsEmpty ? InetControl.Parse(message.Control, Options, remote.IsIPv4, out control) : error;
        Destination? destination = null;
        error = error == Errno.None ? FindRoute(remote, scope, control, message.Flags, out destination) : error;
        error = error == Errno.None ? ReadyToSend() : error;
        if (error == Errno.None)
        {
            error = !HasRoom(destination!, control) ? Errno.EAGAIN
                : Options.HeaderIncluded ? SendWithHeader(destination!, control, message.Data) : SendPayload(destination!, control, message.Data);
        }

        return error;
    }

    /// <inheritdoc/>
    void IRawUser.Drop() => DropErrors();

    /// <inheritdoc/>
    void IRawUser.Signal() => Notify(Net.IsDown ? PollEvents.POLLIN | PollEvents.POLLERR | PollEvents.POLLOUT : PollEvents.POLLIN | PollEvents.POLLRDNORM);

    /// <inheritdoc/>
    void IRawUser.Failed(in SentPacket packet, DeliveryFailure reason) => TakeFailure(packet, reason, header: 0, port: 0);

    protected override Errno TakeName(ushort port, bool isExplicit)
    {
        NameChanged();
        OptionsChanged();
        return Errno.None;
    }

    protected override Errno Autobind() => Errno.None;

    protected override void NameChanged()
    {
        _endpoint.LocalAddress = LocalAddress;
        _endpoint.RemoteAddress = IsConnected ? RemoteAddress : default;
    }

    protected override void GiveUpFreeName()
    {
        // It has no port.
    }

    protected override void GiveUpName() => _raw.Remove(_endpoint);

    protected override void OptionsChanged()
    {
        _endpoint.Interface = Options.Interface;
        _endpoint.TakesAllGroups = Domain == SocketDomain.AF_INET ? Options.MulticastAll4 : Options.MulticastAll6;
        _endpoint.StampsArrivals = StampsArrivals;
    }

    protected override Errno SetOwnOption(int level, int name, ReadOnlySpan<byte> value)
    {
        bool isIcmp = _protocol == (Domain == SocketDomain.AF_INET ? IpProtocol.Icmp : IpProtocol.Icmpv6);
        switch (level, name)
        {
            case (SOL_RAW, ICMP_FILTER) when Domain == SocketDomain.AF_INET:
            case (SOL_ICMPV6, ICMPV6_FILTER) when Domain == SocketDomain.AF_INET6:
                if (!isIcmp)
                {
                    return Errno.EOPNOTSUPP;
                }

                Span<byte> filter = MemoryMarshal.AsBytes(_endpoint.BlockedTypes)[..FilterLength];
                value[..Math.Min(value.Length, filter.Length)].CopyTo(filter);
                return Errno.None;
            case (SOL_IPV6 or SOL_RAW, IPV6_CHECKSUM) when Domain == SocketDomain.AF_INET6:
                Errno error = OptionValue.TryRead(value, out int offset);
                if (error != Errno.None || (isIcmp && level == SOL_IPV6) || (offset > 0 && (offset & 1) != 0))
                {
                    return Errno.EINVAL;
                }

                _endpoint.ChecksumOffset = offset < 0 ? null : offset;
                return Errno.None;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    protected override Errno GetOwnOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        return (level, name) switch
        {
            (SOL_RAW, ICMP_FILTER) when Domain == SocketDomain.AF_INET => _protocol != IpProtocol.Icmp ? Errno.EOPNOTSUPP
                : OptionValue.Write(value, MemoryMarshal.AsBytes(_endpoint.BlockedTypes)[..FilterLength], out length),
            (SOL_ICMPV6, ICMPV6_FILTER) when Domain == SocketDomain.AF_INET6 => _protocol != IpProtocol.Icmpv6 ? Errno.EOPNOTSUPP
                : OptionValue.Write(value, MemoryMarshal.AsBytes(_endpoint.BlockedTypes)[..FilterLength], out length),
            (SOL_IPV6 or SOL_RAW, IPV6_CHECKSUM) when Domain == SocketDomain.AF_INET6 => OptionValue.Write(value, _endpoint.ChecksumOffset ?? -1, out length),
            _ => Errno.ENOPROTOOPT,
        };
    }

    private int FilterLength => Domain == SocketDomain.AF_INET ? IcmpFilterLength : Icmpv6FilterLength;

    private Errno SendPayload(Destination destination, in SendControl control, GatherList data)
    {
        if (data.Length > destination.MaximumPayload)
        {
            return Errno.EMSGSIZE;
        }

        Errno error = CheckLength(destination, data.Length);
        if (error != Errno.None)
        {
            return error;
        }

        int offset = destination.PayloadOffset;
        if (Rent(destination, offset + data.Length) is not { } buffer)
        {
            return Errno.ENOBUFS;
        }

        Span<byte> payload = buffer.Span.Slice(offset, data.Length);
        data.CopyTo(payload);
        if (_endpoint.ChecksumOffset is { } place && !destination.IsIPv4)
        {
            if (place + sizeof(ushort) > payload.Length)
            {
                buffer.Release();
                return Errno.EINVAL;
            }

            // RFC 3542 §3.1: over the pseudo-header too, and of whatever stands at the place now.
            BinaryPrimitives.WriteUInt16BigEndian(payload[place..], 0);
            uint pseudo = InternetChecksum.PseudoHeader(destination.Source, destination.Address, _protocol, payload.Length);
            BinaryPrimitives.WriteUInt16BigEndian(payload[place..], InternetChecksum.Finish(InternetChecksum.Sum(payload, pseudo)));
        }

        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, offset + data.Length)) };
        return Transmit(destination, _protocol, control, HeaderFor(destination, control), ref frame);
    }

    // raw(7), IP_HDRINCL: length and checksum are always written, source and identification where they are 0.
    private Errno SendWithHeader(Destination destination, in SendControl control, GatherList data)
    {
        int least = destination.IsIPv4 ? IPv4Header.MinimumLength : IPv6Header.Length;
        if (data.Length < least)
        {
            return Errno.EINVAL;
        }

        if (data.Length > destination.Interface.MaximumTransmissionUnit)
        {
            return Errno.EMSGSIZE;
        }

        if (Rent(destination, EthernetHeader.Length + data.Length) is not { } buffer)
        {
            return Errno.ENOBUFS;
        }

        Span<byte> bytes = buffer.Span[..(EthernetHeader.Length + data.Length)];
        destination.Headers.Write(bytes, payload: 0, _protocol, trafficClass: 0, hopLimit: 1, identification: 0); // of which the Ethernet header stays
        Span<byte> packet = bytes[EthernetHeader.Length..];
        data.CopyTo(packet);
        if (destination.IsIPv4 && !CompleteHeader(destination, packet))
        {
            buffer.Release();
            return Errno.EINVAL;
        }

        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, bytes.Length)) };
        frame.Offload.Priority = PriorityOf(control);
        IpLayer.Transmit(destination, ref frame);
        return Errno.None;
    }

    private bool CompleteHeader(Destination destination, Span<byte> packet)
    {
        int headerLength = (packet[0] & 0xF) * 4;
        if (headerLength < IPv4Header.MinimumLength || headerLength > packet.Length)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        if (BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], Ip.NextIdentification());
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(packet[12..]) == 0)
        {
            destination.Source.IPv4.Write(packet[12..]);
        }

        IPv4Header.WriteChecksum(packet[..headerLength]);
        return true;
    }

    private PacketBuffer? Rent(Destination destination, int length)
    {
        BufferPool pool = length <= destination.Interface.Packets.BufferSize ? destination.Interface.Packets : Net.LongPackets;
        PacketBuffer? buffer = pool.TryRent();
        if (buffer is null)
        {
            Net.Counters.Add(StackCounter.TxQueueFull);
        }

        return buffer;
    }
}

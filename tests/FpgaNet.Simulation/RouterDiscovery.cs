using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>A router's side of Neighbour Discovery (RFC 4861): it answers solicitations for its own addresses, and those of hosts that look for a router.</summary>
internal static class RouterDiscovery
{
    private const byte SourceLinkLayerAddress = 1;
    private const byte TargetLinkLayerAddress = 2;
    private const byte PrefixInformation = 3;

    /// <summary>The answer to a frame that came in at a port; null when it is none that asks.</summary>
    public static byte[]? Answer(Router.Port port, ReadOnlySpan<byte> frame)
    {
        if (!IPv6Header.TryParse(frame[EthernetHeader.Length..], out IPv6Header ip) || ip.NextHeader != IpProtocol.Icmpv6 || ip.HopLimit != 255
            || !IcmpHeader.TryParse(ip.Payload, out IcmpHeader icmp))
        {
            return null;
        }

        MacAddress from = MacAddress.Read(frame[6..]);
        switch (icmp.Type6)
        {
            case Icmpv6Type.NeighborSolicitation when icmp.Body.Length >= IPv6Address.Length && !ip.Source.Equals(IPv6Address.Any):
                IPv6Address target = IPv6Address.Read(icmp.Body);
                return target == port.LinkLocal || target == port.GlobalAddress ? Advertise(port, from, ip.Source, target) : null;
            case Icmpv6Type.RouterSolicitation when port.Prefix is { } prefix:
                return AdvertiseRouter(port, prefix);
            default:
                return null;
        }
    }

    // RFC 4861 §4.4: from a router, asked for, overriding.
    private static byte[] Advertise(Router.Port port, MacAddress mac, IPv6Address to, IPv6Address target)
    {
        byte[] body = new byte[IPv6Address.Length + 8];
        target.Write(body);
        body[16] = TargetLinkLayerAddress;
        body[17] = 1;
        port.MacAddress.Write(body.AsSpan(18));
        return Message(port.MacAddress, port.LinkLocal, mac, to, Icmpv6Type.NeighborAdvertisement, 0xE000_0000, body);
    }

    // RFC 4861 §4.2, with one prefix for stateless autoconfiguration (RFC 4862).
    private static byte[] AdvertiseRouter(Router.Port port, IPv6Address prefix)
    {
        byte[] body = new byte[8 + 8 + 32];
        body[8] = SourceLinkLayerAddress;
        body[9] = 1;
        port.MacAddress.Write(body.AsSpan(10));
        Span<byte> option = body.AsSpan(16);
        option[0] = PrefixInformation;
        option[1] = 4;
        option[2] = 64;
        option[3] = 0xC0; // on-link, autonomous
        BinaryPrimitives.WriteUInt32BigEndian(option[4..], 86400);
        BinaryPrimitives.WriteUInt32BigEndian(option[8..], 86400);
        prefix.Write(option[16..]);
        return Message(
            port.MacAddress, port.LinkLocal, new MacAddress(0x3333_0000_0001), IPv6Address.Parse("ff02::1"), Icmpv6Type.RouterAdvertisement, (64u << 24) | 1800, body);
    }

    /// <summary>A frame with an ICMPv6 message as Neighbour Discovery sends it: with a hop limit of 255.</summary>
    public static byte[] Message(
        MacAddress fromMac, IPv6Address from, MacAddress toMac, IPv6Address to, Icmpv6Type type, uint parameter, ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[EthernetHeader.Length + IPv6Header.Length + IcmpHeader.Length + body.Length];
        EthernetHeader.Write(frame, toMac, fromMac, EtherType.IPv6);
        Span<byte> message = frame.AsSpan(EthernetHeader.Length + IPv6Header.Length);
        IPv6Header.Write(frame.AsSpan(EthernetHeader.Length), new IPv6Fields
        {
            Source = from,
            Destination = to,
            NextHeader = IpProtocol.Icmpv6,
            PayloadLength = message.Length,
            HopLimit = 255,
        });
        IcmpHeader.Write(message, (byte)type, 0, parameter);
        body.CopyTo(message[IcmpHeader.Length..]);
        ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(message, InternetChecksum.PseudoHeader(from, to, IpProtocol.Icmpv6, message.Length)));
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], sum);
        return frame;
    }
}

using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>Neighbour Discovery as a station by hand needs it (RFC 4861 §7.2): it answers who asks for its addresses.</summary>
public static class NeighborAnswer
{
    /// <summary>The R flag of an advertisement.</summary>
    public const uint FromRouter = 0x8000_0000;

    /// <summary>The S flag.</summary>
    public const uint Solicited = 0x4000_0000;

    /// <summary>The O flag.</summary>
    public const uint Override = 0x2000_0000;

    private const byte TargetLinkLayerAddress = 2;

    /// <summary>The answer to a frame; null when it asks for nobody here.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="mac">The station.</param>
    /// <param name="flags">Flags of the answer.</param>
    /// <param name="addresses">The station's addresses.</param>
    public static byte[]? To(ReadOnlySpan<byte> frame, MacAddress mac, uint flags, params ReadOnlySpan<IPv6Address> addresses)
    {
        if (!TryRead(frame, out IPv6Address source, out IcmpHeader icmp) || icmp.Type6 != Icmpv6Type.NeighborSolicitation
            || icmp.Body.Length < IPv6Address.Length || source == IPv6Address.Any)
        {
            return null;
        }

        IPv6Address target = IPv6Address.Read(icmp.Body);
        if (!addresses.Contains(target))
        {
            return null;
        }

        byte[] body = new byte[IPv6Address.Length + 8];
        target.Write(body);
        body[16] = TargetLinkLayerAddress;
        body[17] = 1;
        mac.Write(body.AsSpan(18));
        return Message(mac, target, MacAddress.Read(frame[6..]), source, Icmpv6Type.NeighborAdvertisement, flags, body);
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

    /// <summary>Reads an ICMPv6 message that has not crossed a router.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> frame, out IPv6Address source, out IcmpHeader icmp)
    {
        source = default;
        icmp = default;
        if (!EthernetHeader.TryParse(frame, out EthernetHeader ethernet) || ethernet.EtherType != EtherType.IPv6
            || !IPv6Header.TryParse(ethernet.Payload, out IPv6Header ip) || ip.NextHeader != IpProtocol.Icmpv6 || ip.HopLimit != 255)
        {
            return false;
        }

        source = ip.Source;
        return IcmpHeader.TryParse(ip.Payload, out icmp);
    }
}

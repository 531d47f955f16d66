using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>A router's side of Neighbour Discovery (RFC 4861): it answers solicitations for its own addresses, and those of hosts that look for a router.</summary>
internal static class RouterDiscovery
{
    private const byte SourceLinkLayerAddress = 1;
    private const byte PrefixInformation = 3;

    /// <summary>The answer to a frame that came in at a port; null when it is none that asks.</summary>
    public static byte[]? Answer(Router.Port port, ReadOnlySpan<byte> frame)
    {
        if (NeighborAnswer.TryRead(frame, out _, out IcmpHeader icmp) && icmp.Type6 == Icmpv6Type.RouterSolicitation && port.Prefix is { } prefix)
        {
            return Advertise(port, prefix);
        }

        return NeighborAnswer.To(
            frame, port.MacAddress, NeighborAnswer.FromRouter | NeighborAnswer.Solicited | NeighborAnswer.Override, port.LinkLocal, port.GlobalAddress ?? port.LinkLocal);
    }

    // RFC 4861 §4.2, with one prefix for stateless autoconfiguration (RFC 4862).
    private static byte[] Advertise(Router.Port port, IPv6Address prefix)
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
        return NeighborAnswer.Message(
            port.MacAddress, port.LinkLocal, new MacAddress(0x3333_0000_0001), IPv6Address.Parse("ff02::1"), Icmpv6Type.RouterAdvertisement, (64u << 24) | 1800, body);
    }
}

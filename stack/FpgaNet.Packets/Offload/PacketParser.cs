using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Finds out what a received frame is: tags, network and transport protocol, where their headers begin, fragments. What the card's parser
/// (hdl/rtl/rx) does, in software; the two agree on what is believed: lengths that contradict each other leave the protocol Unknown, and so
/// does a transport header in a fragment, behind a routing header with segments left, or beyond byte 255.
/// </summary>
public static class PacketParser
{
    /// <summary>Most 802.1Q and 802.1ad tags that are stepped over.</summary>
    public const int MaximumTags = 2;

    /// <summary>Parses a frame and sets what there is to know without looking at checksums: protocols, offsets, fragment, tag. The other fields stay as they are.</summary>
    /// <param name="headers">The frame's first slice, which holds all headers.</param>
    /// <param name="frameLength">Bytes in all slices together; padding may be among them.</param>
    /// <param name="offload">Receives what was found.</param>
    /// <returns>Bytes that IP carries from the transport header on, when <see cref="RxOffload.Transport"/> is known; else 0.</returns>
    public static int Parse(ReadOnlySpan<byte> headers, int frameLength, ref RxOffload offload)
    {
        offload.Network = NetworkProtocol.Unknown;
        offload.Transport = TransportProtocol.Unknown;
        offload.NetworkOffset = 0;
        offload.TransportOffset = 0;
        offload.Fragment = false;
        if (!offload.VlanStripped)
        {
            offload.HasVlan = false;
            offload.VlanTag = 0;
        }

        if (headers.Length < EthernetHeader.Length)
        {
            return 0;
        }

        EtherType type = (EtherType)BinaryPrimitives.ReadUInt16BigEndian(headers[12..]);
        int at = EthernetHeader.Length;
        for (int tags = 0; tags < MaximumTags && VlanTag.Follows(type); tags++)
        {
            if (!VlanTag.TryParse(headers[at..], out VlanTag tag, out type))
            {
                return 0;
            }

            if (!offload.HasVlan)
            {
                offload.HasVlan = true;
                offload.VlanTag = tag.Value;
            }

            at += VlanTag.Length;
        }

        ReadOnlySpan<byte> packet = headers[at..];
        switch (type)
        {
            case EtherType.IPv4 when IPv4Header.TryParse(packet, frameLength - at, out IPv4Header ip):
                offload.Network = NetworkProtocol.IPv4;
                offload.NetworkOffset = (byte)at;
                offload.Fragment = ip.IsFragment;
                return offload.Fragment ? 0 : Transport(ip.Protocol, at + ip.HeaderLength, ip.PayloadLength, ref offload);

            case EtherType.IPv6 when IPv6Header.TryParse(packet, frameLength - at, out IPv6Header ip):
                offload.Network = NetworkProtocol.IPv6;
                offload.NetworkOffset = (byte)at;
                if (!ip.TryWalkExtensions(out IPv6UpperLayer upper))
                {
                    return 0;
                }

                offload.Fragment = upper.IsFragment;
                return upper.IsFragment || upper.RoutingPending
                    ? 0
                    : Transport(upper.Protocol, at + upper.Offset, IPv6Header.Length + ip.PayloadLength - upper.Offset, ref offload);

            case EtherType.Arp when ArpPacket.TryParse(packet, out _):
                offload.Network = NetworkProtocol.Arp;
                offload.NetworkOffset = (byte)at;
                return 0;

            default:
                return 0;
        }
    }

    private static int Transport(IpProtocol protocol, int offset, int length, ref RxOffload offload)
    {
        (TransportProtocol transport, int headerLength) = (protocol, offload.Network) switch
        {
            (IpProtocol.Tcp, _) => (TransportProtocol.Tcp, TcpHeader.MinimumLength),
            (IpProtocol.Udp, _) => (TransportProtocol.Udp, UdpHeader.HeaderLength),
            (IpProtocol.Icmp, NetworkProtocol.IPv4) => (TransportProtocol.Icmp, IcmpHeader.Length),
            (IpProtocol.Icmpv6, NetworkProtocol.IPv6) => (TransportProtocol.Icmp, IcmpHeader.Length),
            _ => (TransportProtocol.Unknown, 0),
        };
        if (transport == TransportProtocol.Unknown || offset > byte.MaxValue || length < headerLength)
        {
            return 0;
        }

        offload.Transport = transport;
        offload.TransportOffset = (byte)offset;
        return length;
    }
}

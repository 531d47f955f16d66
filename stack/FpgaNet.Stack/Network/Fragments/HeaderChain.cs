using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Fragments;

/// <summary>
/// Whether a first fragment has all headers, up to and with the transport's. One that has not was made to slip past a filter: IPv4 "tiny fragments" (RFC 1858 §3,
/// RFC 3128) and their like in IPv6 (RFC 7112 §5).
/// </summary>
internal static class HeaderChain
{
    public static bool IsWhole(in Fragment fragment, in Frame frame)
    {
        ReadOnlySpan<byte> first = frame.Header.Span;
        if (fragment.PayloadOffset >= first.Length)
        {
            return false;
        }

        IpProtocol protocol = fragment.Protocol;
        int offset = fragment.PayloadOffset;
        if (!fragment.Key.Source.IsIPv4)
        {
            if (!IPv6Header.TryParse(first[fragment.NetworkOffset..], frame.Length - fragment.NetworkOffset, out IPv6Header header)
                || !header.TryWalkExtensions(out IPv6UpperLayer upper))
            {
                return false;
            }

            protocol = upper.Protocol;
            offset = fragment.NetworkOffset + upper.Offset;
        }

        int length = fragment.PayloadOffset + fragment.Length - offset;
        return protocol switch
        {
            IpProtocol.Tcp => length >= TcpHeader.MinimumLength && first.Length > offset + 12 && length >= (first[offset + 12] >> 4) * 4,
            IpProtocol.Udp => length >= UdpHeader.HeaderLength,
            IpProtocol.Icmp or IpProtocol.Icmpv6 => length >= IcmpHeader.Length,
            _ => true,
        };
    }
}

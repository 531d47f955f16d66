using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Fragments;

/// <summary>What the fragments of one datagram have in common (RFC 791 §3.2; RFC 8200 §4.5, which leaves the protocol out: it is 0 there).</summary>
internal readonly record struct FragmentKey(IpAddress Source, IpAddress Destination, uint Identification, IpProtocol Protocol);

/// <summary>A received fragment: where its parts lie in the frame, and where its bytes belong in the datagram. Offsets are in bytes from the frame's start.</summary>
internal readonly ref struct Fragment
{
    public required FragmentKey Key { get; init; }

    /// <summary>First byte of the IP header.</summary>
    public required int NetworkOffset { get; init; }

    /// <summary>First byte behind the IP header, and behind the fragment header of IPv6.</summary>
    public required int PayloadOffset { get; init; }

    /// <summary>Bytes of payload.</summary>
    public required int Length { get; init; }

    /// <summary>Where they belong.</summary>
    public required int Offset { get; init; }

    /// <summary>Further fragments follow.</summary>
    public required bool MoreFragments { get; init; }

    /// <summary>What the payload of the whole datagram is; of the first fragment alone it is sure in IPv6.</summary>
    public required IpProtocol Protocol { get; init; }

    /// <summary>The ECN field of the IP header (RFC 3168 §5): 0 to 3.</summary>
    public required byte Ecn { get; init; }

    /// <summary>Bytes behind the IP header and before the payload that go when the datagram is put together: 0, or 8 in IPv6.</summary>
    public int FragmentHeaderLength => Key.Source.IsIPv4 ? 0 : IPv6FragmentHeader.Length;

    /// <summary>Describes a fragment of IPv4.</summary>
    /// <param name="header">Its header, for which <see cref="IPv4Header.IsFragment"/> holds.</param>
    /// <param name="networkOffset">First byte of the header in the frame.</param>
    public static Fragment From(in IPv4Header header, int networkOffset) => new()
    {
        Key = new FragmentKey(header.Source, header.Destination, header.Identification, header.Protocol),
        NetworkOffset = networkOffset,
        PayloadOffset = networkOffset + header.HeaderLength,
        Length = header.PayloadLength,
        Offset = header.FragmentOffset,
        MoreFragments = header.MoreFragments,
        Protocol = header.Protocol,
        Ecn = (byte)(header.TrafficClass & 3),
    };

    /// <summary>Describes a fragment of IPv6.</summary>
    /// <param name="header">The packet's header.</param>
    /// <param name="networkOffset">First byte of the header in the frame.</param>
    /// <param name="fragmentHeaderAt">First byte of the fragment header, from the IPv6 header (<see cref="IPv6FragmentHeader.TryFind"/>).</param>
    /// <param name="fragmentHeader">The fragment header.</param>
    public static Fragment From(in IPv6Header header, int networkOffset, int fragmentHeaderAt, in IPv6FragmentHeader fragmentHeader) => new()
    {
        Key = new FragmentKey(header.Source, header.Destination, fragmentHeader.Identification, default),
        NetworkOffset = networkOffset,
        PayloadOffset = networkOffset + fragmentHeaderAt + IPv6FragmentHeader.Length,
        Length = IPv6Header.Length + header.PayloadLength - fragmentHeaderAt - IPv6FragmentHeader.Length,
        Offset = fragmentHeader.FragmentOffset,
        MoreFragments = fragmentHeader.MoreFragments,
        Protocol = fragmentHeader.NextHeader,
        Ecn = (byte)(header.TrafficClass & 3),
    };
}

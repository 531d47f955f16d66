using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// The Internet checksum (RFC 1071). A partial sum is a number that is congruent, modulo 0xFFFF, to the sum of the big-endian
/// 16-bit words seen so far; partial sums may simply be added (each call adds at most 0xFFFF to what it was given), and are zero only when all words were. The checksum of a packet is the
/// complement of the folded sum.
/// </summary>
public static class InternetChecksum
{
    /// <summary>Sums bytes; an odd last byte counts as the high half of a word.</summary>
    /// <param name="data">The bytes, at an even distance from where the sum began (see <see cref="SwapForOddOffset"/>).</param>
    /// <param name="initial">A partial sum to add to.</param>
    /// <returns>The partial sum.</returns>
    public static uint Sum(ReadOnlySpan<byte> data, uint initial = 0)
    {
        ushort native = SumKernels.Best(data);
        return initial + (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(native) : native);
    }

    /// <summary>Folds a partial sum to 16 bits with end-around carry.</summary>
    /// <param name="sum">A partial sum.</param>
    /// <returns>The sum, not complemented. A sum that is not zero does not become zero.</returns>
    public static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)(sum + (sum >> 16));
    }

    /// <summary>The checksum of a partial sum: its fold's complement. A whole packet with its right checksum inside gives 0.</summary>
    /// <param name="sum">A partial sum.</param>
    public static ushort Finish(uint sum) => (ushort)~Fold(sum);

    /// <summary>The checksum of bytes that stand alone, such as an ICMP message.</summary>
    /// <param name="data">The bytes.</param>
    public static ushort Compute(ReadOnlySpan<byte> data) => Finish(Sum(data));

    /// <summary>Turns the sum of bytes that begin at an odd distance from the start into what they contribute (RFC 1071 §2 (B): byte order independence).</summary>
    /// <param name="sum">The bytes' own partial sum.</param>
    public static uint SwapForOddOffset(uint sum) => BinaryPrimitives.ReverseEndianness(Fold(sum));

    /// <summary>Sum of the pseudo-header of TCP or UDP over IPv4 (RFC 9293 §3.1, RFC 768).</summary>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The receiver.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    /// <returns>A partial sum.</returns>
    public static uint PseudoHeader(IPv4Address source, IPv4Address destination, IpProtocol protocol, int length) =>
        (source.Value >> 16) + (source.Value & 0xFFFF) + (destination.Value >> 16) + (destination.Value & 0xFFFF)
        + (uint)protocol + ((uint)length >> 16) + ((uint)length & 0xFFFF);

    /// <summary>Sum of the pseudo-header of TCP, UDP or ICMPv6 over IPv6 (RFC 8200 §8.1).</summary>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The final receiver.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    /// <returns>A partial sum.</returns>
    public static uint PseudoHeader(IPv6Address source, IPv6Address destination, IpProtocol protocol, int length) =>
        Fold64(source.High) + Fold64(source.Low) + Fold64(destination.High) + Fold64(destination.Low)
        + (uint)protocol + ((uint)length >> 16) + ((uint)length & 0xFFFF);

    /// <summary>Sum of the pseudo-header of TCP or UDP over either family, of ICMPv6 over IPv6.</summary>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The final receiver, of the same family.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    /// <returns>A partial sum.</returns>
    public static uint PseudoHeader(IpAddress source, IpAddress destination, IpProtocol protocol, int length) =>
        source.IsIPv4 ? PseudoHeader(source.IPv4, destination.IPv4, protocol, length) : PseudoHeader(source.IPv6, destination.IPv6, protocol, length);

    /// <summary>The checksum after one 16-bit word under it changed (RFC 1624 §3, equation 3), without looking at the rest.</summary>
    /// <param name="checksum">The checksum as it was in the header.</param>
    /// <param name="oldWord">The word as it was.</param>
    /// <param name="newWord">The word as it is.</param>
    public static ushort Update(ushort checksum, ushort oldWord, ushort newWord) =>
        (ushort)~Fold((uint)(ushort)~checksum + (ushort)~oldWord + newWord);

    private static uint Fold64(ulong words) =>
        (uint)((words >> 48) + (words >> 32 & 0xFFFF) + (words >> 16 & 0xFFFF) + (words & 0xFFFF));
}

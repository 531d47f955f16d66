using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>ICMP error messages about a packet, as a router or a host on the way would send them: whole IP packets.</summary>
public static class IcmpError
{
    /// <summary>RFC 792, RFC 1191 §4. It quotes as much as fits in 576 bytes (RFC 1812 §4.3.2.3).</summary>
    /// <param name="from">Who tells.</param>
    /// <param name="packet">The IPv4 packet that it is about.</param>
    /// <param name="type">Type.</param>
    /// <param name="code">Code.</param>
    /// <param name="parameter">Bytes 4 to 7: the MTU of the next hop for "fragmentation needed".</param>
    public static byte[] Version4(IPv4Address from, ReadOnlySpan<byte> packet, byte type, byte code, uint parameter)
    {
        ReadOnlySpan<byte> quote = packet[..Math.Min(packet.Length, 576 - IPv4Header.MinimumLength - IcmpHeader.Length)];
        byte[] error = new byte[IPv4Header.MinimumLength + IcmpHeader.Length + quote.Length];
        IPv4Header.Write(error, new IPv4Fields
        {
            Source = from,
            Destination = IPv4Address.Read(packet[12..]),
            Protocol = IpProtocol.Icmp,
            PayloadLength = error.Length - IPv4Header.MinimumLength,
            TimeToLive = 64,
        });
        Span<byte> message = error.AsSpan(IPv4Header.MinimumLength);
        IcmpHeader.Write(message, type, code, parameter);
        quote.CopyTo(message[IcmpHeader.Length..]);
        Finish(message, InternetChecksum.Compute(message));
        return error;
    }

    /// <summary>RFC 4443 §3. It quotes as much as fits in 1280 bytes.</summary>
    /// <param name="from">Who tells.</param>
    /// <param name="packet">The IPv6 packet that it is about.</param>
    /// <param name="type">Type.</param>
    /// <param name="code">Code.</param>
    /// <param name="parameter">Bytes 4 to 7: the MTU for "packet too big".</param>
    public static byte[] Version6(IPv6Address from, ReadOnlySpan<byte> packet, byte type, byte code, uint parameter)
    {
        ReadOnlySpan<byte> quote = packet[..Math.Min(packet.Length, 1280 - IPv6Header.Length - IcmpHeader.Length)];
        byte[] error = new byte[IPv6Header.Length + IcmpHeader.Length + quote.Length];
        IPv6Address to = IPv6Address.Read(packet[8..]);
        IPv6Header.Write(error, new IPv6Fields
        {
            Source = from,
            Destination = to,
            NextHeader = IpProtocol.Icmpv6,
            PayloadLength = error.Length - IPv6Header.Length,
            HopLimit = 64,
        });
        Span<byte> message = error.AsSpan(IPv6Header.Length);
        IcmpHeader.Write(message, type, code, parameter);
        quote.CopyTo(message[IcmpHeader.Length..]);
        Finish(message, InternetChecksum.Finish(InternetChecksum.Sum(message, InternetChecksum.PseudoHeader(from, to, IpProtocol.Icmpv6, message.Length))));
        return error;
    }

    private static void Finish(Span<byte> message, ushort checksum)
    {
        message[IcmpHeader.ChecksumOffset] = (byte)(checksum >> 8);
        message[IcmpHeader.ChecksumOffset + 1] = (byte)checksum;
    }
}

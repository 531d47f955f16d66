using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Finds out about received frames what a device has not: checksum verdicts and the Toeplitz hash. What the device did find stands; only
/// what it left Unknown is worked out. Used by one thread at a time.
/// </summary>
public sealed class ReceiveInspector
{
    private readonly ToeplitzHash _hash;
    private readonly OffloadStatistics _work;

    /// <summary>Makes an inspector.</summary>
    /// <param name="hash">The hash and its key.</param>
    /// <param name="work">Where the work is counted.</param>
    public ReceiveInspector(ToeplitzHash hash, OffloadStatistics work)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(work);
        _hash = hash;
        _work = work;
    }

    /// <summary>Completes what is known of a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="offload">What is known; receives the rest.</param>
    /// <param name="features"><see cref="OffloadFeatures.RxChecksum"/> and <see cref="OffloadFeatures.RxHash"/> say what is wanted.</param>
    public void Inspect(in Frame frame, ref RxOffload offload, OffloadFeatures features)
    {
        bool wantsChecksum = (features & OffloadFeatures.RxChecksum) != OffloadFeatures.None
            && (offload.TransportChecksum == ChecksumVerdict.Unknown
                || (offload.NetworkChecksum == ChecksumVerdict.Unknown && offload.Network != NetworkProtocol.IPv6));
        bool wantsHash = (features & OffloadFeatures.RxHash) != OffloadFeatures.None && offload.HashType == RssHashType.None;
        if (frame.SliceCount == 0 || !(wantsChecksum || wantsHash))
        {
            return;
        }

        ReadOnlySpan<byte> headers = frame.Header.Span;
        int length = PacketParser.Parse(headers, frame.Length, ref offload);
        if (wantsChecksum)
        {
            Verify(frame, headers, length, ref offload);
        }

        if (wantsHash)
        {
            Hash(headers, ref offload);
        }
    }

    private void Verify(in Frame frame, ReadOnlySpan<byte> headers, int length, ref RxOffload offload)
    {
        ReadOnlySpan<byte> packet = headers[offload.NetworkOffset..];
        if (offload.Network == NetworkProtocol.IPv4 && offload.NetworkChecksum == ChecksumVerdict.Unknown)
        {
            VerifyNetwork(packet, ref offload);
        }

        if (offload.TransportChecksum != ChecksumVerdict.Unknown || offload.Transport is not (TransportProtocol.Tcp or TransportProtocol.Udp))
        {
            return;
        }

        if (offload.Transport == TransportProtocol.Udp)
        {
            if (!UdpHeader.TryParse(headers[offload.TransportOffset..], length, out UdpHeader udp))
            {
                return;
            }

            if (udp.Checksum == 0)
            {
                // RFC 768: none was computed. RFC 8200 §8.1: not allowed over IPv6.
                offload.TransportChecksum = offload.Network == NetworkProtocol.IPv6 ? ChecksumVerdict.Bad : ChecksumVerdict.Unknown;
                _work.ChecksumsBad += offload.Network == NetworkProtocol.IPv6 ? 1UL : 0UL;
                return;
            }

            length = udp.Length;
        }

        IpProtocol protocol = offload.Transport == TransportProtocol.Udp ? IpProtocol.Udp : IpProtocol.Tcp;
        VerifyTransport(frame, offload.Network == NetworkProtocol.IPv4, packet, protocol, offload.TransportOffset, length, ref offload);
    }

    /// <summary>Verifies the checksum of an IPv4 header that was parsed before.</summary>
    /// <param name="packet">The packet's front, with the whole header.</param>
    /// <param name="offload">Receives the verdict.</param>
    internal void VerifyNetwork(ReadOnlySpan<byte> packet, ref RxOffload offload) =>
        JudgeNetwork(IPv4Header.SumHeader(packet[..((packet[0] & 0xF) * 4)]) == 0xFFFF, ref offload);

    /// <summary>Notes and counts what an IPv4 header's checksum was found to be.</summary>
    internal void JudgeNetwork(bool good, ref RxOffload offload)
    {
        offload.NetworkChecksum = good ? ChecksumVerdict.Good : ChecksumVerdict.Bad;
        _work.NetworkChecksumsVerified++;
        _work.NetworkChecksumsBad += good ? 0UL : 1UL;
    }

    /// <summary>Verifies a TCP or UDP checksum.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="isIPv4">Which pseudo-header it is.</param>
    /// <param name="packet">The packet's front, with the whole IP header.</param>
    /// <param name="protocol">The protocol in the pseudo-header.</param>
    /// <param name="transportOffset">First byte of the transport header, from the frame's start.</param>
    /// <param name="length">Bytes of transport header and payload.</param>
    /// <param name="offload">Receives the verdict.</param>
    internal void VerifyTransport(
        in Frame frame, bool isIPv4, ReadOnlySpan<byte> packet, IpProtocol protocol, int transportOffset, int length, ref RxOffload offload)
    {
        uint sum = isIPv4
            ? InternetChecksum.PseudoHeader(IPv4Address.Read(packet[12..]), IPv4Address.Read(packet[16..]), protocol, length)
            : InternetChecksum.PseudoHeader(IPv6Address.Read(packet[8..]), IPv6Address.Read(packet[24..]), protocol, length);
        JudgeTransport(FrameChecksum.Sum(frame, transportOffset, length, sum), length, ref offload);
    }

    /// <summary>Judges and counts a TCP or UDP checksum by the sum of everything under it, pseudo-header and checksum included.</summary>
    internal void JudgeTransport(uint sum, int length, ref RxOffload offload)
    {
        bool good = InternetChecksum.Finish(sum) == 0;
        offload.TransportChecksum = good ? ChecksumVerdict.Good : ChecksumVerdict.Bad;
        _work.ChecksumsVerified++;
        _work.ChecksumsBad += good ? 0UL : 1UL;
        _work.BytesSummed += (ulong)length;
    }

    private void Hash(ReadOnlySpan<byte> headers, ref RxOffload offload)
    {
        if (offload.Network is not (NetworkProtocol.IPv4 or NetworkProtocol.IPv6))
        {
            return;
        }

        // Addresses of both versions stand one behind the other; so do the ports of TCP and UDP.
        bool ports = offload.Transport is TransportProtocol.Tcp or TransportProtocol.Udp
            && headers.Length >= offload.TransportOffset + 4;
        ReadOnlySpan<byte> packet = headers[offload.NetworkOffset..];
        if (offload.Network == NetworkProtocol.IPv4)
        {
            IPv4Address source = IPv4Address.Read(packet[12..]);
            IPv4Address destination = IPv4Address.Read(packet[16..]);
            if (ports)
            {
                ushort sourcePort = BinaryPrimitives.ReadUInt16BigEndian(headers[offload.TransportOffset..]);
                ushort destinationPort = BinaryPrimitives.ReadUInt16BigEndian(headers[(offload.TransportOffset + 2)..]);
                offload.Hash = _hash.Compute(source, destination, sourcePort, destinationPort);
            }
            else
            {
                offload.Hash = _hash.Compute(source, destination);
            }
        }
        else
        {
            Span<byte> input = stackalloc byte[(2 * IPv6Address.Length) + 4];
            packet.Slice(8, 2 * IPv6Address.Length).CopyTo(input);
            if (ports)
            {
                headers.Slice(offload.TransportOffset, 4).CopyTo(input[(2 * IPv6Address.Length)..]);
            }

            offload.Hash = _hash.Compute(ports ? input : input[..(2 * IPv6Address.Length)]);
        }

        offload.HashType = (offload.Network, ports ? offload.Transport : TransportProtocol.Unknown) switch
        {
            (NetworkProtocol.IPv4, TransportProtocol.Tcp) => RssHashType.TcpIPv4,
            (NetworkProtocol.IPv4, TransportProtocol.Udp) => RssHashType.UdpIPv4,
            (NetworkProtocol.IPv4, _) => RssHashType.IPv4,
            (_, TransportProtocol.Tcp) => RssHashType.TcpIPv6,
            (_, TransportProtocol.Udp) => RssHashType.UdpIPv6,
            _ => RssHashType.IPv6,
        };
        _work.Hashes++;
    }
}

using System.Buffers.Binary;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>How far the card came in a frame's headers: field Headers of RxCompletion.</summary>
internal enum HeaderWalk
{
    AllKnown = 0,
    OtherNetwork = 1,
    Malformed = 2,
    TooDeep = 3,
}

/// <summary>What a receive completion says: format RxCompletion, unpacked.</summary>
internal sealed record RxFindings
{
    public int Length { get; init; }

    public uint Hash { get; init; }

    public NetworkProtocol Network { get; init; }

    public TransportProtocol Transport { get; init; }

    public RssHashType HashType { get; init; }

    public ChecksumVerdict NetworkChecksum { get; init; }

    public ChecksumVerdict TransportChecksum { get; init; }

    public int NetworkOffset { get; init; }

    public int TransportOffset { get; init; }

    public int? VlanTag { get; init; }

    public bool Fragment { get; init; }

    public HeaderWalk Headers { get; init; }

    public bool InnerVlan { get; init; }

    public bool VlanStripped { get; init; }

    public int Queue { get; init; }

    /// <summary>FlowId, where the flow table has the frame's flow.</summary>
    public int? FlowId { get; init; }

    /// <summary>Unpacks the eight words, and fails the test when a field that this version does not use is not 0.</summary>
    public static RxFindings Unpack(ReadOnlySpan<uint> words)
    {
        Assert.AreEqual(8, words.Length);
        Assert.AreEqual(0u, words[0] & 0xFFFF, "RingPosition");
        bool matched = (words[3] >> 19 & 1) != 0;
        Assert.AreEqual(0u, words[3] & 0xF080_0000, "reserved");
        Assert.AreEqual(0u, words[7], "what is the host interface's");
        Assert.AreEqual(0u, matched ? words[6] >> 16 : words[6], "flow id without a flow, coalesced segments");
        return new RxFindings
        {
            Length = (int)(words[0] >> 16),
            Hash = words[1],
            Network = (NetworkProtocol)(words[2] & 15),
            Transport = (TransportProtocol)((words[2] >> 4) & 15),
            HashType = (RssHashType)((words[2] >> 8) & 15),
            NetworkChecksum = (ChecksumVerdict)((words[2] >> 12) & 3),
            TransportChecksum = (ChecksumVerdict)((words[2] >> 14) & 3),
            NetworkOffset = (int)((words[2] >> 16) & 0xFF),
            TransportOffset = (int)(words[2] >> 24),
            VlanTag = (words[3] >> 16 & 1) != 0 ? (int)(words[3] & 0xFFFF) : null,
            Fragment = (words[3] >> 17 & 1) != 0,
            VlanStripped = (words[3] >> 18 & 1) != 0,
            Headers = (HeaderWalk)(words[3] >> 20 & 3),
            InnerVlan = (words[3] >> 22 & 1) != 0,
            Queue = (int)(words[3] >> 24 & 15),
            FlowId = matched ? (int)(words[6] & 0xFFFF) : null,
        };
    }
}

/// <summary>The receive path as one reads it in the RFCs: the whole frame at hand, one byte after the other. The card must say the same.</summary>
internal sealed class RxReference
{
    private const int MaxExtensionHeaders = 4;

    public byte[] Key { get; init; } = new byte[40];

    /// <summary>Register HashTypes.</summary>
    public uint HashTypes { get; init; } = 0x7E;

    public bool ChecksumEnable { get; init; } = true;

    public bool HashEnable { get; init; } = true;

    /// <summary>The Toeplitz hash by its definition: every set bit of the input adds the 32 key bits that begin at its place.</summary>
    public static uint Toeplitz(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input)
    {
        uint hash = 0;
        for (int bit = 0; bit < input.Length * 8; bit++)
        {
            if ((input[bit / 8] >> (7 - (bit % 8)) & 1) == 0)
            {
                continue;
            }

            for (int i = 0; i < 32; i++)
            {
                int at = bit + i;
                hash ^= (uint)(key[at / 8] >> (7 - (at % 8)) & 1) << (31 - i);
            }
        }

        return hash;
    }

    /// <summary>Ones' complement sum of 16-bit words, folded (RFC 1071).</summary>
    public static int Sum(ReadOnlySpan<byte> data, int initial = 0)
    {
        int sum = initial;
        for (int i = 0; i < data.Length; i++)
        {
            sum += i % 2 == 0 ? data[i] << 8 : data[i];
        }

        while (sum > 0xFFFF)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return sum;
    }

    public RxFindings Examine(ReadOnlySpan<byte> frame)
    {
        RxFindings found = new() { Length = frame.Length, Headers = HeaderWalk.OtherNetwork };
        if (frame.Length < 14)
        {
            return found;
        }

        int type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        int at = 14;
        for (int tags = 0; tags < 2 && type is 0x8100 or 0x88A8; tags++)
        {
            if (frame.Length < at + 4)
            {
                return found;
            }

            found = found with { VlanTag = found.VlanTag ?? BinaryPrimitives.ReadUInt16BigEndian(frame[at..]) };
            type = BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 2)..]);
            at += 4;
            found = found with { InnerVlan = type is 0x8100 or 0x88A8 || found.InnerVlan };
        }

        ReadOnlySpan<byte> packet = frame[at..];
        found = found with { Headers = type is 0x0800 or 0x0806 or 0x86DD ? HeaderWalk.Malformed : HeaderWalk.OtherNetwork };
        return type switch
        {
            0x0806 when packet.Length >= 28 => found with { Network = NetworkProtocol.Arp, NetworkOffset = at, Headers = HeaderWalk.AllKnown },
            0x0800 => ExamineIPv4(found, packet, at),
            0x86DD => ExamineIPv6(found, packet, at),
            _ => found,
        };
    }

    private RxFindings ExamineIPv4(RxFindings found, ReadOnlySpan<byte> packet, int offset)
    {
        if (packet.Length < 20 || packet[0] >> 4 != 4)
        {
            return found;
        }

        int header = (packet[0] & 15) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (header < 20 || total < header || total > packet.Length)
        {
            return found;
        }

        bool fragment = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0;
        found = found with
        {
            Network = NetworkProtocol.IPv4,
            NetworkOffset = offset,
            Headers = HeaderWalk.AllKnown,
            Fragment = fragment,
            NetworkChecksum = !ChecksumEnable ? ChecksumVerdict.Unknown : Sum(packet[..header]) == 0xFFFF ? ChecksumVerdict.Good : ChecksumVerdict.Bad,
        };
        int protocol = packet[9] == 58 ? -1 : packet[9];
        return ExamineTransport(found, fragment ? -1 : protocol, packet[12..20], packet[header..total], offset + header);
    }

    private RxFindings ExamineIPv6(RxFindings found, ReadOnlySpan<byte> packet, int offset)
    {
        if (packet.Length < 40 || packet[0] >> 4 != 6)
        {
            return found;
        }

        int end = 40 + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (end > packet.Length)
        {
            return found;
        }

        found = found with { Network = NetworkProtocol.IPv6, NetworkOffset = offset, Headers = HeaderWalk.AllKnown };
        int at = 40;
        int next = packet[6];
        for (int depth = 0; next is 0 or 43 or 44 or 60; depth++)
        {
            bool misplaced = next == 0 && depth != 0;
            if (depth == MaxExtensionHeaders || misplaced || at + 8 > end)
            {
                found = found with { Headers = depth == MaxExtensionHeaders && !misplaced ? HeaderWalk.TooDeep : HeaderWalk.Malformed };
                next = -1;
                break;
            }

            int length = next == 44 ? 8 : (packet[at + 1] + 1) * 8;
            if (next == 44 && (BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]) & 0xFFF9) != 0)
            {
                found = found with { Fragment = true };
            }

            bool elsewhere = found.Fragment || (next == 43 && packet[at + 3] != 0);
            if (elsewhere || at + length > end)
            {
                found = found with { Headers = elsewhere ? found.Headers : HeaderWalk.Malformed };
                next = -1;
                break;
            }

            next = packet[at];
            at += length;
        }

        if (next == 1)
        {
            next = -1; // ICMP belongs to IPv4
        }

        return ExamineTransport(found, next == 58 ? 1 : next, packet[8..40], packet[at..end], offset + at);
    }

    /// <param name="found">What the network layer showed.</param>
    /// <param name="protocol">6, 17 or 1 (ICMP of the packet's own IP version); anything else is unknown.</param>
    /// <param name="addresses">Source and destination.</param>
    /// <param name="payload">What IP carries.</param>
    /// <param name="offset">Its place in the frame.</param>
    private RxFindings ExamineTransport(RxFindings found, int protocol, ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> payload, int offset)
    {
        TransportProtocol transport = protocol switch
        {
            6 when payload.Length >= 20 => TransportProtocol.Tcp,
            17 when payload.Length >= 8 => TransportProtocol.Udp,
            1 when payload.Length >= 8 => TransportProtocol.Icmp,
            _ => TransportProtocol.Unknown,
        };
        if (transport == TransportProtocol.Unknown && protocol is (6 or 17 or 1))
        {
            found = found with { Headers = HeaderWalk.Malformed };
        }

        if (offset > 255 && transport != TransportProtocol.Unknown)
        {
            found = found with { Headers = HeaderWalk.TooDeep };
            transport = TransportProtocol.Unknown;
        }

        bool v4 = found.Network == NetworkProtocol.IPv4;
        ChecksumVerdict verdict = ChecksumVerdict.Unknown;
        if (ChecksumEnable && transport is TransportProtocol.Tcp or TransportProtocol.Udp)
        {
            bool right = Sum(payload, Sum(addresses, payload.Length + protocol)) == 0xFFFF;
            verdict = right ? ChecksumVerdict.Good : ChecksumVerdict.Bad;
            if (transport == TransportProtocol.Udp)
            {
                if (BinaryPrimitives.ReadUInt16BigEndian(payload[6..]) == 0)
                {
                    verdict = v4 ? ChecksumVerdict.Unknown : ChecksumVerdict.Bad; // RFC 768; RFC 8200 §8.1
                }

                if (BinaryPrimitives.ReadUInt16BigEndian(payload[4..]) != payload.Length)
                {
                    verdict = ChecksumVerdict.Unknown;
                }
            }
        }

        RssHashType byAddresses = v4 ? RssHashType.IPv4 : RssHashType.IPv6;
        RssHashType byPorts = transport switch
        {
            TransportProtocol.Tcp => v4 ? RssHashType.TcpIPv4 : RssHashType.TcpIPv6,
            TransportProtocol.Udp => v4 ? RssHashType.UdpIPv4 : RssHashType.UdpIPv6,
            _ => RssHashType.None,
        };
        RssHashType type = Wanted(byPorts) ? byPorts : Wanted(byAddresses) ? byAddresses : RssHashType.None;
        return found with
        {
            Transport = transport,
            TransportOffset = transport == TransportProtocol.Unknown ? 0 : offset,
            TransportChecksum = verdict,
            HashType = type,
            Hash = type == RssHashType.None ? 0 : Toeplitz(Key, type == byPorts ? [.. addresses, .. payload[..4]] : addresses),
        };
    }

    private bool Wanted(RssHashType type) => HashEnable && type != RssHashType.None && (HashTypes >> (int)type & 1) != 0;
}

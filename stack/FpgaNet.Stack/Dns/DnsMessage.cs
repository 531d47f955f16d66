using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Dns;

/// <summary>What a server says of a query (RFC 1035 §4.1.1).</summary>
internal enum DnsResponseCode
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,

    /// <summary>The name does not exist.</summary>
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
}

/// <summary>DNS messages (RFC 1035 §4): questions written, answers read.</summary>
internal sealed record DnsMessage
{
    /// <summary>Bytes in the header.</summary>
    public const int HeaderLength = 12;

    /// <summary>Most bytes of a question with its EDNS record.</summary>
    public const int MaximumQueryLength = HeaderLength + DomainName.MaximumLength + 4 + 11;

    /// <summary>Largest answer over UDP that is asked for: what fits every link (the advice of DNS Flag Day 2020).</summary>
    public const int UdpPayloadSize = 1232;

    private const ushort InternetClass = 1;
    private const ushort ResponseFlag = 0x8000;
    private const ushort TruncatedFlag = 0x0200;
    private const ushort RecursionDesiredFlag = 0x0100;
    private const int OpcodeMask = 0x7800;

    // An answer of 64 KB could have thousands of records; nobody wants those.
    private const int MaximumRecords = 512;

    private static readonly TimeSpan s_longestTimeToLive = TimeSpan.FromDays(7); // RFC 8767 §4

    /// <summary>The number of the query.</summary>
    public required ushort Id { get; init; }

    /// <summary>The answer did not fit.</summary>
    public required bool IsTruncated { get; init; }

    /// <summary>How it went.</summary>
    public required DnsResponseCode Code { get; init; }

    /// <summary>The question's name, as the server repeats it; null: it does not.</summary>
    public required string? QuestionName { get; init; }

    /// <summary>The question's type.</summary>
    public required DnsRecordType QuestionType { get; init; }

    /// <summary>The answer, records of other types left out.</summary>
    public required IReadOnlyList<DnsRecord> Answers { get; init; }

    /// <summary>Of the authority section, the start of the zone.</summary>
    public required DnsRecord? StartOfAuthority { get; init; }

    /// <summary>Writes a question (RFC 1035 §4.1.1, §4.1.2), with the EDNS record (RFC 6891 §6.1.2) when <paramref name="extended"/>.</summary>
    /// <returns>Bytes written; 0: the name is none.</returns>
    public static int WriteQuery(Span<byte> message, ushort id, string name, DnsRecordType type, bool extended)
    {
        message[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], RecursionDesiredFlag);
        message[5] = 1; // one question
        if (!DomainName.TryWrite(name, message[HeaderLength..], out int length))
        {
            return 0;
        }

        length += HeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(message[(length + 2)..], InternetClass);
        length += 4;
        if (extended)
        {
            message[11] = 1; // one additional record
            Span<byte> record = message.Slice(length, 11);
            record.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(record[1..], (ushort)DnsRecordType.OPT);
            BinaryPrimitives.WriteUInt16BigEndian(record[3..], UdpPayloadSize);
            length += record.Length;
        }

        return length;
    }

    /// <summary>Reads an answer.</summary>
    /// <returns>Whether it is one, and whole as far as it is used.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DnsMessage? answer)
    {
        answer = null;
        if (message.Length < HeaderLength)
        {
            return false;
        }

        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        int questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        if ((flags & ResponseFlag) == 0 || (flags & OpcodeMask) != 0 || questions > 1)
        {
            return false;
        }

        int at = HeaderLength;
        string? questionName = null;
        DnsRecordType questionType = default;
        if (questions == 1)
        {
            if (!DomainName.TryRead(message, ref at, out questionName) || message.Length - at < 4)
            {
                return false;
            }

            questionType = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) != InternetClass)
            {
                return false;
            }

            at += 4;
        }

        // What is cut off at the end of a truncated answer is asked for again: nothing of it is read.
        bool truncated = (flags & TruncatedFlag) != 0;
        List<DnsRecord> answers = [];
        List<DnsRecord> authority = [];
        if (!truncated
            && (!TryReadRecords(message, ref at, BinaryPrimitives.ReadUInt16BigEndian(message[6..]), answers)
                || !TryReadRecords(message, ref at, BinaryPrimitives.ReadUInt16BigEndian(message[8..]), authority)))
        {
            return false;
        }

        answer = new DnsMessage
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(message),
            IsTruncated = truncated,
            Code = (DnsResponseCode)(flags & 0xF),
            QuestionName = questionName,
            QuestionType = questionType,
            Answers = answers,
            StartOfAuthority = authority.Find(static record => record is StartOfAuthorityRecord),
        };
        return true;
    }

    private static bool TryReadRecords(ReadOnlySpan<byte> message, ref int at, int count, List<DnsRecord> records)
    {
        if (count > MaximumRecords)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (!DomainName.TryRead(message, ref at, out string? name) || message.Length - at < 10)
            {
                return false;
            }

            DnsRecordType type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            ushort recordClass = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            TimeSpan timeToLive = TimeToLive(BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]));
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (message.Length - at < length)
            {
                return false;
            }

            // A name in the data may point to the whole of the message in front of it, but must end with the data.
            if (recordClass == InternetClass)
            {
                if (!TryRead(message[..(at + length)], at, name, type, timeToLive, out DnsRecord? record))
                {
                    return false;
                }

                if (record is not null)
                {
                    records.Add(record);
                }
            }

            at += length;
        }

        return true;
    }

    // RFC 2181 §8: more than 31 bits mean none.
    private static TimeSpan TimeToLive(uint seconds)
    {
        TimeSpan time = TimeSpan.FromSeconds(seconds > int.MaxValue ? 0 : seconds);
        return time < s_longestTimeToLive ? time : s_longestTimeToLive;
    }

    private static bool TryRead(ReadOnlySpan<byte> message, int at, string name, DnsRecordType type, TimeSpan timeToLive, out DnsRecord? record)
    {
        record = null;
        ReadOnlySpan<byte> data = message[at..];
        switch (type)
        {
            case DnsRecordType.A:
                record = data.Length == IPv4Address.Length ? new AddressRecord(name, type, timeToLive, IPv4Address.Read(data)) : null;
                return record is not null;

            case DnsRecordType.AAAA:
                record = data.Length == IPv6Address.Length ? new AddressRecord(name, type, timeToLive, IPv6Address.Read(data)) : null;
                return record is not null;

            case DnsRecordType.CNAME or DnsRecordType.PTR or DnsRecordType.NS:
                record = TryReadLastName(message, at, out string? target) ? new NameRecord(name, type, timeToLive, target) : null;
                return record is not null;

            case DnsRecordType.MX:
                record = data.Length > 2 && TryReadLastName(message, at + 2, out string? exchange)
                    ? new MailExchangeRecord(name, timeToLive, BinaryPrimitives.ReadUInt16BigEndian(data), exchange)
                    : null;
                return record is not null;

            case DnsRecordType.SRV:
                record = data.Length > 6 && TryReadLastName(message, at + 6, out string? host)
                    ? new ServiceRecord(
                        name, timeToLive, BinaryPrimitives.ReadUInt16BigEndian(data), BinaryPrimitives.ReadUInt16BigEndian(data[2..]),
                        BinaryPrimitives.ReadUInt16BigEndian(data[4..]), host)
                    : null;
                return record is not null;

            case DnsRecordType.TXT:
                record = TryReadStrings(data, out List<string>? strings) ? new TextRecord(name, timeToLive, strings) : null;
                return record is not null;

            case DnsRecordType.SOA:
                // Two names, then serial, refresh, retry, expire and the bound of negative answers.
                if (!DomainName.TryRead(message, ref at, out _) || !DomainName.TryRead(message, ref at, out _) || message.Length - at != 20)
                {
                    return false;
                }

                TimeSpan minimum = TimeToLive(BinaryPrimitives.ReadUInt32BigEndian(message[(at + 16)..]));
                record = new StartOfAuthorityRecord(name, minimum < timeToLive ? minimum : timeToLive); // RFC 2308 §5
                return true;

            default:
                return true;
        }
    }

    private static bool TryReadLastName(ReadOnlySpan<byte> message, int at, [NotNullWhen(true)] out string? name) =>
        DomainName.TryRead(message, ref at, out name) && at == message.Length;

    private static bool TryReadStrings(ReadOnlySpan<byte> data, [NotNullWhen(true)] out List<string>? strings)
    {
        strings = [];
        while (!data.IsEmpty)
        {
            if (data[0] >= data.Length)
            {
                strings = null;
                return false;
            }

            strings.Add(Encoding.Latin1.GetString(data.Slice(1, data[0])));
            data = data[(1 + data[0])..];
        }

        return true;
    }
}

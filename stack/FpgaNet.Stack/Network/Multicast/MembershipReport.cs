using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Multicast;

/// <summary>How the membership protocols reach the link.</summary>
internal interface IMembershipLink
{
    /// <summary>Most bytes of a message behind the IP header and its router alert.</summary>
    int MaximumMessageLength { get; }

    /// <summary>
    /// Sends a message with TTL or hop limit 1 and the router alert option (RFC 3376 §4, RFC 3810 §5); fills in its checksum, which lies at offset 2 and is zero.
    /// </summary>
    void SendMembership(IpAddress destination, Span<byte> message);
}

/// <summary>Collects group records into reports of the newer versions and sends each one that is full (RFC 3376 §4.2, RFC 3810 §5.2).</summary>
internal sealed class MembershipReport
{
    private const int HeaderLength = 8;

    private readonly MembershipProtocol _protocol;
    private readonly IMembershipLink _link;
    private readonly byte[] _message;
    private int _length;
    private int _records;

    public MembershipReport(MembershipProtocol protocol, IMembershipLink link)
    {
        _protocol = protocol;
        _link = link;
        _message = new byte[link.MaximumMessageLength];
        Clear();
    }

    private int RecordLength => 4 + _protocol.AddressLength;

    /// <summary>Adds a record.</summary>
    public void Add(GroupRecordType type, IpAddress group, IReadOnlyList<IpAddress> sources)
    {
        int from = 0;
        do
        {
            int fits = (_message.Length - _length - RecordLength) / _protocol.AddressLength;
            if (_message.Length - _length < RecordLength || (fits < sources.Count - from && _records != 0))
            {
                Send();
                continue;
            }

            int count = Math.Min(fits, sources.Count - from);
            Write(type, group, sources, from, count);
            from += count;

            // RFC 3376 §4.2.16: a list of excluded sources is not split but cut short, which only brings some packets too many.
            if (type is GroupRecordType.ModeIsExclude or GroupRecordType.ChangeToExclude)
            {
                return;
            }
        }
        while (from < sources.Count);
    }

    /// <summary>Sends what was collected.</summary>
    public void Send()
    {
        if (_records != 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_message.AsSpan(6), (ushort)_records);
            _link.SendMembership(_protocol.Reports, _message.AsSpan(0, _length));
            Clear();
        }
    }

    private void Write(GroupRecordType type, IpAddress group, IReadOnlyList<IpAddress> sources, int from, int count)
    {
        Span<byte> record = _message.AsSpan(_length);
        record[0] = (byte)type;
        record[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)count);
        _protocol.WriteAddress(group, record[4..]);
        for (int i = 0; i < count; i++)
        {
            _protocol.WriteAddress(sources[from + i], record[(RecordLength + (i * _protocol.AddressLength))..]);
        }

        _length += RecordLength + (count * _protocol.AddressLength);
        _records++;
    }

    private void Clear()
    {
        _message.AsSpan(0, HeaderLength).Clear();
        _message[0] = _protocol.ThirdReportType;
        _length = HeaderLength;
        _records = 0;
    }
}

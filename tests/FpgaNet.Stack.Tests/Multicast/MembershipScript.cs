using System.Buffers.Binary;
using System.Globalization;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Multicast;
using FpgaNet.Stack.Time;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Multicast;

/// <summary>
/// An interface's memberships and the router that hears of them, as a conversation: what was sent is written as text. Groups are g1, g2 ..., sources s1, s2 ..., of the
/// family under test.
/// </summary>
internal sealed class MembershipScript : IMembershipLink
{
    private readonly MembershipProtocol _protocol;
    private readonly List<string> _sent = [];

    public MembershipScript(bool ipv4, int maximumMessageLength = 1400, int maximumGroups = 64, int maximumSources = 64)
    {
        _protocol = ipv4 ? MembershipProtocol.Igmp : MembershipProtocol.Mld;
        MaximumMessageLength = maximumMessageLength;
        Membership = new GroupMembership(_protocol, this, TestSeed.Random(), maximumGroups, maximumSources);
    }

    public GroupMembership Membership { get; }

    public int MaximumMessageLength { get; }

    public Instant Now { get; private set; } = new(1_000_000_000);

    public IpAddress Group(int number) => _protocol.IsIPv4
        ? new IPv4Address(0xEF01_0100u + (uint)number)
        : new IPv6Address(((UInt128)0xFF15 << 112) + (UInt128)number);

    public IpAddress Source(int number) => _protocol.IsIPv4
        ? new IPv4Address(0xC000_0200u + (uint)number)
        : new IPv6Address(((UInt128)0x2001_0DB8 << 96) + (UInt128)number);

    public IpAddress[] Sources(string names) => [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => Source(int.Parse(name.AsSpan(1), CultureInfo.InvariantCulture)))];

    /// <summary>A user's wish: <c>"ex"</c> or <c>"in s1 s2"</c>.</summary>
    public bool Listen(object user, int group, string filter) => Membership.Listen(
        user, Group(group), new SourceFilter(filter.StartsWith("in", StringComparison.Ordinal) ? FilterMode.Include : FilterMode.Exclude, Sources(filter[2..])), Now);

    /// <summary>Time passes, and what is due happens when it is due.</summary>
    public void Pass(TimeSpan time)
    {
        Instant end = Now + time;
        while (Membership.Next <= end)
        {
            Now = Membership.Next > Now ? Membership.Next : Now;
            Membership.Run(Now);
        }

        Now = end;
    }

    /// <summary>What was sent since the last time, one string a message: version or type, then records.</summary>
    public void Expect(params string[] messages)
    {
        Assert.AreEqual(string.Join(" | ", messages), string.Join(" | ", _sent));
        _sent.Clear();
    }

    /// <summary>What was sent so far is not looked at.</summary>
    public void Forget() => _sent.Clear();

    public int SentCount => _sent.Count;

    /// <summary>A query of the newest version; group 0: general.</summary>
    public void Query(int group = 0, string sources = "", int delayCode = 10, int robustness = 2, int interval = 125)
    {
        IpAddress[] list = Sources(sources);
        byte[] message = new byte[_protocol.ShortLength + 4 + (list.Length * _protocol.AddressLength)];
        WriteQueryHead(message, group, delayCode);
        Span<byte> rest = message.AsSpan(_protocol.ShortLength);
        rest[0] = (byte)robustness;
        rest[1] = (byte)interval;
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)list.Length);
        for (int i = 0; i < list.Length; i++)
        {
            _protocol.WriteAddress(list[i], rest[(4 + (i * _protocol.AddressLength))..]);
        }

        Assert.IsTrue(Membership.Receive(message, Now));
    }

    /// <summary>A query of the older versions; delay code 0 is IGMPv1's.</summary>
    public void OldQuery(int group = 0, int delayCode = 100)
    {
        byte[] message = new byte[_protocol.ShortLength];
        WriteQueryHead(message, group, delayCode);
        Assert.IsTrue(Membership.Receive(message, Now));
    }

    /// <summary>Another member answers.</summary>
    public void OtherReport(int group)
    {
        byte[] message = new byte[_protocol.ShortLength];
        _protocol.WriteShort(message, _protocol.SecondReportType, Group(group));
        Assert.IsTrue(Membership.Receive(message, Now));
    }

    void IMembershipLink.SendMembership(IpAddress destination, Span<byte> message)
    {
        Assert.IsLessThanOrEqualTo(MaximumMessageLength, message.Length);
        Assert.AreEqual(0, BinaryPrimitives.ReadUInt16BigEndian(message[2..]), "the checksum is the link's");
        if (message[0] != _protocol.ThirdReportType)
        {
            Assert.HasCount(_protocol.ShortLength, message.ToArray());
            IpAddress group = _protocol.ReadAddress(message[_protocol.FixedLength..]);
            string kind = message[0] == _protocol.LeaveType ? "leave" : message[0] == _protocol.SecondReportType ? "v2" : "v1";
            Assert.AreEqual(message[0] == _protocol.LeaveType ? _protocol.AllRouters : group, destination);
            _sent.Add($"{kind} {Name(group)}");
            return;
        }

        Assert.AreEqual(_protocol.Reports, destination);
        int records = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        int at = 8;
        List<string> texts = [];
        for (int i = 0; i < records; i++)
        {
            string[] types = ["?", "IS_IN", "IS_EX", "TO_IN", "TO_EX", "ALLOW", "BLOCK"];
            string text = $"{types[message[at]]} {Name(_protocol.ReadAddress(message[(at + 4)..]))}";
            int sources = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            at += 4 + _protocol.AddressLength;
            for (int s = 0; s < sources; s++, at += _protocol.AddressLength)
            {
                text += " " + Name(_protocol.ReadAddress(message[at..]));
            }

            texts.Add(text);
        }

        Assert.AreEqual(message.Length, at);
        _sent.Add(string.Join(", ", texts));
    }

    // A delay code of tenths of a second, as IGMP has it.
    private void WriteQueryHead(byte[] message, int group, int delayCode)
    {
        message[0] = _protocol.QueryType;
        if (_protocol.IsIPv4)
        {
            message[1] = (byte)delayCode;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), (ushort)(delayCode * 100));
        }

        if (group != 0)
        {
            _protocol.WriteAddress(Group(group), message.AsSpan(_protocol.FixedLength));
        }
    }

    private string Name(IpAddress address) => (address.IsMulticast ? "g" : "s") + (address.Low & 0xFF);
}

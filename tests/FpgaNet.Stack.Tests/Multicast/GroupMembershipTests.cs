using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Multicast;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Multicast;

[TestClass]
public sealed class GroupMembershipTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    // RFC 3376 §5.1, RFC 3810 §6.1: told at once, and once more within a second.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Joining_and_leaving_is_told_twice(bool ipv4)
    {
        MembershipScript script = new(ipv4);
        Assert.IsTrue(script.Listen("a", 1, "ex"));
        script.Expect("TO_EX g1");
        script.Pass(s_second);
        script.Expect("TO_EX g1");
        script.Pass(s_second * 100);
        script.Expect();
        Assert.IsTrue(script.Membership.Accepts(script.Group(1), script.Source(1)));
        script.Listen("a", 1, "in");
        script.Expect("TO_IN g1");
        Assert.IsFalse(script.Membership.Accepts(script.Group(1), script.Source(1)));
        script.Pass(s_second);
        script.Expect("TO_IN g1");
        Assert.AreEqual(0, script.Membership.Count);
    }

    // The table of RFC 3376 §5.1.
    [TestMethod]
    [DataRow("in s1 s2", "in s2 s3", "ALLOW g1 s3, BLOCK g1 s1")]
    [DataRow("in s1", "in s1 s2", "ALLOW g1 s2")]
    [DataRow("in s1 s2", "in s1", "BLOCK g1 s2")]
    [DataRow("in s1", "in", "BLOCK g1 s1")]
    [DataRow("ex s1 s2", "ex s2 s3", "ALLOW g1 s1, BLOCK g1 s3")]
    [DataRow("in s1", "ex s2", "TO_EX g1 s2")]
    [DataRow("ex s1", "in s2", "TO_IN g1 s2")]
    [DataRow("in s1", "in s1", null)]
    public void A_change_of_sources_is_told_as_the_table_says(string before, string after, string? expected)
    {
        foreach (bool ipv4 in new[] { true, false })
        {
            MembershipScript script = new(ipv4);
            script.Listen("a", 1, before);
            script.Pass(s_second * 2);
            Assert.AreEqual(2, script.SentCount);
            script.Expect([.. Enumerable.Repeat(before.StartsWith("in") ? "ALLOW g1" + before[2..] : "TO_EX g1" + before[2..], 2)]);
            script.Listen("a", 1, after);
            script.Pass(s_second);
            script.Expect(expected is null ? [] : [expected, expected]);
        }
    }

    // RFC 3376 §5.1, RFC 3810 §6.1: the mode first, as often as it must be; then what changed since and was not told often enough.
    [TestMethod]
    public void Changes_that_come_before_all_was_told_are_told_together()
    {
        MembershipScript script = new(ipv4: true);
        script.Listen("a", 1, "ex s1");
        script.Expect("TO_EX g1 s1");
        script.Listen("a", 1, "ex s1 s2");
        script.Expect("TO_EX g1 s1 s2");
        script.Pass(s_second * 3);
        script.Expect("BLOCK g1 s2");
        script.Listen("a", 1, "ex s1 s2 s3");
        script.Listen("a", 1, "ex s2 s3");
        script.Expect("BLOCK g1 s3", "ALLOW g1 s1, BLOCK g1 s3");
        script.Pass(s_second * 3);
        script.Expect("ALLOW g1 s1");
    }

    // RFC 3376 §3.2 and its examples.
    [TestMethod]
    public void The_interface_wants_what_any_user_wants()
    {
        MembershipScript script = new(ipv4: true);
        script.Listen("a", 1, "ex s1 s2 s3 s4");
        script.Listen("b", 1, "ex s2 s3 s4 s5");
        script.Listen("c", 1, "in s4 s5 s6");
        for (int i = 1; i <= 7; i++)
        {
            Assert.AreEqual(i is not (2 or 3), script.Membership.Accepts(script.Group(1), script.Source(i)), $"s{i}");
        }

        script.Membership.Leave("a", script.Now);
        script.Membership.Leave("b", script.Now);
        for (int i = 1; i <= 7; i++)
        {
            Assert.AreEqual(i is 4 or 5 or 6, script.Membership.Accepts(script.Group(1), script.Source(i)), $"s{i}");
        }

        Assert.IsTrue(script.Membership.FilterOf("c", script.Group(1)).Accepts(script.Source(5)));
        Assert.IsTrue(script.Membership.FilterOf("a", script.Group(1)).IsNothing);
        script.Membership.Leave("c", script.Now);
        Assert.IsFalse(script.Membership.Accepts(script.Group(1), script.Source(5)));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_general_query_is_answered_once_within_the_time_it_gives(bool ipv4)
    {
        MembershipScript script = Joined(ipv4, "ex s1", "in s2", "in");
        script.Query(delayCode: 50);
        script.Query(delayCode: 50); // one answer serves both
        script.Expect();
        script.Pass(s_second * 5);
        script.Expect("IS_EX g1 s1, IS_IN g2 s2");
        script.Pass(s_second * 100);
        script.Expect();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_query_about_a_group_is_answered_for_that_group(bool ipv4)
    {
        MembershipScript script = Joined(ipv4, "ex s1", "in s2");
        script.Query(2);
        script.Query(7);
        script.Pass(s_second);
        script.Expect("IS_IN g2 s2");
    }

    // The table of RFC 3376 §5.2.
    [TestMethod]
    [DataRow("in s1 s2", "s2 s3", "IS_IN g1 s2")]
    [DataRow("in s1", "s2", null)]
    [DataRow("ex s1", "s1 s2", "IS_IN g1 s2")]
    [DataRow("ex s1", "s1", null)]
    public void A_query_about_sources_is_answered_for_those_that_are_wanted(string filter, string sources, string? expected)
    {
        MembershipScript script = Joined(true, filter);
        script.Query(1, sources);
        script.Pass(s_second);
        script.Expect(expected is null ? [] : [expected]);
    }

    [TestMethod]
    public void Queries_about_one_group_are_answered_together()
    {
        MembershipScript script = Joined(true, "ex");
        script.Query(1, "s1");
        script.Query(1, "s2 s1");
        script.Pass(s_second);
        script.Expect("IS_IN g1 s1 s2");
        script.Query(1, "s1");
        script.Query(1);
        script.Query(1, "s2");
        script.Pass(s_second);
        script.Expect("IS_EX g1");
        script.Query(1, "s1", delayCode: 255); // in most of an hour
        script.Query(delayCode: 1);
        script.Pass(TimeSpan.FromMilliseconds(100));
        script.Expect("IS_EX g1");
        script.Pass(s_second * 10);
        script.Expect();
    }

    [TestMethod]
    public void The_queriers_robustness_is_taken_over()
    {
        MembershipScript script = Joined(true, "ex");
        script.Query(robustness: 4);
        script.Pass(s_second);
        script.Expect("IS_EX g1");
        script.Listen("a", 2, "ex");
        script.Pass(s_second * 10);
        script.Expect("TO_EX g2", "TO_EX g2", "TO_EX g2", "TO_EX g2");
    }

    // RFC 3376 §7.2.1, RFC 3810 §8.2.1; RFC 2236 §3, RFC 2710 §4.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void While_a_router_speaks_the_older_version_so_do_we(bool ipv4)
    {
        MembershipScript script = Joined(ipv4, "ex s1", "ex");
        script.OldQuery();
        script.OtherReport(2);
        script.Pass(s_second * 10);
        script.Expect("v2 g1"); // and g2 was answered by another
        script.Listen("a", 3, "in s1");
        script.Expect("v2 g3");
        script.Pass(s_second);
        script.Expect("v2 g3");
        script.Listen("a", 3, "in s1 s2"); // sources are not spoken of
        script.Listen("a", 3, "in");
        script.Expect("leave g3");
        script.Pass(s_second * 100);
        script.Expect();
        script.OldQuery(1);
        script.Pass(s_second * 10);
        script.Expect("v2 g1");

        // 2 × 125 s + 10 s after the last general query.
        script.Pass(s_second * 150);
        script.Query();
        script.Pass(s_second);
        script.Expect("IS_EX g1 s1, IS_EX g2");
    }

    [TestMethod]
    public void To_a_router_of_IGMPv1_groups_are_left_without_a_word()
    {
        MembershipScript script = Joined(true, "ex");
        script.OldQuery(delayCode: 0);
        script.Pass(s_second * 10);
        script.Expect("v1 g1");
        script.OldQuery(delayCode: 100); // the oldest counts
        script.Pass(s_second * 10);
        script.Expect("v1 g1");
        script.Listen("a", 1, "in");
        script.Expect();
        Assert.AreEqual(0, script.Membership.Count);
    }

    [TestMethod]
    [DataRow("224.0.0.1")]
    [DataRow("ff02::1")]
    [DataRow("ff01::1:3")]
    public void Groups_that_do_not_concern_routers_are_never_told(string address)
    {
        IpAddress group = IpAddress.Parse(address);
        MembershipScript script = new(group.IsIPv4);
        script.Membership.Listen("a", group, new SourceFilter(FilterMode.Exclude, []), script.Now);
        script.Query();
        script.Pass(s_second * 10);
        script.Expect();
        Assert.IsTrue(script.Membership.Accepts(group, script.Source(1)));
        script.Membership.Leave("a", script.Now);
        Assert.AreEqual(0, script.Membership.Count);
    }

    [TestMethod]
    public void Reports_are_split_where_a_packet_is_full()
    {
        // 8 bytes, then records of 8 and 4 for each source.
        MembershipScript script = new(ipv4: true, maximumMessageLength: 8 + 8 + 16);
        script.Listen("a", 1, "in s1 s2 s3 s4 s5 s6");
        script.Expect("ALLOW g1 s1 s2 s3 s4", "ALLOW g1 s5 s6");
        script.Listen("a", 1, "ex s1 s2 s3 s4 s5 s6"); // §4.2.16: cut short
        script.Expect("TO_EX g1 s1 s2 s3 s4");
        script.Pass(s_second);
        script.Expect("TO_EX g1 s1 s2 s3 s4");
        script.Listen("a", 2, "in s1");
        script.Listen("a", 3, "in s1");
        script.Expect("ALLOW g2 s1", "ALLOW g3 s1");
        script.Pass(s_second * 2);
        script.Forget();
        script.Query();
        script.Pass(s_second);
        script.Expect("IS_EX g1 s1 s2 s3 s4", "IS_IN g2 s1, IS_IN g3 s1");
    }

    [TestMethod]
    public void Groups_and_sources_are_bounded()
    {
        MembershipScript script = new(ipv4: true, maximumGroups: 2, maximumSources: 2);
        Assert.IsTrue(script.Listen("a", 1, "ex"));
        Assert.IsTrue(script.Listen("a", 2, "in s1 s2"));
        Assert.IsFalse(script.Listen("a", 3, "ex"));
        Assert.IsFalse(script.Listen("a", 1, "ex s1 s2 s3"));
        Assert.IsTrue(script.Listen("a", 3, "in"), "leaving what one is not in");
        script.Query(1, "s1 s2");
        script.Query(1, "s3"); // more sources than are kept: the whole group is answered for
        script.Pass(TimeSpan.FromSeconds(3));
        Assert.AreEqual(2, script.Membership.Count);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Random_messages_never_break_anything(bool ipv4)
    {
        Random random = TestSeed.Random();
        MembershipScript script = Joined(ipv4, "ex s1", "in s2");
        byte[] message = new byte[64];
        byte[] types = [0x11, 0x12, 0x16, 0x17, 0x22, 130, 131, 132, 143];
        for (int i = 0; i < 20000; i++)
        {
            random.NextBytes(message);
            message[0] = random.Next(10) == 0 ? message[0] : types[random.Next(types.Length)];
            int at = ipv4 ? 4 : 8;
            if (random.Next(3) != 0)
            {
                MembershipProtocol protocol = ipv4 ? MembershipProtocol.Igmp : MembershipProtocol.Mld;
                protocol.WriteAddress(random.Next(2) == 0 ? script.Group(random.Next(3)) : default, message.AsSpan(at));
                message[protocol.ShortLength + 2] = 0;
                message[protocol.ShortLength + 3] &= 7;
            }

            script.Membership.Receive(message.AsSpan(0, random.Next(message.Length)), script.Now);
            script.Pass(TimeSpan.FromMilliseconds(random.Next(1000)));
        }

        Assert.AreNotEqual(0, script.SentCount);
        Assert.AreEqual(2, script.Membership.Count);
    }

    // RFC 3376 §4.1.1: a code of 128 or more is (mant | 0x10) << (exp + 3).
    [TestMethod]
    [DataRow(true, 127, 12700)]
    [DataRow(true, 0x80, 12800)]
    [DataRow(true, 0xFF, (0x1F << 10) * 100)]
    [DataRow(false, 0x7FFF, 0x7FFF)]
    [DataRow(false, 0x8000, 32768)]
    [DataRow(false, 0xFFFF, 0x1FFF << 10)]
    public void Long_delays_are_written_as_floating_point(bool ipv4, int code, int milliseconds)
    {
        MembershipProtocol protocol = ipv4 ? MembershipProtocol.Igmp : MembershipProtocol.Mld;
        byte[] message = new byte[protocol.ShortLength + 4];
        message[0] = protocol.QueryType;
        message[1] = (byte)code;
        if (!ipv4)
        {
            message[4] = (byte)(code >> 8);
            message[5] = (byte)code;
        }

        Assert.IsTrue(MembershipQuery.TryParse(protocol, message, out MembershipQuery query));
        Assert.AreEqual(TimeSpan.FromMilliseconds(milliseconds), query.MaximumDelay);
    }

    /// <summary>A user is in g1, g2 ... with these filters, and all was told.</summary>
    private static MembershipScript Joined(bool ipv4, params string[] filters)
    {
        MembershipScript script = new(ipv4);
        for (int i = 0; i < filters.Length; i++)
        {
            script.Listen("a", i + 1, filters[i]);
        }

        script.Pass(TimeSpan.FromSeconds(3));
        script.Forget();
        return script;
    }
}

using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Time;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Dns;

[TestClass]
public sealed class DnsMessageTests
{
    [TestMethod]
    [DataRow("www.example.org", "\u0003www\u0007example\u0003org\0")]
    [DataRow("www.example.org.", "\u0003www\u0007example\u0003org\0")]
    [DataRow("", "\0")]
    [DataRow(".", "\0")]
    [DataRow("a\\.b.\\007c", "\u0003a.b\u0002\u0007c\0")]
    public void Names_are_written(string name, string expected)
    {
        byte[] bytes = new byte[DomainName.MaximumLength];
        Assert.IsTrue(DomainName.TryWrite(name, bytes, out int length));
        Assert.AreEqual(expected, System.Text.Encoding.Latin1.GetString(bytes, 0, length));
    }

    [TestMethod]
    [DataRow(".org")]
    [DataRow("a..org")]
    [DataRow("a\\99")]
    [DataRow("a\\256")]
    [DataRow("ü\u0100")]
    [DataRow("0123456789012345678901234567890123456789012345678901234567890123.org")]
    public void What_is_no_name_is_not_written(string name) => Assert.IsFalse(DomainName.TryWrite(name, new byte[DomainName.MaximumLength], out _));

    [TestMethod]
    public void A_name_has_255_bytes_at_most()
    {
        string longest = string.Join('.', Enumerable.Repeat(new string('a', 49), 5)) + ".bb"; // 5 × 50 + 3 + 1
        byte[] bytes = new byte[300];
        Assert.IsTrue(DomainName.TryWrite(longest, bytes, out int length));
        Assert.AreEqual(254, length);
        Assert.IsTrue(DomainName.TryWrite(longest + "b", bytes, out length));
        Assert.AreEqual(255, length);
        Assert.IsFalse(DomainName.TryWrite(longest + "bb", bytes, out _));
        Assert.IsFalse(DomainName.TryWrite(longest + ".b", bytes, out _));
        int at = 0;
        byte[] tooLong = [.. Enumerable.Repeat((byte[])[1, (byte)'a'], 128).SelectMany(l => l), 0];
        Assert.IsFalse(DomainName.TryRead(tooLong, ref at, out _));
    }

    [TestMethod]
    public void Names_are_read_back_whatever_bytes_they_have()
    {
        Random random = TestSeed.Random();
        for (int run = 0; run < 1000; run++)
        {
            List<byte> wire = [];
            while (wire.Count < 180 && random.Next(5) != 0)
            {
                byte[] label = new byte[random.Next(1, 64)];
                random.NextBytes(label);
                wire.AddRange([(byte)label.Length, .. label]);
            }

            wire.Add(0);
            int at = 0;
            Assert.IsTrue(DomainName.TryRead(wire.ToArray(), ref at, out string? name));
            Assert.AreEqual(wire.Count, at);
            byte[] written = new byte[DomainName.MaximumLength];
            Assert.IsTrue(DomainName.TryWrite(name, written, out int length));
            CollectionAssert.AreEqual(wire, written[..length]);
        }
    }

    [TestMethod]
    public void Pointers_lead_backwards_only()
    {
        byte[] message = [.. "\u0003org\0\u0007example"u8, 0xC0, 0, .. "\u0003www"u8, 0xC0, 5, 0xC0, 19, 0xC0, 30];
        int at = 15;
        Assert.IsTrue(DomainName.TryRead(message, ref at, out string? name));
        Assert.AreEqual("www.example.org", name);
        Assert.AreEqual(21, at);
        at = 21;
        Assert.IsTrue(DomainName.TryRead(message, ref at, out name), "a pointer to a pointer");
        Assert.AreEqual("example.org", name);
        at = 23;
        Assert.IsFalse(DomainName.TryRead(message, ref at, out _), "forwards");
        byte[] loop = [1, (byte)'a', 0xC0, 0];
        at = 0;
        Assert.IsFalse(DomainName.TryRead(loop, ref at, out _));
        byte[] self = [0xC0, 0];
        at = 0;
        Assert.IsFalse(DomainName.TryRead(self, ref at, out _));
    }

    [TestMethod]
    [DataRow("a.example.org", "example.org", true)]
    [DataRow("EXAMPLE.org", "example.ORG", true)]
    [DataRow("badexample.org", "example.org", false)]
    [DataRow("org", "example.org", false)]
    [DataRow("anything", "", true)]
    public void A_name_is_within_a_zone_or_not(string name, string zone, bool expected) => Assert.AreEqual(expected, DomainName.IsWithin(name, zone));

    [TestMethod]
    public void A_query_is_as_the_RFC_has_it()
    {
        byte[] bytes = new byte[DnsMessage.MaximumQueryLength];
        int length = DnsMessage.WriteQuery(bytes, 0x1234, "ab.c", DnsRecordType.AAAA, extended: true);
        byte[] expected =
        [
            0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, .. "\u0002ab\u0001c\0"u8, 0, 28, 0, 1,
            0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0,
        ];
        CollectionAssert.AreEqual(expected, bytes[..length]);
    }

    [TestMethod]
    public void Random_and_damaged_messages_are_refused_or_read_and_nothing_else()
    {
        Random random = TestSeed.Random();
        byte[] good =
        [
            0, 1, 0x81, 0x80, 0, 1, 0, 6, 0, 1, 0, 0, .. "\u0001a\0"u8, 0, 1, 0, 1,
            0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, (byte)'b', 0xC0, 12,
            0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1,
            0xC0, 12, 0, 28, 0, 1, 0, 0, 0, 9, 0, 16, .. new byte[16],
            0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, 4, 1, (byte)'x', 1, (byte)'y',
            0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 9, 0, 4, 0, 5, 0xC0, 12,
            0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 8, 0, 1, 0, 2, 0, 3, 0xC0, 12,
            0xC0, 12, 0, 6, 0, 1, 0, 0, 0, 9, 0, 24, 0xC0, 12, 0xC0, 12, .. new byte[20],
        ];
        Assert.IsTrue(DnsMessage.TryParse(good, out DnsMessage? message));
        Assert.HasCount(6, message.Answers);
        Assert.IsNotNull(message.StartOfAuthority);
        for (int length = 0; length < good.Length; length++)
        {
            Assert.IsFalse(DnsMessage.TryParse(good.AsSpan(0, length), out _), $"cut at {length}");
        }

        int read = 0;
        for (int i = 0; i < 50000; i++)
        {
            byte[] bad = [.. good];
            for (int damage = random.Next(1, 4); damage > 0; damage--)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }

            if (DnsMessage.TryParse(bad.AsSpan(0, random.Next(4) == 0 ? random.Next(bad.Length) : bad.Length), out message))
            {
                read++;
                DnsAnswer answer = DnsAnswer.From(message, "a", DnsRecordType.A, out _);
                Assert.AreEqual(answer.Error == SocketError.Success, answer.Records.Count != 0);
            }
        }

        Assert.AreNotEqual(0, read);
    }

    // RFC 2181 §8.
    [TestMethod]
    [DataRow(0x00000009u, 9)]
    [DataRow(0x80000000u, 0)]
    [DataRow(0x7FFFFFFFu, 604800)]
    public void Times_to_live_have_31_bits_and_end_after_a_week(uint timeToLive, int seconds)
    {
        byte[] message =
        [
            0, 1, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1,
            (byte)(timeToLive >> 24), (byte)(timeToLive >> 16), (byte)(timeToLive >> 8), (byte)timeToLive, 0, 4, 1, 2, 3, 4,
        ];
        Assert.IsTrue(DnsMessage.TryParse(message, out DnsMessage? parsed));
        Assert.AreEqual(TimeSpan.FromSeconds(seconds), parsed.Answers[0].TimeToLive);
    }

    [TestMethod]
    public void The_cache_is_bounded_and_the_one_not_asked_for_longest_goes()
    {
        Random random = TestSeed.Random();
        DnsCache cache = new(16, 5000);
        Instant now = new(0);
        for (int i = 0; i < 5000; i++)
        {
            now += TimeSpan.FromSeconds(1);
            string name = $"n{random.Next(40)}.example.org";
            List<DnsRecord> records = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => new AddressRecord(name, DnsRecordType.A, TimeSpan.FromSeconds(20), default(IpAddress)))];
            cache.Add(name, DnsRecordType.A, new DnsAnswer(records, SocketError.Success, TimeSpan.FromSeconds(random.Next(30))), now);
            Assert.IsLessThanOrEqualTo(16, cache.Count);
            Assert.IsLessThanOrEqualTo(5000, cache.Bytes);
        }

        cache.Clear();
        Assert.AreEqual(0, cache.Bytes);
        DnsAnswer answer = new([], SocketError.NoData, TimeSpan.FromSeconds(10));
        for (int i = 0; i < 16; i++)
        {
            cache.Add($"n{i}", DnsRecordType.A, answer, now);
        }

        Assert.IsNotNull(cache.Find("N0", DnsRecordType.A, now));
        cache.Add("n16", DnsRecordType.A, answer, now);
        Assert.IsNotNull(cache.Find("n0", DnsRecordType.A, now));
        Assert.IsNull(cache.Find("n1", DnsRecordType.A, now));
        Assert.IsNull(cache.Find("n0", DnsRecordType.AAAA, now));
        Assert.IsNull(cache.Find("n0", DnsRecordType.A, now + TimeSpan.FromSeconds(10)));
    }
}

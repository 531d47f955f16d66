using System.Text;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;

namespace FpgaNet.Sockets.Tests.Names;

/// <summary>Texts of addresses: what the C library reads and writes, we do.</summary>
[TestClass]
public sealed class AddressTextTests
{
    private static readonly string[] s_texts =
    [
        "1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "1..2.3", ".1.2.3.4", "1.2.3.4.", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4x", "-1.2.3.4", "+1.2.3.4", "1.2.3.4\n",
        "127.1", "127.0.1", "1.65536", "1.16777215", "1.16777216", "1.2.65535", "1.2.65536", "2130706433", "4294967295", "4294967296", "99999999999999999999", "0x7f000001", "0x7f.1", "0X7F.0x1", "017700000001", "0177.1",
        "08.1", "0x", "0xg", "0x1.0x", "1.2.3.4 trailing", "1.2.3.4\ttab", "1.2.3.4a", "0", "00", "0x0", "1.0x100", "1.2.3.256", "1.2.3.0x100", "", " ", ".", "a", "1.2.3.4/8",
        "::", "::1", "1::", "1::2", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":::", ":1", "1:", ":", "::1:", ":1::", "12345::", "::g", "::1.2.3.4", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1:2:3::4:5:6:7", "fe80::1%1", "FE80::ABCD",
        "0:0:0:0:0:0:0:0", "00001::", "::0001", "1:2:3:4:5:6:7:8:", "::ffff:256.1.1.1", "::%", "[::1]",
    ];

    [TestMethod]
    public void Texts_are_read_as_the_C_library_reads_them() => Array.ForEach(s_texts, Compare);

    [TestMethod]
    public void Texts_made_at_random_are_read_as_the_C_library_reads_them()
    {
        const string Letters = "0123456789abcfxX.:: %";
        Random random = TestSeed.Random();
        for (int i = 0; i < 20_000; i++)
        {
            StringBuilder text = new(random.Next(3) == 0 ? string.Empty : s_texts[random.Next(s_texts.Length)]);
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                int place = random.Next(text.Length + 1);
                if (random.Next(3) == 0 && place < text.Length)
                {
                    text.Remove(place, 1);
                }
                else
                {
                    text.Insert(place, Letters[random.Next(Letters.Length)]);
                }
            }

            Compare(text.ToString());
        }
    }

    [TestMethod]
    public void Addresses_are_written_as_the_C_library_writes_them()
    {
        Random random = TestSeed.Random();
        byte[] six = new byte[16];
        byte[] four = new byte[4];
        byte[] text = new byte[DescriptorTable.INET6_ADDRSTRLEN];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(four);
            Assert.AreEqual(0, DescriptorTable.InetNtop(AF_INET, four, text));
            Assert.AreEqual(LibcNames.Ntop(AF_INET, four), Text(text));
            random.NextBytes(six);
            for (int word = 0; word < 8; word++)
            {
                if (random.Next(2) == 0)
                {
                    six.AsSpan(2 * word, 2).Fill(random.Next(8) == 0 ? (byte)0xFF : (byte)0);
                }
            }

            if (random.Next(8) == 0)
            {
                six.AsSpan(0, 10).Clear();
                six.AsSpan(10, 2).Fill((byte)(random.Next(2) * 255));
            }

            Assert.AreEqual(0, DescriptorTable.InetNtop(AF_INET6, six, text));
            Assert.AreEqual(LibcNames.Ntop(AF_INET6, six), Text(text));
        }
    }

    [TestMethod]
    public void What_cannot_be_done_has_an_errno()
    {
        Assert.AreEqual(-1, DescriptorTable.InetPton(AF_LOCAL, "1.2.3.4", new byte[4]));
        Assert.AreEqual(Errno.EAFNOSUPPORT, DescriptorTable.Errno);
        Assert.AreEqual(-1, DescriptorTable.InetNtop(AF_LOCAL, new byte[4], new byte[64]));
        Assert.AreEqual(Errno.EAFNOSUPPORT, DescriptorTable.Errno);
        Assert.AreEqual(-1, DescriptorTable.InetNtop(AF_INET, [1, 2, 3, 4], new byte[7]));
        Assert.AreEqual(Errno.ENOSPC, DescriptorTable.Errno);
        Assert.AreEqual(0, DescriptorTable.InetNtop(AF_INET, [1, 2, 3, 4], new byte[8]));
        Assert.AreEqual(DescriptorTable.INADDR_NONE, DescriptorTable.InetAddr("none"));
        Assert.AreEqual(0x0100_007Fu, DescriptorTable.InetAddr("127.1"));
        Assert.AreEqual("127.0.0.1", DescriptorTable.InetNtoa(0x0100_007F));
        Assert.AreEqual(0x3412, DescriptorTable.Htons(0x1234));
        Assert.AreEqual(0x1234, DescriptorTable.Ntohs(0x3412));
        Assert.AreEqual(0x7856_3412u, DescriptorTable.Htonl(0x1234_5678));
        Assert.AreEqual(0x1234_5678u, DescriptorTable.Ntohl(0x7856_3412));
    }

    private static void Compare(string text)
    {
        foreach (SocketDomain domain in (SocketDomain[])[AF_INET, AF_INET6])
        {
            byte[] address = new byte[domain == AF_INET ? 4 : 16];
            byte[]? expected = LibcNames.Pton(domain, text);
            Assert.AreEqual(expected is null ? 0 : 1, DescriptorTable.InetPton(domain, text, address), $"{domain} '{text}'");
            CollectionAssert.AreEqual(expected ?? address, address, $"{domain} '{text}'");
        }

        uint? old = LibcNames.Aton(text);
        Assert.AreEqual(old is null ? 0 : 1, DescriptorTable.InetAton(text, out uint read), $"'{text}'");
        Assert.AreEqual(old ?? read, read, $"'{text}'");
    }

    private static string Text(byte[] text) => Encoding.UTF8.GetString(text.AsSpan(0, text.AsSpan().IndexOf((byte)0)));
}

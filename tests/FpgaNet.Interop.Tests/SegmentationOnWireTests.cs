using System.Globalization;
using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests;

/// <summary>
/// What the card cuts, as Linux and tshark see it on the cable: accepted by the one, faultless to the other, and the same bytes as with segmentation in software.
/// </summary>
[TestClass]
public sealed class SegmentationOnWireTests
{
    private const string Address6 = "2001:db8::2";
    private const int FileSize = 1 << 20;

    // Of the file: both cards are simulated, four times each.
    private const int Size = 1 << 18;

    [TestMethod]
    [DataRow("sim-pcie")]
    [DataRow("sim-usb")]
    public void Linux_takes_every_segment_that_the_card_cut_and_tshark_finds_no_fault(string nic)
    {
        Skip.UnlessInstalled("tshark");
        byte[][] byCard = Transfer(nic, "all", cutByCard: true);
        byte[][] bySoftware = Transfer(nic, "tx-checksum,rx-checksum,rx-hash", cutByCard: false);
        for (int i = 0; i < byCard.Length; i++)
        {
            Assert.IsTrue(byCard[i].AsSpan().SequenceEqual(bySoftware[i]), "the streams differ");
        }
    }

    /// <summary>Fetches a file over IPv4 and IPv6 and judges the capture.</summary>
    /// <returns>The content of each as it went over the cable.</returns>
    private static byte[][] Transfer(string nic, string offload, bool cutByCard)
    {
        using ServedNic served = new(nic, offload, "--address", $"{Address6}/64");
        served.Network.Ip("addr", "add", "2001:db8::1/64", "dev", LinuxEnd.Tap, "nodad");
        string[] addresses = [ServedNic.Address, Address6];
        foreach (string url in (string[])[ServedNic.Url(FileSize), $"http://[{Address6}]/{ServedNic.Name(FileSize)}"])
        {
            ProgramResult result = served.Curl("--range", $"0-{Size - 1}", "--output", Path.Combine(served.Scratch.FullName, "got"), url);
            Assert.AreEqual(0, result.ExitCode, result.Error + served.Output);
            Assert.IsTrue(File.ReadAllBytes(Path.Combine(served.Scratch.FullName, "got")).AsSpan().SequenceEqual(ServedNic.Content(FileSize).AsSpan(0, Size)));
        }

        AssertLinuxIsContent(served.Network);
        ProgramResult end = served.Stop();
        Assert.AreEqual(cutByCard, end.Output.Contains(" tx_segmented ", StringComparison.Ordinal), end.Output);
        Assert.DoesNotContain("tx_refused ", end.Output);
        return [.. addresses.Select(address => Stream(served.Capture, address))];
    }

    // RFC 1213's counters: segments with errors, checksums among them, and IP headers with errors.
    private static void AssertLinuxIsContent(NetworkNamespace network)
    {
        string[] lines = network.Run("cat", "/proc/net/snmp").Output.Split('\n');
        foreach ((string group, string counter) in ((string, string)[])[("Tcp:", "InErrs"), ("Tcp:", "InCsumErrors"), ("Ip:", "InHdrErrors"), ("Ip:", "InDiscards")])
        {
            string[][] rows = [.. lines.Where(l => l.StartsWith(group, StringComparison.Ordinal)).Select(static l => l.Split(' '))];
            Assert.AreEqual("0", rows[1][Array.IndexOf(rows[0], counter)], $"{group} {counter}");
        }
    }

    // The body of the one answer that an address gave, put together from segments that leave no gap and that tshark has nothing against.
    private static byte[] Stream(string capture, string address)
    {
        bool six = address.Contains(':', StringComparison.Ordinal);
        ProgramResult result = TestProgram.Run(
            "tshark", "-r", capture, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "tcp.relative_sequence_numbers:TRUE",
            "-Y", $"{(six ? "ipv6" : "ip")}.src == {address} && tcp", "-T", "fields", "-E", "separator=,",
            "-e", "tcp.seq", "-e", "tcp.checksum.status", "-e", six ? "ipv6.version" : "ip.checksum.status", "-e", "frame.len",
            "-e", "tcp.analysis.lost_segment", "-e", "_ws.malformed", "-e", "tcp.payload");
        Assert.AreEqual(0, result.ExitCode, result.Error);
        List<byte> stream = [];
        foreach (string line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(',');
            Assert.AreEqual("1", fields[1], $"TCP checksum, 1: good; {line}");
            Assert.AreEqual(six ? "6" : "1", fields[2], $"IPv4 header checksum, 1: good; {line}");
            Assert.IsLessThanOrEqualTo(1514, int.Parse(fields[3], CultureInfo.InvariantCulture));
            Assert.AreEqual("", fields[4] + fields[5], "lost segment, malformed packet");
            byte[] payload = Convert.FromHexString(fields[6]);
            int at = int.Parse(fields[0], CultureInfo.InvariantCulture) - 1; // behind the SYN
            if (payload.Length == 0)
            {
                continue;
            }

            Assert.IsLessThanOrEqualTo(stream.Count, at, "a gap");
            if (at + payload.Length > stream.Count)
            {
                stream.AddRange(payload[(stream.Count - at)..]);
            }
        }

        // Behind the header of the answer, which bears the time.
        byte[] bytes = [.. stream];
        int body = bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        Assert.HasCount(Size, bytes[body..]);
        return bytes[body..];
    }
}

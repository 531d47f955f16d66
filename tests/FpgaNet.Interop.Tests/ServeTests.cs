using System.Globalization;
using System.Text.Json;
using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests;

/// <summary>
/// Linux programs against <c>fpganet serve</c>. The derived classes say which NIC; all tests of one share one server, which also shows that nothing
/// that they do to it stops it from serving.
/// </summary>
public abstract class ServeTests(string nic, string offload)
{
    private static ServedNic? s_served;
    private static string? s_configuration;

    private ServedNic _served = null!;

    /// <summary>Bytes of the largest file that is moved through this NIC.</summary>
    protected virtual int LargestFile => 16 << 20;

    [TestInitialize]
    public void Serve()
    {
        string configuration = $"{nic} {offload}";
        if (!string.Equals(configuration, s_configuration, StringComparison.Ordinal))
        {
            StopServing();
            s_served = new ServedNic(nic, offload);
            s_configuration = configuration;
        }

        _served = s_served!;
    }

    /// <summary>Ends the last server.</summary>
    internal static void StopServing()
    {
        s_served?.Dispose();
        (s_served, s_configuration) = (null, null);
    }

    [TestMethod]
    public void Curl_fetches_files_of_every_size()
    {
        foreach (int size in ServedNic.FileSizes.Where(s => s <= LargestFile))
        {
            Assert.IsTrue(_served.Fetch(size).AsSpan().SequenceEqual(ServedNic.Content(size)), $"{size} bytes");
        }
    }

    [TestMethod]
    public void Eight_downloads_at_once()
    {
        const int Size = 1 << 20;
        byte[] expected = ServedNic.Content(Size);
        byte[][] fetched = new byte[8][];
        Parallel.For(0, fetched.Length, new ParallelOptions { MaxDegreeOfParallelism = fetched.Length }, i => fetched[i] = _served.Fetch(Size));
        foreach (byte[] bytes in fetched)
        {
            Assert.IsTrue(bytes.AsSpan().SequenceEqual(expected));
        }
    }

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(1, 1460)]
    [DataRow(500_000, 700_000)]
    [DataRow((1 << 20) - 1, (1 << 20) - 1)]
    public void Ranges_are_served(int first, int last)
    {
        byte[] bytes = _served.Fetch(1 << 20, "--range", string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"));
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(ServedNic.Content(1 << 20).AsSpan(first, last - first + 1)));
    }

    [TestMethod]
    public void One_connection_carries_many_requests()
    {
        string[] urls = [.. Enumerable.Repeat(ServedNic.Url(1460), 20)];
        ProgramResult result = _served.Curl(["--output", "/dev/null", "--write-out", "%{num_connects} %{size_download}\n", .. urls.SelectMany(u => new[] { u, "--output", "/dev/null" }).SkipLast(2)]);
        Assert.AreEqual(0, result.ExitCode, result.Error);
        string[] lines = result.Output.Trim().Split('\n');
        Assert.HasCount(20, lines);
        Assert.AreEqual("1 1460", lines[0]);
        Assert.IsTrue(lines.Skip(1).All(l => string.Equals(l, "0 1460", StringComparison.Ordinal)), result.Output);
    }

    [TestMethod]
    public void An_upload_of_4_MiB_arrives_byte_exact()
    {
        const int Size = 4 << 20;
        byte[] content = ServedNic.Content(Size);
        string path = Path.Combine(_served.Scratch.FullName, "upload");
        File.WriteAllBytes(path, content);

        ProgramResult result = _served.Curl("--request", "POST", "--data-binary", $"@{path}", $"http://{ServedNic.Address}/upload/stored.bin");

        Assert.AreEqual(0, result.ExitCode, result.Error + _served.Output);
        JsonElement answer = JsonDocument.Parse(result.Output).RootElement;
        Assert.AreEqual(Size, answer.GetProperty("bytes").GetInt32());
        Assert.AreEqual(ServedNic.Sha256(content), answer.GetProperty("sha256").GetString());
        Assert.IsTrue(File.ReadAllBytes(Path.Combine(_served.Uploads.FullName, "stored.bin")).AsSpan().SequenceEqual(content));
    }

    [TestMethod]
    public void A_client_that_is_killed_in_mid_transfer_harms_nobody()
    {
        string path = Path.Combine(_served.Scratch.FullName, "killed");
        using (TestProgram curl = _served.Network.Start("curl", "--silent", "--limit-rate", "200k", "--output", path, ServedNic.Url(16 << 20)))
        {
            while (!File.Exists(path) || new FileInfo(path).Length == 0)
            {
                Assert.IsFalse(curl.HasExited, curl.Error);
                Thread.Sleep(20);
            }

            curl.Signal("KILL");
            Assert.AreNotEqual(0, curl.WaitForExit(TimeSpan.FromSeconds(30)).ExitCode);
        }

        Assert.IsTrue(_served.Fetch(1460).AsSpan().SequenceEqual(ServedNic.Content(1460)));
    }

    [TestMethod]
    public void Ping_is_answered()
    {
        Skip.UnlessInstalled("ping");
        ProgramResult result = _served.Network.Run("ping", "-c", "5", "-i", "0.2", "-s", "1400", "-W", "10", ServedNic.Address);
        Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
        Assert.Contains("5 received", result.Output);
    }

    [TestMethod]
    public void A_port_without_listener_refuses()
    {
        ProgramResult result = _served.Curl($"http://{ServedNic.Address}:81/");
        Assert.AreEqual(7, result.ExitCode, result.Error); // CURLE_COULDNT_CONNECT: a reset, not a time-out
    }

    [TestMethod]
    public void Malformed_frames_leave_it_serving()
    {
        int seed = TestSeed.Take();
        _served.Network.Inside(() =>
        {
            using RawFrameSocket raw = new(LinuxEnd.Tap);
            foreach (byte[] frame in MalformedFrames.Make(seed, count: 2000))
            {
                raw.Send(frame);
            }

            return true;
        });

        Assert.IsTrue(_served.Fetch(1 << 20).AsSpan().SequenceEqual(ServedNic.Content(1 << 20)));
    }

    [TestMethod]
    public void Tshark_finds_no_wrong_checksum()
    {
        Skip.UnlessInstalled("tshark");
        Assert.IsTrue(_served.Fetch(1 << 20).AsSpan().SequenceEqual(ServedNic.Content(1 << 20)));
        string copy = Path.Combine(_served.Scratch.FullName, "capture.pcapng");
        File.Copy(_served.Capture, copy, overwrite: true);

        // Only what the server itself sent: the malformed frames of another test stand in the capture too, and some of them claim the server's address.
        ProgramResult result = TestProgram.Run(
            "tshark", "-r", copy, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
            "-Y", $"ip.src == {ServedNic.Address} && tcp && eth.src != {MalformedFrames.Source}", "-T", "fields", "-e", "tcp.checksum.status", "-e", "ip.checksum.status");

        string[] lines = result.Output.Trim().Split('\n');
        Assert.IsGreaterThan(20, lines.Length, result.Error);
        Assert.IsEmpty(lines.Where(l => !string.Equals(l.Trim(), "1\t1", StringComparison.Ordinal)), "checksum status of TCP and IP, 1: good");
    }
}

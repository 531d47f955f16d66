using System.Net.Sockets;
using System.Text.RegularExpressions;
using FpgaNet.Cli.Http;
using FpgaNet.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FpgaNet.Interop.Tests;

/// <summary>The commands other than <c>serve</c>, and how <c>serve</c> begins and ends.</summary>
[TestClass]
public sealed class CommandTests
{
    [TestMethod]
    [DataRow("tap", 4 << 20)]
    [DataRow("sim-pcie", 1 << 20)]
    [DataRow("sim-usb", 1 << 20)]
    [DataRow("sim-usb3", 1 << 20)]
    public async Task Fetch_gets_a_file_from_a_Linux_server(string nic, int size)
    {
        using NetworkNamespace network = LinuxEnd.Make();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fpganet-");
        byte[] content = ServedNic.Content(size);
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "file.bin"), content);
        using PhysicalFileProvider files = new(folder.FullName);

        // Kestrel on the operating system's sockets, which stand in the namespace.
        SocketTransportOptions sockets = new()
        {
            CreateBoundListenSocket = endPoint => network.Inside(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint)),
        };
        await using (WebApplication server = FileServer.Make(
            new FileServerSettings { Files = files, Port = 8000 },
            new SocketTransportFactory(Options.Create(sockets), NullLoggerFactory.Instance)))
        {
            await server.StartAsync();
            string path = Path.Combine(folder.FullName, "fetched.bin");

            ProgramResult result = network.Run(
                LinuxEnd.FpgaNet, ["fetch", $"http://{LinuxEnd.Address}:8000/file.bin", "-o", path, .. LinuxEnd.NicArguments(nic)]);

            Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
            Assert.Contains($"sha256 {ServedNic.Sha256(content)}", result.Output);
            Assert.IsTrue((await File.ReadAllBytesAsync(path)).AsSpan().SequenceEqual(content));

            ProgramResult missing = network.Run(
                LinuxEnd.FpgaNet, ["fetch", $"http://{LinuxEnd.Address}:8000/no-such-file", "-o", path, .. LinuxEnd.NicArguments(nic)]);
            Assert.AreEqual(1, missing.ExitCode);
            Assert.Contains("the server answered 404", missing.Error);
        }

        folder.Delete(recursive: true);
    }

    [TestMethod]
    public void Fetch_from_a_closed_port_says_so()
    {
        using NetworkNamespace network = LinuxEnd.Make();
        ProgramResult result = network.Run(LinuxEnd.FpgaNet, ["fetch", $"http://{LinuxEnd.Address}:9/x", .. LinuxEnd.NicArguments("tap")]);
        Assert.AreEqual(1, result.ExitCode);
        Assert.Contains(new SocketException((int)SocketError.ConnectionRefused).Message, result.Error);
    }

    [TestMethod]
    [DataRow("tap")]
    [DataRow("sim-pcie")]
    [DataRow("sim-usb")]
    [DataRow("sim-usb3")]
    public void Ping_hears_Linux(string nic)
    {
        using NetworkNamespace network = LinuxEnd.Make();
        ProgramResult result = network.Run(LinuxEnd.FpgaNet, ["ping", LinuxEnd.Address, "-c", "3", "-i", "0.1", "-s", "1400", .. LinuxEnd.NicArguments(nic)]);
        Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
        Assert.Contains("3 sent, 3 received, 0 % lost", result.Output);
    }

    [TestMethod]
    public void Ping_of_nobody_fails()
    {
        using NetworkNamespace network = LinuxEnd.Make();
        ProgramResult result = network.Run(LinuxEnd.FpgaNet, ["ping", "192.0.2.99", "-c", "1", .. LinuxEnd.NicArguments("tap")]);
        Assert.AreEqual(1, result.ExitCode);
        Assert.Contains("1 sent, 0 received", result.Output);
    }

    [TestMethod]
    [DataRow("tap")]
    [DataRow("sim-pcie")]
    [DataRow("sim-usb")]
    public void Interrupted_it_stops_in_order(string nic)
    {
        using ServedNic served = new(nic, "all");
        Assert.IsTrue(served.Fetch(1460).AsSpan().SequenceEqual(ServedNic.Content(1460)));

        ProgramResult result = served.Stop();

        Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
        Assert.Contains("Stopping.", result.Output);
        Assert.Contains("GET /1460.bin 200 1460 bytes", result.Output);
        Assert.Contains("tcp_segments_sent", result.Output);
        Assert.AreEqual("", result.Error);
    }

    [TestMethod]
    public void A_file_crosses_a_cable_that_loses_and_reorders()
    {
        using ServedNic served = new("sim-pcie", "all", "--loss", "1", "--reorder", "1", "--seed", "7");
        Assert.IsTrue(served.Fetch(1 << 20).AsSpan().SequenceEqual(ServedNic.Content(1 << 20)));
    }

    [TestMethod]
    [DataRow("sim-pcie")]
    [DataRow("sim-usb")]
    public void Demo_moves_its_file_twice(string nic)
    {
        ProgramResult result = TestProgram.Run(LinuxEnd.FpgaNet, "demo", "--nic", nic, "--size", "1", "--seed", "1");
        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.AreEqual(2, result.Output.Split('\n').Count(l => string.Equals(l.Trim(), "sha256 match: yes", StringComparison.Ordinal)), result.Output);
        Assert.Contains("offloads on", result.Output);
        Assert.Contains("offloads off (the card does: none)", result.Output);
    }

    [TestMethod]
    [DataRow("sim-pcie", "tx", "sent")]
    [DataRow("sim-usb3", "both", "sent and obeyed")]
    public void Flow_control_is_switched_on(string nic, string wanted, string told)
    {
        using ServedNic served = new(nic, "all", "--flow-control", wanted);
        Assert.IsTrue(served.Fetch(1460).AsSpan().SequenceEqual(ServedNic.Content(1460)));
        Assert.Contains($"pause     {told} (802.3x)", served.Stop().Output);
    }

    [TestMethod]
    public void A_flow_that_a_rule_drops_stays_out_and_is_counted()
    {
        const string Rule = "tcp4 src-ip 192.0.2.1 dst-ip 192.0.2.2 src-port 4001 dst-port 80 action";
        using ServedNic served = new("sim-pcie", "all", "--flow", $"{Rule} -1", "--flow", Rule.Replace("4001", "4002", StringComparison.Ordinal) + " 0");
        Assert.AreEqual(28, served.Curl("--local-port", "4001", "--max-time", "2", ServedNic.Url(1460)).ExitCode, "curl: timed out");
        Assert.IsTrue(served.Fetch(1460, "--local-port", "4002").AsSpan().SequenceEqual(ServedNic.Content(1460)));
        string output = served.Stop().Output;
        Assert.MatchesRegex(new Regex($@"\n +[1-9]\d*  {Rule} -1\n", RegexOptions.None, TimeSpan.FromSeconds(1)), output);
        Assert.MatchesRegex(new Regex($@"\n +[1-9]\d*  {Rule.Replace("4001", "4002", StringComparison.Ordinal)} 0\n", RegexOptions.None, TimeSpan.FromSeconds(1)), output);
    }

    [TestMethod]
    public void Info_describes_the_simulated_card()
    {
        ProgramResult result = TestProgram.Run(LinuxEnd.FpgaNet, "info");
        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.Contains("125 MHz, 64 bits a clock", result.Output);
        Assert.Contains("rx-hash", result.Output);
    }

    [TestMethod]
    [DataRow("'fast' is not an offload", "serve", ".", "--address", "192.0.2.2/24", "--offload", "fast")]
    [DataRow("'192.0.2.2' is not an address with its prefix", "serve", ".", "--address", "192.0.2.2")]
    [DataRow("--address", "serve", ".")]
    [DataRow("--flow-control is none, rx, tx or both", "serve", ".", "--address", "192.0.2.2/24", "--flow-control", "on")]
    [DataRow("--flow-control needs --nic sim-pcie", "serve", ".", "--address", "192.0.2.2/24", "--nic", "tap", "--flow-control", "rx")]
    [DataRow("is not a flow rule", "serve", ".", "--address", "192.0.2.2/24", "--flow", "tcp4 src-ip 192.0.2.1")]
    [DataRow("are not those of tcp6", "serve", ".", "--address", "192.0.2.2/24", "--flow", "tcp6 src-ip 192.0.2.1 dst-ip 192.0.2.2 src-port 1 dst-port 2 action 0")]
    [DataRow("--flow needs a card", "serve", ".", "--address", "192.0.2.2/24", "--nic", "tap", "--flow", "tcp4 src-ip 192.0.2.1 dst-ip 192.0.2.2 src-port 1 dst-port 2 action 0")]
    [DataRow("--trace needs --nic sim-pcie", "serve", ".", "--address", "192.0.2.2/24", "--nic", "tap", "--trace", "x.fst")]
    [DataRow("is not an http address", "fetch", "ftp://example.com/", "--address", "192.0.2.2/24")]
    [DataRow("no-such-folder", "serve", "no-such-folder", "--address", "192.0.2.2/24")]
    public void Wrong_words_are_answered_with_what_is_right(string expected, params string[] arguments)
    {
        ProgramResult result = TestProgram.Run(LinuxEnd.FpgaNet, arguments);
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.Contains(expected, result.Error);
        Assert.DoesNotContain("   at ", result.Error, "no stack trace");
    }

    [TestMethod]
    public void An_interface_that_is_no_TAP_is_refused_in_words()
    {
        using NetworkNamespace network = LinuxEnd.Make();
        ProgramResult result = network.Run(LinuxEnd.FpgaNet, "serve", ".", "--nic", "tap", "--tap", "lo", "--address", "192.0.2.2/24");
        Assert.AreEqual(1, result.ExitCode);
        Assert.Contains("fpganet: 'lo' exists already and is not a single-queue TAP", result.Error);
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FpgaNet.Packets.Devices;
using FpgaNet.Stack;
using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Dns;
using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests;

/// <summary>An address from dnsmasq, and names from it, through a TAP.</summary>
[TestClass]
public sealed class DnsmasqTests
{
    private const int ManyAddresses = 120; // more than 1232 bytes hold

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [TestMethod]
    public async Task An_address_and_names_come_from_dnsmasq()
    {
        using NetworkNamespace network = LinuxEnd.Make();
        Skip.UnlessInstalled("dnsmasq");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fpganet-");
        string hosts = Path.Combine(folder.FullName, "hosts");
        await File.WriteAllLinesAsync(hosts, Enumerable.Range(0, ManyAddresses).Select(i => $"198.51.100.{i} many.example.org"));
        using TestProgram dnsmasq = network.Start(
            "sh", "-c", "exec dnsmasq \"$@\" 2>&1", "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--pid-file=", $"--interface={LinuxEnd.Tap}", "--bind-interfaces",
            "--no-resolv", "--no-hosts", $"--addn-hosts={hosts}", "--log-facility=-", "--log-dhcp", "--log-queries",
            $"--dhcp-leasefile={Path.Combine(folder.FullName, "leases")}", "--dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2m", "--no-ping",
            "--dhcp-option=option:domain-search,example.org", "--dhcp-option=26,1400", "--dhcp-option=121,203.0.113.0/24,192.0.2.7,0.0.0.0/0,192.0.2.1",
            "--local=/example.org/", "--domain=example.org", "--host-record=www.example.org,198.51.100.80,2001:db8::80", "--cname=alias.example.org,www.example.org",
            "--txt-record=text.example.org,hello", "--srv-host=_sip._tcp.example.org,www.example.org,5060,1,2", "--mx-host=example.org,www.example.org,10");
        using SoftwareOffload device = new(network.Inside(() => new TapDevice(new TapOptions { Name = LinuxEnd.Tap })));
        using NetworkStack stack = new(device, new NetworkStackOptions());
        using StackThread thread = new(stack);
        using (DhcpClient client = stack.StartDhcp(stack.Interfaces[0], new DhcpSettings { HostName = "card" }))
        {
            DhcpLease lease;
            try
            {
                lease = await client.WaitForLeaseAsync().WaitAsync(s_limit);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"no lease; {client.State}; dnsmasq said:\n{dnsmasq.Output}");
                return;
            }

            Assert.IsTrue(lease.Address.Address.IPv4.Value is >= 0xC0000264 and <= 0xC0000296, lease.ToString());
            Assert.AreEqual(24, lease.Address.PrefixLength);
            Assert.AreEqual(TimeSpan.FromMinutes(2), lease.Duration);
            Assert.AreEqual(1400, lease.MaximumTransmissionUnit);
            Assert.AreEqual("example.org", lease.DomainName);
            CollectionAssert.AreEqual(new[] { "example.org" }, lease.SearchList.ToArray());
            CollectionAssert.AreEqual(new[] { "203.0.113.0/24 192.0.2.7", "0.0.0.0/0 192.0.2.1" }, lease.Routes.Select(r => $"{r.Prefix} {r.Gateway}").ToArray());
            Assert.AreEqual("192.0.2.1", lease.NameServers.Single().ToString());

            // The kernel reaches the address, with packets as long as they may be.
            ProgramResult ping = network.Run("ping", "-c", "2", "-i", "0.2", "-s", "1372", "-M", "do", lease.Address.Address.ToString());
            Assert.AreEqual(0, ping.ExitCode, ping.Output + ping.Error);

            using DnsResolver resolver = stack.CreateResolver(new DnsSettings
            {
                Servers = [.. lease.NameServers.Select(server => new IPEndPoint(server.ToIPAddress(), DnsSettings.DefaultPort))],
                SearchList = lease.SearchList,
            });
            await NamesAsync(resolver);
        }

        dnsmasq.WaitForOutput("DHCPRELEASE", s_limit);
        folder.Delete(recursive: true);
    }

    /// <summary>The command with nothing given: address, name server and name come from the network.</summary>
    [TestMethod]
    [DataRow("tap")]
    [DataRow("sim-pcie")]
    public async Task The_command_fetches_by_name_with_an_address_from_dnsmasq(string nic)
    {
        using NetworkNamespace network = LinuxEnd.Make();
        Skip.UnlessInstalled("dnsmasq");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fpganet-");
        using TestProgram dnsmasq = network.Start(
            "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--pid-file=", $"--interface={LinuxEnd.Tap}", "--bind-interfaces",
            "--no-resolv", "--no-hosts", $"--dhcp-leasefile={Path.Combine(folder.FullName, "leases")}", "--dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2m", "--no-ping",
            $"--host-record=files.example.org,{LinuxEnd.Address}");
        byte[] content = ServedNic.Content(100_000);
        using TcpListener listener = network.Inside(() => new TcpListener(IPAddress.Parse(LinuxEnd.Address), 80));
        network.Inside(() =>
        {
            listener.Start();
            return true;
        });
        Task serving = AnswerOnceAsync(listener, content);
        string file = Path.Combine(folder.FullName, "file.bin");

        ProgramResult result = network.Run(
            LinuxEnd.FpgaNet, "fetch", "http://files.example.org/file.bin", "--output", file, "--nic", nic, "--tap", LinuxEnd.Tap, "--dhcp");

        Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
        await serving.WaitAsync(s_limit);
        Assert.IsTrue((await File.ReadAllBytesAsync(file)).AsSpan().SequenceEqual(content));
        folder.Delete(recursive: true);
    }

    /// <summary>Each queue has a stack of its own; addresses come to one of them or to each, and all have the same.</summary>
    [TestMethod]
    public void Every_queue_s_stack_has_the_addresses_from_dnsmasq()
    {
        using NetworkNamespace network = LinuxEnd.Make();
        Skip.UnlessInstalled("dnsmasq");
        Skip.UnlessInstalled("curl");
        network.Ip("addr", "add", "2001:db8::1/64", "dev", LinuxEnd.Tap, "nodad");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fpganet-");
        using TestProgram dnsmasq = network.Start(
            "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root", "--pid-file=", $"--interface={LinuxEnd.Tap}", "--bind-interfaces", "--port=0",
            $"--dhcp-leasefile={Path.Combine(folder.FullName, "leases")}", "--dhcp-range=192.0.2.100,192.0.2.150,255.255.255.0,2m", "--no-ping", "--enable-ra", "--dhcp-range=2001:db8::,ra-only");
        DirectoryInfo files = folder.CreateSubdirectory("files");
        byte[] content = ServedNic.Content(20_000);
        File.WriteAllBytes(Path.Combine(files.FullName, "file.bin"), content);

        // Three: then the answers of DHCP come to the third.
        using TestProgram server = network.Start(
            LinuxEnd.FpgaNet, "serve", files.FullName, "--nic", "sim-pcie", "--tap", LinuxEnd.Tap, "--queues", "3", "--dhcp", "--slaac");
        server.WaitForOutput("Ctrl-C stops", s_limit);
        string[] urls = [.. server.Output.Split(' ').Where(static word => word.StartsWith("http://", StringComparison.Ordinal))];
        Assert.HasCount(2, urls, server.Output);
        string got = Path.Combine(folder.FullName, "got");
        for (int i = 0; i < 8; i++)
        {
            // Ports one behind the other hash to all of the queues.
            ProgramResult result = network.Run("curl", "--silent", "--show-error", "--fail", "--max-time", "60", "--local-port", $"{4000 + i}", "--output", got, $"{urls[i % 2]}file.bin");
            Assert.AreEqual(0, result.ExitCode, $"{urls[i % 2]}: {result.Error}{server.Output}{server.Error}");
            Assert.IsTrue(File.ReadAllBytes(got).AsSpan().SequenceEqual(content));
        }

        server.Signal("INT");
        ProgramResult end = server.WaitForExit(s_limit);
        Assert.AreEqual("", end.Error);
        folder.Delete(recursive: true);
    }

    private static async Task AnswerOnceAsync(TcpListener listener, byte[] content)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        _ = await stream.ReadAsync(new byte[4096]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Length: {content.Length}\r\n\r\n")));
        await stream.WriteAsync(content);
    }

    private static async Task NamesAsync(DnsResolver resolver)
    {
        Assert.AreEqual("198.51.100.80 2001:db8::80", string.Join(' ', await resolver.ResolveAsync("www")));
        Assert.AreEqual("198.51.100.80 2001:db8::80", string.Join(' ', await resolver.ResolveAsync("alias.example.org.")));
        Assert.HasCount(ManyAddresses, await resolver.ResolveAsync("many.example.org")); // over TCP
        Assert.AreEqual("hello", ((TextRecord)(await resolver.LookupAsync("text.example.org", DnsRecordType.TXT))[0]).Strings.Single());
        ServiceRecord service = (ServiceRecord)(await resolver.LookupAsync("_sip._tcp.example.org", DnsRecordType.SRV))[0];
        Assert.AreEqual("www.example.org 5060 1 2", string.Create(CultureInfo.InvariantCulture, $"{service.Target} {service.Port} {service.Priority} {service.Weight}"));
        Assert.AreEqual("www.example.org", ((MailExchangeRecord)(await resolver.LookupAsync("example.org", DnsRecordType.MX))[0]).Exchange);
        Assert.AreEqual("www.example.org", await resolver.ReverseAsync(IPAddress.Parse("198.51.100.80")));
        Assert.AreEqual("www.example.org", await resolver.ReverseAsync(IPAddress.Parse("2001:db8::80")));
        SocketException missing = await Assert.ThrowsExactlyAsync<SocketException>(() => resolver.ResolveAsync("no-such-name.example.org."));
        Assert.AreEqual(SocketError.HostNotFound, missing.SocketErrorCode);
        SocketException none = await Assert.ThrowsExactlyAsync<SocketException>(() => resolver.LookupAsync("www.example.org", DnsRecordType.MX));
        Assert.AreEqual(SocketError.NoData, none.SocketErrorCode);
    }
}

using System.Net;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Names;
using FpgaNet.Stack.Tests.Dns;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Names.AddrInfoFlags;
using static FpgaNet.Stack.Sockets.Names.GaiError;

namespace FpgaNet.Sockets.Tests.Names;

/// <summary>Names of hosts: localhost, and what a name server on the other host knows.</summary>
[TestClass]
public sealed class HostNameTests
{
    [TestMethod]
    public void Localhost_needs_nobody_to_be_asked()
    {
        using SocketHosts hosts = new();
        AddrInfo hints = new() { Kind = SOCK_STREAM, Flags = AI_CANONNAME };
        foreach (string name in (string[])["localhost", "LOCALHOST.", "any.localhost"])
        {
            Assert.AreEqual(GaiError.None, hosts.A.Calls.GetAddrInfo(name, "80", hints, out AddrInfo? first));
            Assert.AreEqual("localhost", first!.CanonicalName);
            CollectionAssert.AreEquivalent((SockAddr[])[SockAddr.Inet6(IPv6Address.Loopback, 80), SockAddr.Inet(IPv4Address.Loopback, 80)], Addresses(first));
        }

        Assert.AreEqual(EAI_NONAME, hosts.A.Calls.GetAddrInfo("www.example.org", "80", hints, out _));
        byte[] text = new byte[64];
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetNameInfo(SockAddr.Inet(IPv4Address.Loopback, 80), text, default, NameInfoFlags.NI_NAMEREQD));
        Assert.AreEqual("localhost", Text(text));
        Assert.AreEqual(EAI_NONAME, hosts.A.Calls.GetNameInfo(hosts.A.Inet, text, default, NameInfoFlags.NI_NAMEREQD));
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetNameInfo(hosts.A.Inet, text, default, NameInfoFlags.None));
        Assert.AreEqual("192.0.2.1", Text(text));
    }

    [TestMethod]
    public void A_name_server_is_asked_for_what_is_wanted_only()
    {
        using SocketHosts hosts = new();
        using ScriptedNameServer server = new(hosts.B.Stack);
        server.Add("www.example.org", "CNAME real.example.org");
        server.Add("real.example.org", "A 192.0.2.2");
        server.Add("real.example.org", "AAAA 2001:db8::2");
        server.Add("four.example.org", "A 192.0.2.4");
        server.Add("2.2.0.192.in-addr.arpa", "PTR real.example.org");
        using DnsResolver resolver = hosts.A.Stack.CreateResolver(new DnsSettings { Servers = [server.EndPoint], SearchList = ["example.org"] });
        hosts.A.System.HostNames = resolver;
        hosts.A.System.HostName = "own.example.org";
        SockAddr four = SockAddr.Inet(IPv4Address.Parse("192.0.2.2"), 443);
        SockAddr six = SockAddr.Inet6(IPv6Address.Parse("2001:db8::2"), 443);
        SockAddr mapped = SockAddr.Inet6(IPv4Address.Parse("192.0.2.2"), 443);
        SockAddr mappedFour = SockAddr.Inet6(IPv4Address.Parse("192.0.2.4"), 443);
        (string Name, SocketDomain Family, AddrInfoFlags Flags, GaiError Error, SockAddr[] Expected)[] cases =
        [
            ("www.example.org", AF_INET, AddrInfoFlags.None, GaiError.None, [four]),
            ("www.example.org", AF_UNSPEC, AI_CANONNAME, GaiError.None, [six, four]),
            ("www", AF_INET6, AddrInfoFlags.None, GaiError.None, [six]),
            ("www", AF_INET6, AI_V4MAPPED, GaiError.None, [six]),
            ("www", AF_INET6, AI_V4MAPPED | AI_ALL, GaiError.None, [six, mapped]),
            ("four", AF_INET6, AI_V4MAPPED, GaiError.None, [mappedFour]),
            ("four", AF_INET6, AddrInfoFlags.None, EAI_NODATA, []),
            ("four", AF_INET6, AI_ALL, EAI_NODATA, []),
            ("four", AF_UNSPEC, AI_ADDRCONFIG, GaiError.None, [SockAddr.Inet(IPv4Address.Parse("192.0.2.4"), 443)]),
            ("nobody.example.org.", AF_UNSPEC, AddrInfoFlags.None, EAI_NONAME, []),
            ("www", AF_UNSPEC, AI_NUMERICHOST, EAI_NONAME, []),
        ];
        foreach ((string name, SocketDomain family, AddrInfoFlags flags, GaiError error, SockAddr[] expected) in cases)
        {
            Assert.AreEqual(error, hosts.A.Calls.GetAddrInfo(name, "https", new AddrInfo { Family = family, Kind = SOCK_STREAM, Flags = flags }, out AddrInfo? first), $"{name} {family} {flags}");
            CollectionAssert.AreEqual(expected, Addresses(first), $"{name} {family} {flags}");
            Assert.AreEqual(flags == AI_CANONNAME ? "real.example.org" : null, first?.CanonicalName);
        }

        Assert.DoesNotContain("nobody.example.org AAAA tcp", server.Questions);
        byte[] text = new byte[64];
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetNameInfo(four, text, default, NameInfoFlags.None));
        Assert.AreEqual("real.example.org", Text(text));
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetNameInfo(four, text, default, NameInfoFlags.NI_NOFQDN));
        Assert.AreEqual("real", Text(text));
    }

    [TestMethod]
    public void Only_families_that_are_asked_for_are_looked_up()
    {
        using SocketHosts hosts = new();
        using ScriptedNameServer server = new(hosts.B.Stack);
        server.Add("www.example.org", "A 192.0.2.2");
        using DnsResolver resolver = hosts.A.Stack.CreateResolver(new DnsSettings { Servers = [server.EndPoint] });
        hosts.A.System.HostNames = resolver;
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetAddrInfo("www.example.org", null, new AddrInfo { Family = AF_INET }, out _));
        CollectionAssert.AreEqual((string[])["www.example.org A"], server.Questions);
    }

    [TestMethod]
    public void A_server_that_is_silent_is_EAI_AGAIN()
    {
        using SocketHosts hosts = new();
        DnsSettings settings = new() { Servers = [new IPEndPoint(IPAddress.Parse("192.0.2.2"), 53)], Attempts = 1, Timeout = TimeSpan.FromMilliseconds(20) };
        using DnsResolver resolver = hosts.A.Stack.CreateResolver(settings);
        hosts.A.System.HostNames = resolver;
        Assert.AreEqual(EAI_AGAIN, hosts.A.Calls.GetAddrInfo("www.example.org", null, null, out _));
        Assert.AreEqual(EAI_AGAIN, hosts.A.Calls.GetNameInfo(hosts.B.Inet, new byte[64], default, NameInfoFlags.NI_NAMEREQD));
    }

    private static SockAddr[] Addresses(AddrInfo? first)
    {
        List<SockAddr> addresses = [];
        for (; first is not null; first = first.Next)
        {
            addresses.Add(first.Address);
        }

        return [.. addresses];
    }

    private static string Text(byte[] text) => Encoding.UTF8.GetString(text.AsSpan(0, text.AsSpan().IndexOf((byte)0)));
}

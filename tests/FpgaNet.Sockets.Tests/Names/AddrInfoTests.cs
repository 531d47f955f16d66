using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Names;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Names.AddrInfoFlags;
using static FpgaNet.Stack.Sockets.Names.GaiError;
using static FpgaNet.Stack.Sockets.Names.NameInfoFlags;

namespace FpgaNet.Sockets.Tests.Names;

/// <summary>getaddrinfo and getnameinfo where nobody has to be asked: the same as the C library's.</summary>
[TestClass]
public sealed class AddrInfoTests
{
    [TestMethod]
    public void Texts_and_services_give_what_the_C_library_gives()
    {
        using SocketHosts hosts = new();
        string?[] nodes = [null, "1.2.3.4", "127.1", "0x7f.1", "::1", "::ffff:1.2.3.4", "fe80::1%3", "2001:db8::1%3", "2001:db8::1%eth7", "fe80::1%", "1.2.3.4 ", "256.1.1.1", string.Empty, "*", "x"];
        string?[] services = [null, "80", "-1", " 80", "+80", string.Empty, "*", .. File.Exists("/etc/services") ? (ReadOnlySpan<string>)["http", "domain", "tftp", "no-such-service", "80x"] : []];
        SocketDomain[] families = [AF_UNSPEC, AF_INET, AF_INET6, AF_PACKET];
        (SocketKind Kind, int Protocol)[] kinds = [(default, 0), (SOCK_STREAM, 0), (SOCK_DGRAM, 0), (SOCK_RAW, 0), ((SocketKind)77, 0), (default, 6), (default, 17), (default, 99), (SOCK_STREAM, 17), (SOCK_DGRAM, 17), (SOCK_RAW, 99)];
        AddrInfoFlags[] flags = [AddrInfoFlags.None, AI_PASSIVE, AI_CANONNAME, AI_V4MAPPED, AI_V4MAPPED | AI_ALL, AI_NUMERICSERV, (AddrInfoFlags)0x10000];
        foreach (string? node in nodes)
        {
            // The C library reads a file for each name of a service: with one node only.
            foreach (string? service in services.Where(service => node is null or "1.2.3.4" || service is null || !service.Any(char.IsAsciiLetter)))
            {
                foreach (SocketDomain family in families)
                {
                    foreach ((SocketKind kind, int protocol) in kinds)
                    {
                        foreach (AddrInfoFlags flag in flags)
                        {
                            AddrInfo hints = new() { Family = family, Kind = kind, Protocol = protocol, Flags = flag | AI_NUMERICHOST };
                            Assert.AreEqual(LibcNames.GetAddrInfo(node, service, hints), Ours(hosts, node, service, hints), $"'{node}' '{service}' {family} {kind} {protocol} {flag}");
                        }
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Without_hints_all_types_are_given()
    {
        using SocketHosts hosts = new();
        Assert.AreEqual(LibcNames.GetAddrInfo("192.0.2.9", "80", null), Ours(hosts, "192.0.2.9", "80", null));
        Assert.AreEqual(EAI_NONAME, hosts.A.Calls.GetAddrInfo(null, null, null, out _));
        Assert.AreEqual(EAI_SERVICE, hosts.A.Calls.GetAddrInfo("192.0.2.9", "65536", null, out _)); // glibc would give port 0
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetAddrInfo("192.0.2.9", "65535", null, out AddrInfo? result));
        AddrInfo first = result!;
        Assert.IsNotNull(first.Next);
        DescriptorTable.FreeAddrInfo(first);
        Assert.IsNull(first.Next);
    }

    [TestMethod]
    public void Scopes_are_names_or_numbers_of_interfaces()
    {
        using SocketHosts hosts = new();
        string name = hosts.A.Stack.Interfaces[0].Name;
        int index = hosts.A.Stack.Interfaces[0].Index;
        AddrInfo hints = new() { Kind = SOCK_STREAM };
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetAddrInfo($"fe80::1%{name}", "80", hints, out AddrInfo? result));
        Assert.AreEqual(SockAddr.Inet6(IPv6Address.Parse("fe80::1"), 80, index), result!.Address);
        byte[] host = new byte[64];
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetNameInfo(result.Address, host, default, NI_NUMERICHOST));
        Assert.AreEqual($"fe80::1%{name}", Text(host));
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetNameInfo(result.Address, host, default, NI_NUMERICHOST | NI_NUMERICSCOPE));
        Assert.AreEqual($"fe80::1%{index}", Text(host));
        Assert.AreEqual(EAI_NONAME, hosts.A.Calls.GetAddrInfo("fe80::1%nobody", "80", hints, out _));
    }

    [TestMethod]
    public void Addresses_and_ports_are_named_as_the_C_library_names_them()
    {
        using SocketHosts hosts = new();
        SockAddr[] addresses =
        [
            SockAddr.Inet(IPv4Address.Parse("192.0.2.9"), 53), SockAddr.Inet(IPv4Address.Parse("192.0.2.9"), 60000), SockAddr.Inet6(IPv6Address.Parse("2001:db8::9"), 69), SockAddr.Inet6(IPv6Address.Parse("fe80::1"), 1, 77),
            SockAddr.Inet6(IPv6Address.Parse("2001:db8::9"), 80, 5), new SockAddr { Family = AF_PACKET }, SockAddr.Inet6(IPv4Address.Parse("192.0.2.9"), 22),
        ];
        NameInfoFlags[] flags = [NI_NUMERICHOST, NI_NUMERICHOST | NI_NUMERICSERV, NI_NUMERICHOST | NI_DGRAM, NI_NUMERICHOST | NI_NAMEREQD, NI_NUMERICHOST | (NameInfoFlags)0x1000];
        foreach (SockAddr address in addresses)
        {
            foreach (NameInfoFlags flag in File.Exists("/etc/services") ? flags : [.. flags.Select(each => each | NI_NUMERICSERV)])
            {
                foreach ((int host, int service) in ((int, int)[])[(64, 64), (0, 64), (64, 0), (5, 64), (64, 2)])
                {
                    Assert.AreEqual(LibcNames.GetNameInfo(address, host, service, flag), Ours(hosts, address, host, service, flag), $"{address} {flag} {host} {service}");
                }
            }
        }
    }

    [TestMethod]
    public void Asking_for_no_name_is_EAI_NONAME_as_POSIX_says()
    {
        using SocketHosts hosts = new();
        Assert.AreEqual(EAI_NONAME, hosts.A.Calls.GetNameInfo(hosts.A.Inet, default, default, NI_NUMERICHOST)); // glibc: only with NI_NAMEREQD
    }

    [TestMethod]
    public void Every_error_has_a_text_of_its_own()
    {
        GaiError[] errors = [.. Enum.GetValues<GaiError>(), (GaiError)(-99)];
        Assert.HasCount(errors.Length, errors.Select(DescriptorTable.GaiStrError).ToHashSet());
    }

    [TestMethod]
    public void The_host_has_a_name()
    {
        using SocketHosts hosts = new();
        hosts.A.System.HostName = "card.example.org";
        byte[] name = new byte[17];
        Assert.AreEqual(0, hosts.A.Calls.GetHostName(name));
        Assert.AreEqual("card.example.org", Text(name));
        Assert.AreEqual(-1, hosts.A.Calls.GetHostName(name.AsSpan(0, 16)));
        Assert.AreEqual(Errno.ENAMETOOLONG, DescriptorTable.Errno);
        byte[] service = new byte[64];
        Assert.AreEqual(GaiError.None, hosts.A.Calls.GetNameInfo(SockAddr.Local("/run/x"), name, service, NameInfoFlags.None));
        Assert.AreEqual("card.example.org", Text(name));
        Assert.AreEqual("/run/x", Text(service));
    }

    private static string Ours(SocketHosts hosts, string? node, string? service, AddrInfo? hints)
    {
        GaiError error = hosts.A.Calls.GetAddrInfo(node, service, hints, out AddrInfo? first);
        if (error != GaiError.None)
        {
            Assert.IsNull(first);
            return $"{error}";
        }

        StringBuilder text = new();
        for (AddrInfo? each = first; each is not null; each = each.Next)
        {
            text.Append(LibcNames.Describe(each.Family, each.Kind, each.Protocol, each.Address, each.CanonicalName));
        }

        return text.ToString();
    }

    private static (GaiError Error, string Host, string Service) Ours(SocketHosts hosts, SockAddr address, int hostLength, int serviceLength, NameInfoFlags flags)
    {
        byte[] host = new byte[256];
        byte[] service = new byte[256];
        GaiError error = hosts.A.Calls.GetNameInfo(address, host.AsSpan(0, hostLength), service.AsSpan(0, serviceLength), flags);
        return error != GaiError.None ? (error, string.Empty, string.Empty) : (error, Text(host), Text(service));
    }

    private static string Text(byte[] text) => Encoding.UTF8.GetString(text.AsSpan(0, text.AsSpan().IndexOf((byte)0)));
}

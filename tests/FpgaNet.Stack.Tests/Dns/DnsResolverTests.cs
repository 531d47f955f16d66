using System.Net;
using System.Net.Sockets;
using FpgaNet.Simulation;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Dns;

[TestClass]
public sealed class DnsResolverTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    [TestMethod]
    public void A_name_has_addresses_of_both_families_and_is_remembered()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80", 100);
        rig.Server.Add("www.example.org", "A 192.0.2.81", 100);
        rig.Server.Add("www.example.org", "AAAA 2001:db8::80", 100);

        // The client has no IPv6 address: what it cannot reach comes last.
        Assert.AreEqual("192.0.2.80 192.0.2.81 2001:db8::80", rig.Resolve("www.example.org"));
        Assert.HasCount(2, rig.Server.Questions);
        Assert.AreEqual("192.0.2.80 192.0.2.81 2001:db8::80", rig.Resolve("WWW.Example.ORG."));
        Assert.HasCount(2, rig.Server.Questions, "it was asked again");
        rig.Network.Run(TimeSpan.FromSeconds(101));
        rig.Resolve("www.example.org");
        Assert.HasCount(4, rig.Server.Questions, "what is too old was used");
        Assert.HasCount(4, rig.Server.Ports.Distinct().ToArray(), "RFC 5452 §9.2: every question from another port");
    }

    // RFC 2308.
    [TestMethod]
    public void That_there_is_nothing_is_remembered_too()
    {
        using Rig rig = new();
        rig.Server.Add("example.org", "TXT here");
        rig.Server.Add("text.example.org", "TXT here");
        Assert.AreEqual("HostNotFound", rig.Resolve("no.example.org"));
        Assert.AreEqual("NoData", rig.Resolve("text.example.org"));
        Assert.HasCount(4, rig.Server.Questions);
        Assert.AreEqual("HostNotFound", rig.Resolve("no.example.org"));
        Assert.AreEqual("NoData", rig.Resolve("text.example.org"));
        Assert.AreEqual("HostNotFound", rig.Lookup("no.example.org", DnsRecordType.MX), "for all types");
        Assert.HasCount(4, rig.Server.Questions);
        rig.Network.Run(TimeSpan.FromSeconds(61));
        rig.Server.Add("no.example.org", "A 192.0.2.9");
        Assert.AreEqual("192.0.2.9", rig.Resolve("no.example.org"));
    }

    [TestMethod]
    public void Without_the_start_of_a_zone_a_no_is_not_remembered()
    {
        using Rig rig = new();
        Assert.AreEqual("HostNotFound", rig.Resolve("no.example.org"));
        Assert.AreEqual("HostNotFound", rig.Resolve("no.example.org"));
        Assert.HasCount(4, rig.Server.Questions);
    }

    [TestMethod]
    public void Aliases_are_followed_to_their_end_and_not_for_ever()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "CNAME web.example.org");
        rig.Server.Add("web.example.org", "CNAME elsewhere.example.net");
        rig.Server.Add("round.example.org", "CNAME about.example.org");
        rig.Server.Add("about.example.org", "CNAME round.example.org");
        rig.Server.Add("elsewhere.example.net", "A 198.51.100.7");
        Assert.AreEqual("198.51.100.7", rig.Resolve("www.example.org"));
        rig.Server.Questions.Clear();
        Assert.AreEqual("TryAgain", rig.Resolve("round.example.org"));
        Assert.HasCount(2, rig.Server.Questions);

        // A server that stops in the middle.
        rig.Resolver.ClearCache();
        rig.Server.Remove("elsewhere.example.net");
        rig.Server.Questions.Clear();
        Assert.AreEqual("HostNotFound", rig.Resolve("www.example.org"));
        Assert.Contains("elsewhere.example.net A", rig.Server.Questions);
    }

    [TestMethod]
    public void Records_of_all_types_are_read()
    {
        using Rig rig = new();
        rig.Server.Add("example.org", "MX 10 mail.example.org");
        rig.Server.Add("example.org", "TXT v=spf1 -all");
        rig.Server.Add("_sip._tcp.example.org", "SRV 1 2 5060 sip.example.org");
        Assert.AreEqual(new MailExchangeRecord("example.org", TimeSpan.FromSeconds(300), 10, "mail.example.org"), rig.LookupOne("example.org", DnsRecordType.MX));
        Assert.AreEqual("v=spf1 -all", ((TextRecord)rig.LookupOne("example.org", DnsRecordType.TXT)).Strings.Single());
        Assert.AreEqual(
            new ServiceRecord("_sip._tcp.example.org", TimeSpan.FromSeconds(300), 1, 2, 5060, "sip.example.org"), rig.LookupOne("_sip._tcp.example.org", DnsRecordType.SRV));
    }

    [TestMethod]
    public void Addresses_have_names()
    {
        using Rig rig = new(new DnsSettings { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase) { ["card"] = [IPAddress.Parse("192.0.2.200")] } });
        rig.Server.Add("80.2.0.192.in-addr.arpa", "PTR www.example.org");
        rig.Server.Add("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "PTR six.example.org");
        Assert.AreEqual("www.example.org", rig.Wait(rig.Resolver.ReverseAsync(IPAddress.Parse("192.0.2.80"))));
        Assert.AreEqual("six.example.org", rig.Wait(rig.Resolver.ReverseAsync(IPAddress.Parse("2001:db8::1"))));
        Assert.AreEqual("card", rig.Wait(rig.Resolver.ReverseAsync(IPAddress.Parse("192.0.2.200"))));
        Assert.AreEqual("192.0.2.200", rig.Resolve("CARD"));
        Assert.HasCount(2, rig.Server.Questions);
    }

    [TestMethod]
    [DataRow("localhost", "::1 127.0.0.1")]
    [DataRow("a.localhost.", "::1 127.0.0.1")]
    [DataRow("x.invalid", "HostNotFound")]
    [DataRow("x.onion", "HostNotFound")]
    [DataRow("192.0.2.7", "192.0.2.7")]
    [DataRow("2001:db8::7", "2001:db8::7")]
    [DataRow("bad..name.", "HostNotFound")]
    public void Some_names_are_never_asked_for(string name, string expected)
    {
        using Rig rig = new();
        Assert.AreEqual(expected, rig.Resolve(name));
        Assert.IsEmpty(rig.Server.Questions);
    }

    // resolv.conf(5).
    [TestMethod]
    [DataRow("web", "web.one.example web.two.example web")]
    [DataRow("web.", "web")]
    [DataRow("a.b", "a.b.one.example a.b.two.example a.b")]
    [DataRow("a.b.c", "a.b.c a.b.c.one.example a.b.c.two.example")]
    public void Names_are_tried_in_the_order_of_the_search_list(string name, string expected)
    {
        using Rig rig = new(new DnsSettings { SearchList = ["one.example", "two.example."], Dots = 2 });
        Assert.AreEqual("HostNotFound", rig.Resolve(name));
        Assert.AreEqual(expected, string.Join(' ', rig.Server.Questions.Where(q => q.EndsWith(" A", StringComparison.Ordinal)).Select(q => q[..^2])));
    }

    // RFC 7766 §5.
    [TestMethod]
    public void An_answer_that_does_not_fit_is_fetched_over_TCP()
    {
        using Rig rig = new();
        for (int i = 0; i < 100; i++)
        {
            rig.Server.Add("many.example.org", $"A 192.0.2.{i + 100}");
        }

        rig.Server.Truncates = true;
        Assert.HasCount(100, rig.Resolve("many.example.org").Split(' '));
        Assert.Contains("many.example.org A tcp", rig.Server.Questions);
    }

    [TestMethod]
    public void A_server_without_EDNS_is_asked_without()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80");
        rig.Server.RefusesExtensions = true;
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.example.org"));
    }

    // RFC 5452 §9: number, question with its cases, address and port must all be right.
    [TestMethod]
    [DataRow("id")]
    [DataRow("name")]
    [DataRow("type")]
    [DataRow("no response")]
    [DataRow("nothing")]
    public void A_wrong_answer_is_not_believed(string wrong)
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80");
        rig.Server.Distort = answer =>
        {
            switch (wrong)
            {
                case "id":
                    answer[0] ^= 1;
                    break;
                case "name":
                    answer[13] ^= 3; // another letter
                    break;
                case "type":
                    answer[12 + 17 + 1] ^= 4;
                    break;
                case "no response":
                    answer[2] &= 0x7F;
                    break;
                default:
                    return [];
            }

            return answer;
        };
        Assert.AreEqual("TryAgain", rig.Resolve("www.example.org"));
    }

    [TestMethod]
    public void A_question_has_random_cases_and_a_server_that_loses_them_is_asked_over_TCP()
    {
        using Rig rig = new();
        rig.Server.Add("www.a-long-name-with-many-letters.example.org", "A 192.0.2.80");
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.a-long-name-with-many-letters.example.org"));
        string asked = System.Text.Encoding.ASCII.GetString(rig.Server.LastQuestion);
        Assert.IsTrue(asked.Any(char.IsUpper) && asked.Any(char.IsLower));
        rig.Resolver.ClearCache();
        rig.Server.LowersCase = true;
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.a-long-name-with-many-letters.example.org"));
        Assert.Contains("www.a-long-name-with-many-letters.example.org A tcp", rig.Server.Questions);
    }

    [TestMethod]
    public void Who_floods_us_with_guesses_drives_us_to_TCP()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80");
        using UdpSocket attacker = rig.Other.OpenUdp(new IPEndPoint(IPAddress.Any, 53));
        rig.Server.Overhear = (client, question) =>
        {
            for (int i = 0; i < 20; i++)
            {
                byte[] forged = rig.Server.Answer(question, overTcp: false);
                forged[^1] = 66;
                attacker.SendTo(forged, client);
            }
        };
        rig.Server.IsSilent = true;
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.example.org"));
        Assert.Contains("www.example.org A tcp", rig.Server.Questions);
    }

    // RFC 5452 §6: what was not asked for is not believed.
    [TestMethod]
    public void Records_of_other_names_in_an_answer_are_not_looked_at()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80");
        rig.Server.Distort = answer =>
        {
            answer[7]++;
            return [.. answer, 4, .. "evil"u8, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 6, 6, 6, 6];
        };
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.example.org"));
        rig.Server.Distort = null;
        Assert.AreEqual("HostNotFound", rig.Resolve("evil"));
    }

    [TestMethod]
    public void Servers_that_are_silent_refuse_or_are_not_there_are_passed_over()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80");
        using ScriptedNameServer second = new(rig.Other) { AlwaysCode = 5 };
        IPEndPoint nobody = new(rig.Other.Address.ToIPAddress(), 54); // answers "port unreachable"
        IPEndPoint nowhere = new(IPAddress.Parse("192.0.2.99"), 53);
        rig.Resolver.Servers = [second.EndPoint, nobody, nowhere, rig.Server.EndPoint];
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.example.org"));
        second.Questions.Clear();
        rig.Resolver.ClearCache();
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.example.org"));
        Assert.IsEmpty(second.Questions, "the one that answered is asked first");
        rig.Server.IsSilent = true;
        rig.Resolver.ClearCache();
        Assert.AreEqual("TryAgain", rig.Resolve("www.example.org"));
        rig.Server.IsSilent = false;
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.example.org"), "a failure was remembered");
    }

    [TestMethod]
    public void A_lost_question_is_asked_again()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80");
        int lost = 2;
        rig.Server.Distort = answer => lost-- > 0 ? null : answer;
        Assert.AreEqual("192.0.2.80", rig.Resolve("www.example.org"));
    }

    [TestMethod]
    public void Servers_take_turns_when_told_to()
    {
        using Rig rig = new(new DnsSettings { Rotate = true, CacheEntries = 1 });
        using ScriptedNameServer second = new(rig.Other);
        rig.Resolver.Servers = [rig.Server.EndPoint, second.EndPoint];
        for (int i = 0; i < 4; i++)
        {
            rig.Resolve($"x{i}.example.org");
        }

        Assert.HasCount(4, rig.Server.Questions);
        Assert.HasCount(4, second.Questions);
    }

    [TestMethod]
    public void The_same_question_is_on_its_way_once_and_one_may_stop_waiting_for_it()
    {
        using Rig rig = new();
        rig.Server.Add("www.example.org", "A 192.0.2.80");
        using CancellationTokenSource cancel = new();
        Task<IReadOnlyList<DnsRecord>>[] asked =
        [
            rig.Resolver.LookupAsync("www.example.org", DnsRecordType.A, cancel.Token), .. Enumerable.Range(0, 9).Select(_ => rig.Resolver.LookupAsync("WWW.example.org", DnsRecordType.A)),
        ];
        cancel.Cancel();
        Assert.IsTrue(asked[0].IsCanceled);
        rig.Wait(Task.WhenAll(asked[1..]));
        Assert.HasCount(1, rig.Server.Questions);
    }

    [TestMethod]
    public void Questions_on_their_way_are_bounded_and_end_with_the_resolver()
    {
        using Rig rig = new(new DnsSettings { MaximumQueries = 3 });
        rig.Server.IsSilent = true;
        Task<IReadOnlyList<DnsRecord>>[] asked = [.. Enumerable.Range(0, 4).Select(i => rig.Resolver.LookupAsync($"x{i}.example.org", DnsRecordType.A))];
        Assert.AreEqual(SocketError.NoBufferSpaceAvailable, ((SocketException)asked[3].Exception!.InnerException!).SocketErrorCode);
        rig.Resolver.Dispose();
        rig.Network.RunUntil(() => asked.All(t => t.IsCompleted), s_limit);
        Assert.AreEqual(SocketError.OperationAborted, ((SocketException)asked[0].Exception!.InnerException!).SocketErrorCode);
    }

    private sealed class Rig : IDisposable
    {
        public Rig(DnsSettings? settings = null)
        {
            Network = new VirtualNetwork(TestSeed.Take());
            NetworkStack client = Network.AddHost();
            Server = new ScriptedNameServer(Network.AddHost());
            Other = Network.AddHost();
            Resolver = client.CreateResolver((settings ?? new DnsSettings()) with { Servers = [Server.EndPoint] });
        }

        public VirtualNetwork Network { get; }

        public ScriptedNameServer Server { get; }

        /// <summary>A third host.</summary>
        public NetworkStack Other { get; }

        public DnsResolver Resolver { get; }

        /// <summary>Addresses, or the error.</summary>
        public string Resolve(string name) => Try(async () => string.Join(' ', await Resolver.ResolveAsync(name)));

        public string Lookup(string name, DnsRecordType type) => Try(async () => string.Join(' ', await Resolver.LookupAsync(name, type)));

        public DnsRecord LookupOne(string name, DnsRecordType type) => Wait(Resolver.LookupAsync(name, type)).Single();

        public T Wait<T>(Task<T> task)
        {
            Network.RunUntil(() => task.IsCompleted, s_limit);
            return task.Result;
        }

        public void Dispose()
        {
            Resolver.Dispose();
            Server.Dispose();
            Network.Dispose();
        }

        private string Try(Func<Task<string>> ask) => Wait(TryAsync(ask));

        private static async Task<string> TryAsync(Func<Task<string>> ask)
        {
            try
            {
                return await ask();
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode.ToString();
            }
        }
    }
}

using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Time;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Dhcp;

[TestClass]
public sealed class DhcpProtocolTests
{
    private const string Discover = "Discover: 0.0.0.0 to 255.255.255.255";
    private const string Request = "Request for 192.0.2.100 server 192.0.2.1: 0.0.0.0 to 255.255.255.255";

    [TestMethod]
    public void An_address_is_asked_for_taken_and_given_back()
    {
        DhcpScript script = new(TestSeed.Take());
        script.Protocol.Start(script.Now);
        script.Expect(Discover);
        Assert.IsTrue(script.Answer(DhcpMessageType.Offer));
        script.Expect(Request);
        Assert.IsTrue(script.Answer(DhcpMessageType.Ack));
        script.Expect("bound 192.0.2.100/24");
        Assert.AreEqual(DhcpState.Bound, script.Protocol.State);
        script.Protocol.Stop(script.Now);
        script.Expect("Release server 192.0.2.1 client 192.0.2.100: 192.0.2.100 to 192.0.2.1", "lost");
        Assert.AreEqual(Instant.Never, script.Protocol.Next);
    }

    // RFC 2131 §4.1: 4, 8, 16, 32 and then 64 seconds, each up to a second more or less.
    [TestMethod]
    public void Discovering_goes_on_for_ever_ever_more_slowly()
    {
        DhcpScript script = new(TestSeed.Take());
        script.Protocol.Start(script.Now);
        foreach (int expected in new[] { 4, 8, 16, 32, 64, 64, 64 })
        {
            double seconds = script.Wait().TotalSeconds;
            Assert.IsTrue(Math.Abs(seconds - expected) <= 1, $"{seconds} instead of {expected}");
        }

        script.Expect([.. Enumerable.Repeat(Discover, 8)]);
        Assert.IsTrue(script.Answer(DhcpMessageType.Offer));
    }

    [TestMethod]
    public void A_request_that_nobody_answers_leads_back_to_the_beginning()
    {
        DhcpScript script = new(TestSeed.Take());
        script.Protocol.Start(script.Now);
        script.Answer(DhcpMessageType.Offer);
        for (int i = 0; i < 4; i++)
        {
            script.Wait();
        }

        script.Expect(Discover, Request, Request, Request, Request, Discover);
    }

    [TestMethod]
    public void A_refusal_leads_back_to_the_beginning()
    {
        DhcpScript script = new(TestSeed.Take());
        script.Protocol.Start(script.Now);
        script.Answer(DhcpMessageType.Offer);
        Assert.IsFalse(script.Answer(DhcpMessageType.Nak, server: IPv4Address.Parse("192.0.2.9")), "not the server's that was asked");
        Assert.IsTrue(script.Answer(DhcpMessageType.Nak));
        script.Expect(Discover, Request, Discover);
    }

    // RFC 2131 §4.4.5.
    [TestMethod]
    public void A_lease_is_prolonged_by_its_server_then_by_any_and_ends()
    {
        DhcpScript script = DhcpScript.Bound(TestSeed.Take(), lease: 8000);
        Assert.AreEqual(TimeSpan.FromSeconds(4000), script.Wait());
        script.Expect("Request client 192.0.2.100: 192.0.2.100 to 192.0.2.1");
        Assert.AreEqual(DhcpState.Renewing, script.Protocol.State);
        Assert.AreEqual(TimeSpan.FromSeconds(1500), script.Wait()); // half of what is left to T2
        Assert.IsTrue(script.Answer(DhcpMessageType.Ack, lease: 8000));
        script.Expect("Request client 192.0.2.100: 192.0.2.100 to 192.0.2.1", "bound 192.0.2.100/24");

        script.Wait();
        while (script.Protocol.State == DhcpState.Renewing)
        {
            Assert.IsGreaterThanOrEqualTo(1, script.Wait().Ticks);
        }

        Assert.AreEqual(DhcpState.Rebinding, script.Protocol.State);
        Assert.AreEqual("Request client 192.0.2.100: 192.0.2.100 to 255.255.255.255", LastOf(script));
        while (script.Protocol.State == DhcpState.Rebinding)
        {
            script.Wait();
        }

        Assert.AreEqual(DhcpState.Selecting, script.Protocol.State);
        Assert.IsNull(script.Protocol.Lease);
    }

    [TestMethod]
    public void While_rebinding_any_server_may_prolong()
    {
        DhcpScript script = DhcpScript.Bound(TestSeed.Take());
        while (script.Protocol.State != DhcpState.Rebinding)
        {
            script.Wait();
        }

        Assert.IsFalse(script.Answer(DhcpMessageType.Ack, address: IPv4Address.Parse("192.0.2.77")), "another address");
        Assert.IsTrue(script.Answer(DhcpMessageType.Ack, server: IPv4Address.Parse("192.0.2.2")));
        Assert.AreEqual(DhcpState.Bound, script.Protocol.State);
        Assert.AreEqual(IPv4Address.Parse("192.0.2.2"), script.Protocol.Lease!.Server);
    }

    [TestMethod]
    public void A_refusal_to_prolong_takes_the_address_away()
    {
        DhcpScript script = DhcpScript.Bound(TestSeed.Take());
        script.Wait();
        Assert.IsTrue(script.Answer(DhcpMessageType.Nak));
        script.Expect("Request client 192.0.2.100: 192.0.2.100 to 192.0.2.1", "lost", Discover);
    }

    [TestMethod]
    public void A_lease_for_ever_is_not_asked_for_again()
    {
        DhcpScript script = DhcpScript.Bound(TestSeed.Take(), lease: uint.MaxValue);
        Assert.AreEqual(Instant.Never, script.Protocol.Next);
        Assert.AreEqual(Timeout.InfiniteTimeSpan, script.Protocol.Lease!.Duration);
    }

    [TestMethod]
    public void The_servers_own_times_count_unless_they_make_no_sense()
    {
        DhcpScript script = DhcpScript.Bound(TestSeed.Take(), Times(100, 200));
        Assert.AreEqual(TimeSpan.FromSeconds(100), script.Wait());
        Assert.AreEqual(TimeSpan.FromSeconds(200), script.Protocol.Lease!.RebindingTime);
        script = DhcpScript.Bound(TestSeed.Take(), Times(3000, 2000));
        Assert.AreEqual(TimeSpan.FromSeconds(1800), script.Protocol.Lease!.RenewalTime);
        script = DhcpScript.Bound(TestSeed.Take(), Times(10, 5000));
        Assert.AreEqual(TimeSpan.FromSeconds(3150), script.Protocol.Lease!.RebindingTime);

        static DhcpScript.OptionSetter Times(uint t1, uint t2) => (ref DhcpWriter writer) =>
        {
            writer.Add(DhcpOption.RenewalTime, t1);
            writer.Add(DhcpOption.RebindingTime, t2);
        };
    }

    // RFC 2131 §3.1 step 5, §4.4.1; RFC 5227 §2.1.1.
    [TestMethod]
    public void An_address_that_somebody_has_is_declined_and_another_asked_for_later()
    {
        DhcpScript script = new(TestSeed.Take(), new DhcpSettings());
        script.Protocol.Start(script.Now);
        script.Answer(DhcpMessageType.Offer);
        script.Answer(DhcpMessageType.Ack);
        script.Expect(Discover, Request, "probe 192.0.2.100");
        script.Pass(TimeSpan.FromSeconds(5));
        script.Protocol.Probed(inUse: true, script.Now);
        script.Expect("Decline for 192.0.2.100 server 192.0.2.1: 0.0.0.0 to 255.255.255.255");
        Assert.AreEqual(TimeSpan.FromSeconds(10), script.Wait());
        script.Expect(Discover);
        script.Answer(DhcpMessageType.Offer);
        script.Answer(DhcpMessageType.Ack);
        script.Protocol.Probed(inUse: false, script.Now);
        script.Expect(Request, "probe 192.0.2.100", "bound 192.0.2.100/24");
        script.Protocol.Probed(inUse: true, script.Now); // somebody claims it later
        script.Expect("Decline for 192.0.2.100 server 192.0.2.1: 0.0.0.0 to 255.255.255.255", "lost");
    }

    // RFC 2131 §3.2.
    [TestMethod]
    public void A_remembered_lease_is_asked_for_first()
    {
        DhcpLease lease = DhcpScript.Bound(TestSeed.Take()).Protocol.Lease!;
        DhcpSettings settings = new() { Previous = lease, DetectConflicts = false };
        DhcpScript script = new(1, settings);
        script.Protocol.Start(script.Now);
        script.Expect("Request for 192.0.2.100: 0.0.0.0 to 255.255.255.255");
        Assert.IsTrue(script.Answer(DhcpMessageType.Ack, server: IPv4Address.Parse("192.0.2.2")));
        script.Expect("bound 192.0.2.100/24");

        script = new DhcpScript(1, settings);
        script.Protocol.Start(script.Now);
        Assert.IsTrue(script.Answer(DhcpMessageType.Nak));
        script.Expect("Request for 192.0.2.100: 0.0.0.0 to 255.255.255.255", Discover);
    }

    [TestMethod]
    public void Answers_that_are_not_for_us_or_make_no_sense_are_not_looked_at()
    {
        DhcpScript script = new(TestSeed.Take());
        script.Protocol.Start(script.Now);
        Assert.IsFalse(script.Answer(DhcpMessageType.Offer, transactionId: 1));
        Assert.IsFalse(script.Answer(DhcpMessageType.Offer, hardware: new MacAddress(0x0200_5E00_0002)));
        Assert.IsFalse(script.Answer(DhcpMessageType.Offer, lease: 0));
        foreach (string address in new[] { "0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.0", "192.0.2.255" })
        {
            Assert.IsFalse(script.Answer(DhcpMessageType.Offer, address: IPv4Address.Parse(address)), address);
        }

        Assert.IsFalse(script.Answer(DhcpMessageType.Offer, (ref DhcpWriter writer) => writer.Add(DhcpOption.SubnetMask, [255])), "a mask of five bytes");
        Assert.IsFalse(script.Answer(DhcpMessageType.Ack), "nothing was asked for");
        Assert.IsFalse(script.Protocol.Receive(script.LastMessage, script.Now), "our own");
        script.Expect(Discover);
        script.Answer(DhcpMessageType.Offer);
        Assert.IsFalse(script.Answer(DhcpMessageType.Ack, server: IPv4Address.Parse("192.0.2.9")), "another server");
        Assert.IsFalse(script.Answer(DhcpMessageType.Ack, address: IPv4Address.Parse("192.0.2.9")), "another address");
        Assert.IsTrue(script.Answer(DhcpMessageType.Ack));
    }

    [TestMethod]
    public void What_the_server_tells_is_in_the_lease()
    {
        DhcpLease lease = DhcpScript.Bound(TestSeed.Take(), (ref DhcpWriter writer) =>
        {
            writer.Add(DhcpOption.Routers, [192, 0, 2, 1, 192, 0, 2, 2, 224, 0, 0, 1, 0, 0, 0, 0]);
            writer.Add(DhcpOption.DomainNameServers, [192, 0, 2, 53, 198, 51, 100, 53]);
            writer.Add(DhcpOption.DomainName, "example.org\0"u8);
            writer.Add(DhcpOption.InterfaceMtu, [0x05, 0x78]);

            // RFC 3397 §2's example has this shape: the second name ends in the first; here in two options.
            writer.Add(DhcpOption.DomainSearch, "\u0003eng\u0005apple\u0003com\0\u0009mark"u8);
            writer.Add(DhcpOption.DomainSearch, [(byte)'e', (byte)'t', (byte)'i', (byte)'n', (byte)'g', 0xC0, 4]);
        }).Protocol.Lease!;
        CollectionAssert.AreEqual(new[] { "0.0.0.0/0 192.0.2.1", "0.0.0.0/0 192.0.2.2" }, lease.Routes.Select(r => $"{r.Prefix} {r.Gateway}").ToArray());
        CollectionAssert.AreEqual(new[] { "192.0.2.53", "198.51.100.53" }, lease.NameServers.Select(s => s.ToString()).ToArray());
        Assert.AreEqual("example.org", lease.DomainName);
        Assert.AreEqual(1400, lease.MaximumTransmissionUnit);
        CollectionAssert.AreEqual(new[] { "eng.apple.com", "marketing.apple.com" }, lease.SearchList.ToArray());
    }

    // RFC 3442.
    [TestMethod]
    public void Classless_routes_are_used_instead_of_routers()
    {
        DhcpLease lease = DhcpScript.Bound(TestSeed.Take(), (ref DhcpWriter writer) =>
        {
            writer.Add(DhcpOption.Routers, [192, 0, 2, 1]);
            writer.Add(DhcpOption.ClasslessStaticRoutes, [0, 192, 0, 2, 9, 8, 10, 0, 0, 0, 0, 25, 10, 17, 0, 129, 192, 0, 2, 3]);
        }).Protocol.Lease!;
        CollectionAssert.AreEqual(
            new[] { "0.0.0.0/0 192.0.2.9", "10.0.0.0/8 0.0.0.0", "10.17.0.128/25 192.0.2.3" }, lease.Routes.Select(r => $"{r.Prefix} {r.Gateway}").ToArray());
        lease = DhcpScript.Bound(1, (ref DhcpWriter writer) => writer.Add(DhcpOption.ClasslessStaticRoutes, [33, 1, 2, 3, 4, 5, 6, 7, 8, 9])).Protocol.Lease!;
        Assert.IsEmpty(lease.Routes);
    }

    // RFC 4361 §6.1.
    [TestMethod]
    public void The_client_names_itself_the_same_way_every_time()
    {
        byte[] expected = [255, 0x5E, 0, 0, 1, 0, 3, 0, 1, 2, 0, 0x5E, 0, 0, 1];
        DhcpScript script = new(TestSeed.Take(), new DhcpSettings { HostName = "card" });
        script.Protocol.Start(script.Now);
        Assert.IsTrue(DhcpMessage.TryParse(script.LastMessage, out DhcpMessage message));
        Assert.IsTrue(message.TryGet(DhcpOption.ClientIdentifier, new byte[20], out ReadOnlySpan<byte> identifier));
        CollectionAssert.AreEqual(expected, identifier.ToArray());
        Assert.IsTrue(message.TryGet(DhcpOption.HostName, new byte[20], out ReadOnlySpan<byte> name));
        CollectionAssert.AreEqual("card"u8.ToArray(), name.ToArray());
        Assert.IsTrue(message.TryGet(DhcpOption.ParameterRequestList, new byte[20], out ReadOnlySpan<byte> wishes));
        Assert.IsLessThan(wishes.IndexOf((byte)DhcpOption.Routers), wishes.IndexOf((byte)DhcpOption.ClasslessStaticRoutes));
        Assert.AreEqual(0x80, script.LastMessage[10], "answers by broadcast");
    }

    // RFC 2131 §4.1, RFC 2132 §9.3, RFC 3396.
    [TestMethod]
    public void Options_are_found_in_the_fields_for_names_too()
    {
        byte[] bytes = new byte[600];
        DhcpWriter writer = new(bytes, DhcpMessage.BootReply, DhcpMessageType.Offer, 1, DhcpScript.Hardware);
        writer.Add(DhcpOption.Overload, [3]);
        writer.Add(DhcpOption.DomainName, "one."u8);
        writer.Finish();
        "\u000F\u0004two.\u00FF"u8[..6].CopyTo(bytes.AsSpan(108));
        bytes[114] = 255;
        "\u000F\u0005three"u8.CopyTo(bytes.AsSpan(44));
        Assert.IsTrue(DhcpMessage.TryParse(bytes, out DhcpMessage message));
        Assert.IsTrue(message.TryGet(DhcpOption.DomainName, new byte[20], out ReadOnlySpan<byte> value));
        CollectionAssert.AreEqual("one.two.three"u8.ToArray(), value.ToArray());
        Assert.IsFalse(message.TryGet(DhcpOption.DomainName, new byte[10], out _), "longer than the buffer");
    }

    [TestMethod]
    public void Random_answers_never_break_anything()
    {
        Random random = TestSeed.Random();
        DhcpScript script = new(random.Next(), new DhcpSettings { DetectConflicts = false });
        script.Protocol.Start(script.Now);
        byte[] template = new byte[700];
        int taken = 0;
        for (int i = 0; i < 20000; i++)
        {
            if (random.Next(3) == 0 && script.Protocol.Next != Instant.Never)
            {
                script.Wait();
            }

            Assert.IsTrue(DhcpMessage.TryParse(script.LastMessage, out DhcpMessage asked));
            DhcpWriter writer = new(template, DhcpMessage.BootReply, (DhcpMessageType)random.Next(8), asked.TransactionId, DhcpScript.Hardware)
            {
                YourAddress = DhcpScript.Address,
            };
            writer.Add(DhcpOption.ServerIdentifier, DhcpScript.Server);
            writer.Add(DhcpOption.LeaseTime, (uint)random.Next(1, 100));
            for (int option = random.Next(6); option > 0; option--)
            {
                byte[] value = new byte[random.Next(40)];
                random.NextBytes(value);
                byte[] known = [1, 3, 6, 15, 26, 52, 58, 59, 119, 121];
                writer.Add((DhcpOption)known[random.Next(known.Length)], value);
            }

            Span<byte> message = writer.Finish();
            if (random.Next(2) == 0)
            {
                message[random.Next(message.Length)] = (byte)random.Next(256);
            }

            taken += script.Protocol.Receive(message[..(random.Next(10) == 0 ? random.Next(message.Length) : message.Length)], script.Now) ? 1 : 0;
        }

        Assert.IsGreaterThan(100, taken);
        Assert.AreEqual(AddressPrefixOrNull(script), script.Protocol.Lease?.Address.Address);
    }

    private static IpAddress? AddressPrefixOrNull(DhcpScript script) => script.Protocol.Lease is null ? null : DhcpScript.Address;

    private static string LastOf(DhcpScript script)
    {
        Assert.IsTrue(DhcpMessage.TryParse(script.LastMessage, out DhcpMessage message));
        return $"{message.Type} client {message.ClientAddress}: 192.0.2.100 to 255.255.255.255";
    }
}

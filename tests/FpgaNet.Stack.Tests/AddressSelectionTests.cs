using System.Globalization;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Tests;

/// <summary>RFC 6724. An address is written with what is known of it: (d) deprecated, (t) temporary, @2 of interface 2, /48 its prefix length.</summary>
[TestClass]
public sealed class AddressSelectionTests
{
    // The examples of §10.1, without the one about mobile hosts; then what they leave out.
    [TestMethod]
    [DataRow("2001:db8:1::1", "2001:db8:3::1 fe80::1", "2001:db8:3::1", DisplayName = "appropriate scope")]
    [DataRow("ff05::1", "2001:db8:3::1 fe80::1", "2001:db8:3::1", DisplayName = "appropriate scope of a group")]
    [DataRow("2001:db8:1::1", "2001:db8:1::1(d) 2001:db8:2::1", "2001:db8:1::1", DisplayName = "same address")]
    [DataRow("fe80::1", "fe80::2(d) 2001:db8:1::1", "fe80::2", DisplayName = "appropriate scope before deprecated")]
    [DataRow("2001:db8:1::1", "2001:db8:1::2 2001:db8:3::2", "2001:db8:1::2", DisplayName = "longest match")]
    [DataRow("2002:c633:6401::1", "2002:c633:6401::d5e3:7953:13eb:22e8(t) 2001:db8:1::2", "2002:c633:6401::d5e3:7953:13eb:22e8", DisplayName = "matching label")]
    [DataRow("2001:db8:1::d5e3:0:0:1", "2001:db8:1::2 2001:db8:1::d5e3:7953:13eb:22e8(t)", "2001:db8:1::d5e3:7953:13eb:22e8", DisplayName = "temporary")]
    [DataRow("2001:db8:1::1", "2001:db8:1::2(d) 2001:db8:3::2", "2001:db8:3::2", DisplayName = "not deprecated")]
    [DataRow("2001:db8:9::1", "2001:db8:9::2@2 2001:db8:1::2", "2001:db8:1::2", DisplayName = "outgoing interface before longest match")]
    [DataRow("2001:db8:9::1", "fd00::1 2001:db8:1::2", "2001:db8:1::2", DisplayName = "label before longest match")]
    [DataRow("fd00::9", "2001:db8:1::2 fd00:0:1::1", "fd00:0:1::1", DisplayName = "unique local to unique local")]
    [DataRow("198.51.100.1", "2001:db8:1::2 192.0.2.1", "192.0.2.1", DisplayName = "the destination's family")]
    [DataRow("198.51.100.1", "169.254.1.1 10.0.0.1", "10.0.0.1", DisplayName = "IPv4 scope")]
    [DataRow("169.254.3.3", "10.0.0.1 169.254.1.1", "169.254.1.1", DisplayName = "IPv4 link-local")]
    [DataRow("198.51.100.1", "2001:db8::1", null, DisplayName = "none of the family")]
    public void A_source_is_chosen(string destination, string candidates, string? expected)
    {
        SourceCandidate[] parsed = [.. candidates.Split(' ').Select(Parse)];
        for (int turn = 0; turn < 2; turn++)
        {
            int chosen = AddressSelection.SelectSource(parsed, IpAddress.Parse(destination), 1, default, PolicyTable.Default);
            Assert.AreEqual(expected is null ? default : IpAddress.Parse(expected), chosen < 0 ? default : parsed[chosen].Address);
            Array.Reverse(parsed); // the order must not matter
        }
    }

    [TestMethod]
    public void A_source_in_a_prefix_of_the_next_hop_is_preferred()
    {
        IpAddress router = IpAddress.Parse("fe80::99");
        SourceCandidate[] candidates = [Parse("2001:db8:9::2"), Parse("2001:db8:1::2") with { Router = router }];
        Assert.AreEqual(1, AddressSelection.SelectSource(candidates, IpAddress.Parse("2001:db8:9::1"), 1, router, PolicyTable.Default));
        Assert.AreEqual(0, AddressSelection.SelectSource(candidates, IpAddress.Parse("2001:db8:9::1"), 1, IpAddress.Parse("fe80::98"), PolicyTable.Default));
    }

    [TestMethod]
    public void The_prefix_in_common_ends_with_the_sources_own()
    {
        // Both share at least their first 64 bits with the destination: more bits in common say nothing.
        SourceCandidate[] candidates = [Parse("2001:db8:1::8000:0:0:1"), Parse("2001:db8:1::2")];
        Assert.AreEqual(0, AddressSelection.SelectSource(candidates, IpAddress.Parse("2001:db8:1::1"), 1, default, PolicyTable.Default));
    }

    // The examples of §10.2, without those about mobile hosts; then what they leave out.
    [TestMethod]
    [DataRow("2001:db8::2 fe80::1 169.254.13.78", "2001:db8:1::1 198.51.100.121", "2001:db8:1::1 198.51.100.121", DisplayName = "matching scope")]
    [DataRow("fe80::1 198.51.100.117", "2001:db8:1::1 198.51.100.121", "198.51.100.121 2001:db8:1::1", DisplayName = "matching scope of IPv4")]
    [DataRow("2001:db8::2 fe80::1 10.1.2.4", "2001:db8:1::1 10.1.2.3", "2001:db8:1::1 10.1.2.3", DisplayName = "higher precedence")]
    [DataRow("2001:db8:1::2 fe80::2", "2001:db8:1::1 fe80::1", "fe80::1 2001:db8:1::1", DisplayName = "smaller scope")]
    [DataRow("2001:db8:1::2 fe80::2(d)", "2001:db8:1::1 fe80::1", "2001:db8:1::1 fe80::1", DisplayName = "not deprecated")]
    [DataRow("2001:db8:1::2 2001:db8:3f44::2 fe80::2", "2001:db8:1::1 2001:db8:3ffe::1", "2001:db8:1::1 2001:db8:3ffe::1", DisplayName = "longest match")]
    [DataRow("2002:c633:6401::2 fe80::2", "2002:c633:6401::1 2001:db8:1::1", "2002:c633:6401::1 2001:db8:1::1", DisplayName = "matching label")]
    [DataRow("2002:c633:6401::2 2001:db8:1::2 fe80::2", "2002:c633:6401::1 2001:db8:1::1", "2001:db8:1::1 2002:c633:6401::1", DisplayName = "precedence of native addresses")]
    [DataRow("10.0.0.1", "2001:db8:1::1 10.1.2.3", "10.1.2.3 2001:db8:1::1", DisplayName = "not what cannot be reached")]
    public void Destinations_are_ordered(string sources, string destinations, string expected)
    {
        string[] texts = destinations.Split(' ');
        for (int turn = 0; turn < 2; turn++)
        {
            DestinationCandidate[] ordered = Candidates(sources, texts);
            AddressSelection.Order(ordered, PolicyTable.Default);
            Assert.AreEqual(expected, string.Join(' ', ordered.Select(d => d.Address.ToString())));
            Array.Reverse(texts);
        }
    }

    [TestMethod]
    public void A_native_destination_goes_before_one_through_a_tunnel()
    {
        DestinationCandidate[] candidates = Candidates("2001:db8:1::2", ["2001:db8:1::1", "2001:db8:2::1"]);
        candidates[0] = candidates[0] with { IsEncapsulated = true };
        AddressSelection.Order(candidates, PolicyTable.Default);
        Assert.AreEqual("2001:db8:2::1", candidates[0].Address.ToString());
    }

    [TestMethod]
    public void Equals_stay_in_the_order_of_the_answer()
    {
        string[] addresses = ["192.0.2.9", "192.0.2.3", "192.0.2.200", "192.0.2.4"];
        DestinationCandidate[] ordered = Candidates("192.0.2.1/24", addresses);
        AddressSelection.Order(ordered, PolicyTable.Default);
        CollectionAssert.AreEqual(addresses, ordered.Select(d => d.Address.ToString()).ToArray());
    }

    [TestMethod]
    [DataRow("::1", 50, 0)]
    [DataRow("2001:db8::1", 40, 1)]
    [DataRow("192.0.2.1", 35, 4)]
    [DataRow("2002::1", 30, 2)]
    [DataRow("2001::1", 5, 5)]
    [DataRow("fd12::1", 3, 13)]
    [DataRow("::9.9.9.9", 1, 3)]
    [DataRow("fec0::1", 1, 11)]
    [DataRow("3ffe::1", 1, 12)]
    public void The_policy_table_is_that_of_the_RFC(string address, int precedence, int label)
    {
        Policy policy = PolicyTable.Default.Find(IpAddress.Parse(address));
        Assert.AreEqual((precedence, label), (policy.Precedence, policy.Label));
    }

    [TestMethod]
    public void Stable_addresses_are_the_same_again_and_differ_by_network_interface_counter_and_secret()
    {
        IPv6Address prefix = IPv6Address.Parse("2001:db8:1:2::");
        MacAddress name = new(0x0200_5E00_0001);
        IPv6Address Make(ulong? seed, IPv6Address net, MacAddress mac, int counter) => new StableAddress(seed).Create(net, mac, ref counter);
        IPv6Address address = Make(1, prefix, name, 0);
        Assert.AreEqual(prefix.High, address.High);
        Assert.AreEqual(address, Make(1, prefix, name, 0));
        IPv6Address[] others =
        [
            Make(1, IPv6Address.Parse("2001:db8:1:3::"), name, 0), Make(1, prefix, new MacAddress(0x0200_5E00_0002), 0), Make(1, prefix, name, 1),
            Make(2, prefix, name, 0), Make(null, prefix, name, 0), Make(null, prefix, name, 0),
        ];
        Assert.HasCount(7, others.Append(address).Select(a => a.Low).Distinct().ToArray());
    }

    [TestMethod]
    [DataRow("0000000000000000", true)]
    [DataRow("0000000000000001", false)]
    [DataRow("02005efffdffffff", false)]
    [DataRow("02005efffe000000", true)]
    [DataRow("02005efffe005213", true)]
    [DataRow("02005efffeffffff", true)]
    [DataRow("02005effff000000", false)]
    [DataRow("fdffffffffffff7f", false)]
    [DataRow("fdffffffffffff80", true)]
    [DataRow("fdffffffffffffff", true)]
    [DataRow("fe00000000000000", false)]
    public void Reserved_identifiers_are_known(string identifier, bool reserved) =>
        Assert.AreEqual(reserved, StableAddress.IsReserved(ulong.Parse(identifier, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));

    private static DestinationCandidate[] Candidates(string sources, string[] destinations)
    {
        SourceCandidate[] ours = [.. sources.Split(' ').Select(Parse)];
        return
        [
            .. destinations.Select(text =>
            {
                IpAddress address = IpAddress.Parse(text);
                int source = AddressSelection.SelectSource(ours, address, 1, default, PolicyTable.Default);
                return new DestinationCandidate { Address = address, IsUsable = source >= 0, Source = source < 0 ? default : ours[source] };
            }),
        ];
    }

    private static SourceCandidate Parse(string text)
    {
        bool deprecated = text.Contains("(d)", StringComparison.Ordinal);
        bool temporary = text.Contains("(t)", StringComparison.Ordinal);
        string[] parts = text.Replace("(d)", "").Replace("(t)", "").Split('@')[0].Split('/');
        IpAddress address = IpAddress.Parse(parts[0]);
        return new SourceCandidate
        {
            Address = address,
            PrefixLength = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : address.IsIPv4 ? 24 : 64,
            Interface = text.Contains('@', StringComparison.Ordinal) ? 2 : 1,
            IsDeprecated = deprecated,
            IsTemporary = temporary,
        };
    }
}

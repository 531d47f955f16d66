using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Transport;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>Who may have which port beside whom, and who gets a packet: Linux's rules (socket(7), ip(7)).</summary>
[TestClass]
public sealed class PortTableTests
{
    private static readonly IpAddress s_one = IpAddress.Parse("192.0.2.1");
    private static readonly IpAddress s_two = IpAddress.Parse("192.0.2.2");
    private static readonly IpAddress s_six = IpAddress.Parse("2001:db8::1");

    private readonly PortTable<User> _table = new(1);

    [TestMethod]
    [DataRow("192.0.2.1", "192.0.2.1", false, false)]
    [DataRow("192.0.2.1", "192.0.2.2", false, true)]
    [DataRow("0.0.0.0", "192.0.2.1", false, false)]
    [DataRow("192.0.2.1", "0.0.0.0", false, false)]
    [DataRow("0.0.0.0", "2001:db8::1", false, true)]
    [DataRow("::", "192.0.2.1", false, false)]
    [DataRow("::", "0.0.0.0", false, false)]
    [DataRow("0.0.0.0", "::", false, false)]
    [DataRow("::", "0.0.0.0", true, true)]
    [DataRow("0.0.0.0", "::", true, true)]
    [DataRow("::", "192.0.2.1", true, true)]
    [DataRow("::", "::", true, false)]
    [DataRow("::", "2001:db8::1", true, false)]
    public void Addresses_that_overlap_exclude_each_other(string first, string second, bool only6, bool together)
    {
        Assert.IsTrue(_table.TryAdd(new User(IpAddress.Parse(first)) { IsIPv6Only = only6 }));
        Assert.AreEqual(together, _table.TryAdd(new User(IpAddress.Parse(second)) { IsIPv6Only = only6 }));
    }

    [TestMethod]
    [DataRow("Address", "Address", false, 0u, true)]
    [DataRow("Address", "None", false, 0u, false)]
    [DataRow("None", "Address", false, 0u, false)]
    [DataRow("Address", "Address", true, 0u, false)]
    [DataRow("Port", "Port", true, 0u, true)]
    [DataRow("Port", "Port", true, 7u, false)]
    [DataRow("Port", "Address", false, 0u, false)]
    public void A_port_is_shared_by_those_who_say_so(string first, string second, bool listens, uint otherUser, bool together)
    {
        Assert.IsTrue(_table.TryAdd(new User(s_one) { Sharing = Enum.Parse<PortSharing>(first), IsListening = listens }));
        Assert.AreEqual(together, _table.TryAdd(new User(s_one) { Sharing = Enum.Parse<PortSharing>(second), UserId = otherUser }));
    }

    [TestMethod]
    public void Different_interfaces_keep_apart()
    {
        Assert.IsTrue(_table.TryAdd(new User(s_one) { Interface = 1 }));
        Assert.IsTrue(_table.TryAdd(new User(s_one) { Interface = 2 }));
        Assert.IsFalse(_table.TryAdd(new User(s_one)));
        Assert.AreEqual(2, _table.Find(s_one, 80, s_two, 9, 2)!.Interface);
        Assert.IsNull(_table.Find(s_one, 80, s_two, 9, 3));
    }

    [TestMethod]
    public void The_most_special_gets_a_packet()
    {
        User six = Add(IpAddress.Any, PortSharing.Address);
        User four = Add(IpAddress.IPv4Any, PortSharing.Address);
        User exact = Add(s_one, PortSharing.Address);
        User connected = new(s_one) { Sharing = PortSharing.Address, Remote = s_two };
        Assert.IsTrue(_table.TryAdd(connected));
        Assert.AreSame(connected, _table.Find(s_one, 80, s_two, 9, 1));
        Assert.AreSame(exact, _table.Find(s_one, 80, s_one, 9, 1));
        Assert.AreSame(four, _table.Find(s_two, 80, s_one, 9, 1));
        Assert.AreSame(six, _table.Find(s_six, 80, s_one, 9, 1));
        Assert.IsNull(_table.Find(s_one, 81, s_one, 9, 1));
        _table.Remove(exact);
        Assert.AreSame(four, _table.Find(s_one, 80, s_one, 9, 1));
    }

    [TestMethod]
    public void What_only_takes_IPv6_gets_no_IPv4()
    {
        Assert.IsTrue(_table.TryAdd(new User(IpAddress.Any) { IsIPv6Only = true }));
        Assert.IsNull(_table.Find(s_one, 80, s_two, 9, 1));
        Assert.IsNotNull(_table.Find(s_six, 80, s_six, 9, 1));
    }

    [TestMethod]
    public void Flows_are_spread_evenly_over_those_who_share_a_port_and_each_stays_with_one()
    {
        const int Users = 4;
        const int Flows = 4000;
        Random random = TestSeed.Random();
        Dictionary<User, int> counts = [];
        for (int i = 0; i < Users; i++)
        {
            counts.Add(Add(s_one, PortSharing.Port), 0);
        }

        for (int i = 0; i < Flows; i++)
        {
            IpAddress remote = new IPv4Address((uint)random.Next());
            ushort port = (ushort)random.Next(1, 65536);
            User chosen = _table.Find(s_one, 80, remote, port, 1)!;
            Assert.AreSame(chosen, _table.Find(s_one, 80, remote, port, 1));
            counts[chosen]++;
        }

        foreach (int count in counts.Values)
        {
            // Ten standard deviations of a binomial distribution: sqrt(4000 · ¼ · ¾) is 27.
            Assert.AreEqual(Flows / Users, count, 270.0);
        }
    }

    private User Add(IpAddress address, PortSharing sharing)
    {
        User user = new(address) { Sharing = sharing };
        Assert.IsTrue(_table.TryAdd(user));
        return user;
    }

    private sealed class User(IpAddress address) : IPortUser<User>
    {
        public IpAddress LocalAddress { get; } = address;

        public ushort Port => 80;

        public User? NextOnPort { get; set; }

        public bool IsIPv6Only { get; init; }

        public int Interface { get; init; }

        public PortSharing Sharing { get; init; }

        public uint UserId { get; init; }

        public bool IsListening { get; init; }

        public IpAddress Remote { get; init; }

        public bool Holds(User other) => PortTable<User>.Overlap(this, other);

        public int Fit(IpAddress remote, ushort remotePort, int network) =>
            Interface != 0 && Interface != network ? -1 : Remote.IsUnspecified ? 0 : Remote == remote ? 1 : -1;
    }
}

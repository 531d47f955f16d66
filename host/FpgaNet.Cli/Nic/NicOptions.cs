using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim.Cable;
using FpgaNet.Stack.Network;

namespace FpgaNet.Cli.Nic;

/// <summary>Which NIC a command works with, as the user said it.</summary>
internal sealed record NicOptions
{
    /// <summary>The Verilated card behind PCI Express, with a TAP as its cable.</summary>
    public const string SimPcie = "sim-pcie";

    /// <summary>The Verilated card behind a USB 2.0 FIFO chip (FT232H), with a TAP as its cable.</summary>
    public const string SimUsb = "sim-usb";

    /// <summary>The same behind a USB 3 one (FT601).</summary>
    public const string SimUsb3 = "sim-usb3";

    /// <summary>A TAP, with Linux as the offloading NIC.</summary>
    public const string Tap = "tap";

    public required string Kind { get; init; }

    public bool IsSimulated => Kind is SimPcie or SimUsb or SimUsb3;

    public required string TapName { get; init; }

    /// <summary>Our own addresses.</summary>
    public IReadOnlyList<AddressPrefix> Addresses { get; init; } = [];

    /// <summary>An IPv4 address is asked of a DHCP server.</summary>
    public bool Dhcp { get; init; }

    /// <summary>IPv6 addresses are made from what routers announce.</summary>
    public bool Slaac { get; init; }

    /// <summary>Routers for what is not on the link.</summary>
    public IReadOnlyList<IpAddress> Gateways { get; init; } = [];

    /// <summary>Name servers, besides those that DHCP or routers tell.</summary>
    public IReadOnlyList<IpAddress> NameServers { get; init; } = [];

    public OffloadFeatures Offload { get; init; } = OffloadFeatures.All;

    /// <summary>802.3x, of a card.</summary>
    public FlowControl FlowControl { get; init; }

    /// <summary>What is put into the card's flow table.</summary>
    public IReadOnlyList<FlowRule> Flows { get; init; } = [];

    /// <summary>Queue pairs of the card, each with a stack and a thread of its own.</summary>
    public int Queues { get; init; } = 1;

    public FileInfo? Capture { get; init; }

    public FileInfo? Trace { get; init; }

    /// <summary>Faults of the simulated cable.</summary>
    public WireOptions Wire { get; init; } = new();

    /// <summary>Opens the NIC with Linux at the other end.</summary>
    /// <exception cref="IOException">The TAP or a file cannot be had.</exception>
    public OpenNic Open() => IsSimulated ? SimulatedNic.Open(this, withCable: true) : TapNic.Open(this);

    /// <summary>Opens it to look at it: the simulated card then has no cable and needs no TAP.</summary>
    public OpenNic OpenWithoutCable() => IsSimulated ? SimulatedNic.Open(this, withCable: false) : TapNic.Open(this);
}

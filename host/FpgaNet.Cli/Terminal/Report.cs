using System.Globalization;
using FpgaNet.Cli.Nic;
using FpgaNet.Driver;
using FpgaNet.Driver.Flows;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Stack.Network;

namespace FpgaNet.Cli.Terminal;

/// <summary>What the commands say about a NIC, in plain lines.</summary>
internal static class Report
{
    private const int NameWidth = 34;

    /// <summary>What it is, and who does which offload.</summary>
    public static void Nic(OpenNic nic)
    {
        OffloadFeatures byNic = nic.Hardware.EnabledFeatures;
        Console.WriteLine($"NIC       {nic.Description}, address {nic.Hardware.MacAddress}");
        Console.WriteLine($"offload   by the NIC: {OffloadNames.Describe(byNic)}; by the CPU: {OffloadNames.Describe(nic.Device.EnabledFeatures & ~byNic)}");
        Console.WriteLine($"link      {Link(nic.Hardware)}");
        if (nic.Card is { FlowControl: not FlowControl.None and var flowControl })
        {
            Console.WriteLine($"pause     {(flowControl == FlowControl.Both ? "sent and obeyed" : flowControl == FlowControl.Transmit ? "sent" : "obeyed")} (802.3x)");
        }
    }

    /// <summary>How to set up the other end, when it is not.</summary>
    public static void LinuxEnd(OpenNic nic, NicOptions options)
    {
        string path = $"/sys/class/net/{options.TapName}/operstate";
        if (nic.Hardware.State == DeviceState.Up && !(File.Exists(path) && File.ReadAllText(path).StartsWith("down", StringComparison.Ordinal)))
        {
            return;
        }

        Console.WriteLine($"Linux's end is down. Give it an address of the same net and bring it up:");
        foreach (AddressPrefix own in options.Addresses)
        {
            Console.WriteLine($"  ip addr add {AddressOption.Neighbor(own)} dev {options.TapName}");
        }

        Console.WriteLine($"  ip link set {options.TapName} up");
    }

    /// <summary>All that it can do.</summary>
    public static void Capabilities(OpenNic nic)
    {
        DeviceCapabilities capabilities = nic.Hardware.Capabilities;
        Line("name", nic.Hardware.Name);
        if (nic.Card?.Card is { } card)
        {
            Line("register map", card.Version.ToString());
            Line("board", card.BoardId == 0 ? "0 (simulated)" : card.BoardId.ToString("x8", CultureInfo.InvariantCulture));
            Line("core clock", string.Create(CultureInfo.InvariantCulture, $"{card.ClockHertz / 1e6:F0} MHz, {card.DataWidth} bits a clock"));
            Line("queues", string.Create(CultureInfo.InvariantCulture, $"{card.TxQueues} transmit, {card.RxQueues} receive"));
            Line("reads outstanding", card.ReadTags.ToString(CultureInfo.InvariantCulture));
            Line("longest frame", string.Create(CultureInfo.InvariantCulture, $"{card.MaximumFrame} bytes"));
        }

        Line("MTU", string.Create(CultureInfo.InvariantCulture, $"{capabilities.MaximumTransmissionUnit} bytes"));
        Line("state", nic.Hardware.State.ToString());
        Line("can offload", OffloadNames.Describe(capabilities.Features));
        if (capabilities.MaximumSegmentationSize != 0)
        {
            Line("cuts frames of up to", string.Create(CultureInfo.InvariantCulture, $"{capabilities.MaximumSegmentationSize} bytes"));
        }
    }

    /// <summary>The counters that are not zero.</summary>
    public static void Counters(INetworkDevice device)
    {
        List<DeviceCounter> counters = [];
        device.ReadCounters(counters);
        Print("NIC", counters);
    }

    /// <summary>The counters of a host that are not zero: those of its device, then those of its stack.</summary>
    public static void Counters(NetworkHost host)
    {
        for (int i = 0; i < host.Shards.Count; i++)
        {
            string which = host.Shards.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", queue {i},");
            List<DeviceCounter> counters = [];
            host.Shards[i].Device.ReadCounters(counters);
            Print($"NIC{which}", counters);
            counters.Clear();
            host.Shards[i].Counters.Read(counters);
            Print($"stack{which}", counters);
        }
    }

    /// <summary>The rules of the card's flow table with the frames that met them, if there are any.</summary>
    public static void Flows(OpenNic nic)
    {
        if (nic.Card?.FlowTable is { Count: not 0 } table)
        {
            Console.WriteLine("flow rules (frames that met them):");
            foreach (FlowEntry entry in table.Read())
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {entry.Matches,10}  {FlowRule.Describe(entry)}"));
            }
        }
    }

    private static string Link(INetworkDevice device) => device.State switch
    {
        DeviceState.Up => $"up, {device.Link}",
        DeviceState.NoCarrier => "down: no cable, or nobody at its other end",
        _ => "none: the device has failed",
    };

    private static void Print(string whose, List<DeviceCounter> counters)
    {
        Console.WriteLine($"{whose} counters (others are 0):");
        foreach (DeviceCounter counter in counters)
        {
            if (counter.Value != 0)
            {
                Line(counter.Name, counter.Value.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void Line(string name, string value) => Console.WriteLine($"  {name.PadRight(NameWidth)} {value}");
}

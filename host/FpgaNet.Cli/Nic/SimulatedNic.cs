using FpgaNet.Cli.Terminal;
using FpgaNet.Driver;
using FpgaNet.Driver.Flows;
using FpgaNet.Packets.Devices;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Usb;

namespace FpgaNet.Cli.Nic;

/// <summary>
/// <c>--nic sim-pcie</c>, <c>sim-usb</c> and <c>sim-usb3</c>: driver, PCI Express or USB, the Verilated card, its GMII pins, a wire, and at the far end of the wire a TAP without any offload, which
/// sees every frame as a cable would carry it.
/// </summary>
internal static class SimulatedNic
{
    public static OpenNic Open(NicOptions options, bool withCable)
    {
        Stack<IDisposable> behind = new();
        try
        {
            Wire wire = new(options.Wire);
            behind.Push(wire);
            if (withCable)
            {
                PlugIn(options, wire, behind);
            }

            // The cable's thread starts before the card's, and outlives it.
            FpgaNic nic = PowerOn(options.Kind, wire, options.Trace, behind, out SimulatedBoard board, options.Queues);
            nic.FlowControl = options.FlowControl;
            Fill(nic, options.Flows);
            board.Phy.ObeysPause = (options.FlowControl & FlowControl.Transmit) != FlowControl.None;
            string way = options.Kind switch
            {
                NicOptions.SimUsb => "USB",
                NicOptions.SimUsb3 => "USB 3",
                _ => "PCI Express",
            };
            string description = $"the Verilated FpgaNet card on {way}{(withCable ? $", cabled to TAP {options.TapName}" : "")}";
            return new OpenNic(nic, description, options.Offload, behind) { Board = board };
        }
        catch
        {
            while (behind.TryPop(out IDisposable? part))
            {
                part.Dispose();
            }

            throw;
        }
    }

    /// <summary>Puts a card with a thread of its own at the first end of a wire, and opens it.</summary>
    /// <param name="kind">How the host reaches it.</param>
    /// <param name="wire">The wire.</param>
    /// <param name="trace">A waveform file, or null.</param>
    /// <param name="behind">Receives what must be disposed after the NIC.</param>
    /// <param name="board">The card's board.</param>
    /// <param name="queues">Queue pairs to use; more than one on PCI Express alone.</param>
    /// <exception cref="FileNotFoundException">The model has not been built.</exception>
    public static FpgaNic PowerOn(string kind, Wire wire, FileInfo? trace, Stack<IDisposable> behind, out SimulatedBoard board, int queues = 1)
    {
        Action<Exception> faulted = static fault => Console.Error.WriteLine($"fpganet: the simulated card stopped: {fault.Message}");
        if (kind is NicOptions.SimUsb or NicOptions.SimUsb3)
        {
            SimulatedUsbCardOptions usb = string.Equals(kind, NicOptions.SimUsb, StringComparison.Ordinal)
                ? new() { Chip = Ft245ChipOptions.Fast }
                : new() { Model = "fn_nic_usb_ft601", Chip = Ft245ChipOptions.Ft601 with { Stall = 0 } };
            SimulatedUsbDevice device = SimulatedUsbDevice.FreeRunning(new SimulatedUsbCard(usb with { TracePath = trace?.FullName }, wire.First));
            behind.Push(device);
            device.Faulted = faulted;
            board = device.Card;
            return FpgaNic.Open(device);
        }

        SimulatedCardOptions card = new() { TracePath = trace?.FullName, Model = queues == 1 ? "fn_nic_pcie" : "fn_nic_pcie_queues" };
        SimulatedPciFunction function = SimulatedPciFunction.FreeRunning(new SimulatedCard(card, wire.First));
        behind.Push(function);
        function.Faulted = faulted;
        board = function.Card;
        return FpgaNic.Open(function, new FpgaNicOptions { Queues = queues });
    }

    private static void Fill(FpgaNic nic, IReadOnlyList<FlowRule> flows)
    {
        foreach (FlowRule rule in flows)
        {
            if (nic.FlowTable is null || rule.Action.Queue >= nic.Queues.Count)
            {
                throw new UserException(nic.FlowTable is null ? $"{nic.Name} has no flow table." : $"There is no queue {rule.Action.Queue}: say with --queues how many there are.");
            }

            if (nic.FlowTable.Add(rule.Key, rule.Action) is not FlowTableStatus.Done and var status)
            {
                throw new UserException(status == FlowTableStatus.Duplicate ? "A flow is in two rules." : "The card's flow table is full.");
            }
        }
    }

    private static void PlugIn(NicOptions options, Wire wire, Stack<IDisposable> behind)
    {
        INetworkDevice tap = new TapDevice(new TapOptions { Name = options.TapName, Offloads = false });
        if (options.Capture is not null)
        {
            tap = new PcapNgCapture(tap, CaptureFile.Create(options.Capture), new PcapNgCaptureOptions { ViewedFromPeer = true });
        }

        behind.Push(tap);
        DeviceOnWire plug = new(tap, wire.Second);
        behind.Push(plug);
        plug.Start();
    }
}

using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;

namespace FpgaNet.Cli.Nic;

/// <summary>
/// <c>--nic sim-pcie</c>: driver, PCI Express, the Verilated card, its GMII pins, a wire, and at the far end of the wire a TAP without any offload, which sees every frame as a
/// cable would carry it.
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
            SimulatedPciFunction function = PowerOn(wire, options.Trace);
            behind.Push(function);
            FpgaNic nic = FpgaNic.Open(function);
            string description = $"the Verilated FpgaNet card at {function.Location}{(withCable ? $", cabled to TAP {options.TapName}" : "")}";
            return new OpenNic(nic, description, options.Offload, behind) { Function = function };
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

    /// <summary>A card with a thread of its own at the first end of a wire.</summary>
    /// <exception cref="FileNotFoundException">The model has not been built.</exception>
    public static SimulatedPciFunction PowerOn(Wire wire, FileInfo? trace = null)
    {
        SimulatedCard card = new(new SimulatedCardOptions { TracePath = trace?.FullName }, wire.First);
        SimulatedPciFunction function = SimulatedPciFunction.FreeRunning(card);
        function.Faulted = static fault => Console.Error.WriteLine($"fpganet: the simulated card stopped: {fault.Message}");
        return function;
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

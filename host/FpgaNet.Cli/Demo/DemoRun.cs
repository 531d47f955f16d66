using System.Diagnostics;
using FpgaNet.Cli.Http;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;
using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Stack.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.FileProviders;

namespace FpgaNet.Cli.Demo;

/// <summary>One run of the demo: server, card, wire, software peer, client; and what it took.</summary>
internal static class DemoRun
{
    /// <summary>Bytes fetched first and not counted, so that what is measured is not the just-in-time compiler, which takes seconds to settle.</summary>
    public const int WarmUpBytes = 2 << 20;

    private const string FileName = "file.bin";
    private const string WarmUpName = "warm-up.bin";

    private static readonly AddressPrefix s_server = AddressOption.ParsePrefix("192.0.2.2/24");
    private static readonly AddressPrefix s_client = AddressOption.ParsePrefix("192.0.2.1/24");
    private static readonly MacAddress s_clientMac = new(0x02_00_5E_00_00_01);

    // The card's and the driver's reasons to lose a frame.
    private static readonly string[] s_drops =
    [
        "rx_bad_fcs", "rx_phy_error", "rx_undersize", "rx_oversize", "rx_overflow", "rx_disabled", "tx_refused",
        "driver_tx_refused_offload", "driver_tx_refused_length", "driver_tx_no_carrier", "driver_tx_failed", "driver_tx_lost_in_reset",
        "driver_rx_no_buffer", "driver_rx_bad_metadata",
    ];

    public static async Task<DemoResult> RunAsync(string kind, byte[] content, OffloadFeatures features, IProgress<TransferProgress> progress, CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fpganet-demo-");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, FileName), content, cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, WarmUpName), new byte[WarmUpBytes], cancellation);
            using PhysicalFileProvider files = new(folder.FullName);
            return await RunAsync(kind, files, features, progress, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<DemoResult> RunAsync(
        string kind, IFileProvider files, OffloadFeatures features, IProgress<TransferProgress> progress, CancellationToken cancellation)
    {
        using Wire wire = new();
        Stack<IDisposable> behind = new();
        FpgaNic card = SimulatedNic.PowerOn(kind, wire, trace: null, behind, out SimulatedBoard board);
        OpenNic nic = new(card, "the Verilated card", features, behind) { Board = board };

        // In order: client, server, their stacks, the card.
        await using NetworkHost server = NetworkHost.On(nic, [s_server]);
        await using NetworkHost peer = new(new SoftwareOffload(new WireDevice(wire.Second, s_clientMac)), [s_client]);
        await using WebApplication application = FileServer.Make(new FileServerSettings { Files = files, Port = 80 }, server.Transport);
        await application.StartAsync(cancellation);
        using HttpClient client = peer.MakeHttpClient();

        Uri address = new($"http://{s_server.Address}/");
        await Download.ToAsync(client, new Uri(address, WarmUpName), Stream.Null, new Progress<TransferProgress>(), cancellation);

        Dictionary<string, ulong> before = ReadCounters(nic);
        long startCycles = board.Cycles;
        TimeSpan startHost = ProcessorTime.OfHost();
        long start = Stopwatch.GetTimestamp();
        DownloadResult download = await Download.ToAsync(client, new Uri(address, FileName), Stream.Null, progress, cancellation);
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        TimeSpan host = ProcessorTime.OfHost() - startHost;
        long cycles = board.Cycles - startCycles;

        Dictionary<string, ulong> counters = ReadCounters(nic);
        foreach ((string name, ulong value) in before)
        {
            counters[name] -= value;
        }

        DemoResult result = new()
        {
            CardFeatures = nic.Hardware.EnabledFeatures,
            Bytes = download.Bytes,
            Sha256 = download.Sha256,
            Cycles = cycles,
            SimulatedTime = TimeSpan.FromTicks(cycles * SimulatedBoard.NanosecondsPerCycle / TimeSpan.NanosecondsPerTick),
            WallTime = wall,
            HostProcessorTime = host,
            CardTransmitChecksums = counters["tx_checksums"],
            CardReceiveChecksums = nic.Hardware.EnabledFeatures.HasFlag(OffloadFeatures.RxChecksum) ? counters["rx_checksum_good"] + counters["rx_checksum_bad"] : 0,
            SoftwareTransmitChecksums = counters["sw_tx_checksums"],
            SoftwareReceiveChecksums = counters["sw_rx_checksums"],
            SoftwareBytesSummed = counters["sw_bytes_summed"],
            FramesSent = counters["tx_frames"],
            FramesReceived = counters["rx_frames"],
            Interrupts = counters.GetValueOrDefault("pcie_interrupts"),
            Drops = s_drops.Aggregate(0UL, (sum, name) => sum + counters[name]),
        };
        await application.StopAsync(cancellation);
        return result;
    }

    private static Dictionary<string, ulong> ReadCounters(OpenNic nic)
    {
        List<DeviceCounter> counters = [];
        nic.Device.ReadCounters(counters);
        return counters.ToDictionary(c => c.Name, c => c.Value, StringComparer.Ordinal);
    }
}

using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using FpgaNet.Cli.Demo;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Cli.Commands;

/// <summary><c>fpganet demo</c>: a file by HTTP through the simulated card, offloads on and off, without any privileges.</summary>
internal static class DemoCommand
{
    private const int DefaultMebibytes = 8;

    private static readonly OffloadFeatures[] s_runs = [OffloadFeatures.All, OffloadFeatures.None];

    public static Command Make()
    {
        Option<int> size = new("--size")
        {
            Description = "MiB to move in each run",
            HelpName = "MIB",
            DefaultValueFactory = _ => DefaultMebibytes,
        };
        size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1024)
            {
                result.AddError("--size is 1 to 1024 MiB.");
            }
        });
        Option<string> nic = new("--nic")
        {
            Description = "how the server reaches its card",
            HelpName = "sim-pcie|sim-usb|sim-usb3",
            DefaultValueFactory = _ => NicOptions.SimPcie,
        };
        nic.AcceptOnlyFromAmong(NicOptions.SimPcie, NicOptions.SimUsb, NicOptions.SimUsb3);
        Option<int?> seed = new("--seed") { Description = "seed of the file's contents [default: another one each time]", HelpName = "N" };
        Command command = new(
            "demo",
            """
            Two hosts in one process, joined by a simulated gigabit cable: an HTTP server whose every frame crosses driver, PCI Express (or
            USB) and the Verilated card, and a client on a plain software NIC. A file is fetched twice: with the card's offloads on, and off.
            """)
        {
            nic,
            size,
            seed,
        };
        command.SetAction((result, cancellation) => RunAsync(result.GetRequiredValue(nic), result.GetValue(size) << 20, result.GetValue(seed) ?? Random.Shared.Next(), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string nic, int bytes, int seed, CancellationToken cancellation)
    {
        byte[] content = new byte[bytes];
        new Random(seed).NextBytes(content);
        string expected = Convert.ToHexStringLower(SHA256.HashData(content));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} random bytes (seed {seed}), sha256 {expected}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"each run after a warm-up of {DemoRun.WarmUpBytes >> 20} MiB that is not counted"));
        bool good = true;
        foreach (OffloadFeatures features in s_runs)
        {
            string title = features == OffloadFeatures.None ? "offloads off" : "offloads on";
            DemoResult result = await Progress.RunAsync(title, progress => DemoRun.RunAsync(nic, content, features, progress, cancellation));
            Show(title, result, string.Equals(result.Sha256, expected, StringComparison.Ordinal));
            good &= string.Equals(result.Sha256, expected, StringComparison.Ordinal);
        }

        return good ? 0 : 1;
    }

    private static void Show(string title, DemoResult result, bool match)
    {
        double megabytes = result.Bytes / 1e6;
        Console.WriteLine();
        Console.WriteLine($"{title} (the card does: {OffloadNames.Describe(result.CardFeatures)})");
        Line("bytes", $"{result.Bytes}");
        Console.WriteLine($"  sha256 match: {(match ? "yes" : "NO")}");
        Line("simulated throughput", $"{result.Bytes * 8 / result.SimulatedTime.TotalSeconds / 1e6:F1} Mb/s at the card's clock ({result.SimulatedTime.TotalMilliseconds:F2} ms, {result.Cycles} cycles)");
        Line("simulation speed", $"{result.Cycles / result.WallTime.TotalSeconds / 1e6:F2} M cycles/s ({result.WallTime.TotalSeconds:F1} s)");
        Line("host CPU time", $"{result.HostProcessorTime.TotalMilliseconds / megabytes:F2} ms/MB (HTTP, TCP and driver of both hosts, without the simulation)");
        Line("checksums by the card", $"{result.CardTransmitChecksums} sent, {result.CardReceiveChecksums} received");
        Line("checksums by the CPU", $"{result.SoftwareTransmitChecksums} sent, {result.SoftwareReceiveChecksums} received, over {result.SoftwareBytesSummed} bytes");
        Line("frames", $"{result.FramesSent} sent, {result.FramesReceived} received");
        Line("interrupts", $"{result.Interrupts}");
        Line("drops", $"{result.Drops}");
    }

    private static void Line(string name, FormattableString value) => Console.WriteLine($"  {name.PadRight(22)} {value.ToString(CultureInfo.InvariantCulture)}");
}

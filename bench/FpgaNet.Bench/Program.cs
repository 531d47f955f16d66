using System.Globalization;
using FpgaNet.Bench;

// Every suite by its name. A new one is one line here.
(string Name, string Summary, Func<IEnumerable<BenchRow>> Run)[] suites =
[
    ("kernels", "checksum GB/s and Toeplitz ns, every kernel side by side", KernelBenchmarks.Run),
    ("tcp", "TCP between two stacks in one process, on one core; through a TAP; and others who do the same", TcpBenchmarks.Run),
    ("sockets", "send and recv of 64 B and 64 KB on each layer of sockets: calls a second, allocation", SocketBenchmarks.Run),
    ("idle", "100,000 connections that do nothing: memory, and opening them", IdleBenchmarks.Run),
    ("wire", "how much of its wire each core fills, in simulation, both ways at once", WireBenchmarks.Run),
    ("card", "the whole simulated PCI Express card on one thread", CardBenchmarks.Run),
];

if (args.Any(a => !suites.Any(s => string.Equals(s.Name, a, StringComparison.Ordinal))))
{
    Console.Error.WriteLine("usage: FpgaNet.Bench [SUITE...]     without arguments: all of them");
    foreach ((string name, string summary, _) in suites)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-10} {summary}"));
    }

    return 2;
}

List<BenchRow> rows = [];
foreach ((string name, string summary, Func<IEnumerable<BenchRow>> run) in suites)
{
    if (args.Length == 0 || args.Contains(name, StringComparer.Ordinal))
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {summary}"));
        foreach (IGrouping<string, BenchRow> group in run().GroupAdjacent(static r => r.Name))
        {
            BenchReport.Print(Console.Out, group);
            rows.AddRange(group);
        }
    }
}

string path = BenchReport.Write(rows);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows.Count} figures in {path}"));
return 0;

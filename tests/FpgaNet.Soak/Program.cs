using System.CommandLine;
using System.Globalization;
using FpgaNet.Simulation.Fuzzing;
using FpgaNet.Simulation.Scenarios;
using FpgaNet.Simulation.Sockets;
using FpgaNet.Soak;

// Long runs of what `make test` runs briefly: whole networks by seed, malformed frames by seed, and a matrix of losses.
Option<double> minutes = new("--minutes") { Description = "How long; shared by the suites when all run.", DefaultValueFactory = _ => 1, Recursive = true };
Option<int> jobs = new("--jobs") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount, Recursive = true };
Option<int?> seed = new("--seed") { Description = "First seed; at random when not given.", Recursive = true };
Option<long> count = new("--count") { Description = "Runs at most.", DefaultValueFactory = _ => long.MaxValue, Recursive = true };
Option<long> bytes = new("--bytes") { Description = "About how many bytes a network run moves.", DefaultValueFactory = _ => 2_000_000, Recursive = true };

Option<int> frames = new("--frames") { Description = "Hostile frames of a fuzz run.", DefaultValueFactory = _ => 5000, Recursive = true };

Command network = new("network", "Scenarios by seed: topologies, faults, settings and applications are drawn; every run is checked.");
network.SetAction((result, cancellation) => Task.FromResult(RunNetwork(result, 1, cancellation)));
Command fuzz = new("fuzz", "Malformed and hostile frames by seed against a victim that serves an honest client.");
fuzz.SetAction((result, cancellation) => Task.FromResult(RunFuzz(result, 1, cancellation)));
Command sockets = new("sockets", "64 threads that connect, send, receive, shut down and close the same few descriptors at random by seed.");
sockets.SetAction((result, cancellation) => Task.FromResult(RunSockets(result, 1, cancellation)));
Command matrix = new("loss-matrix", "Bulk over every mix of loss, reordering and congestion control; a table of goodput.");
matrix.SetAction((result, cancellation) => Task.FromResult(LossMatrix.Run(result.GetValue(seed) ?? 1, result.GetValue(jobs), cancellation)));

Option<string> picture = new("--out") { Description = "Where to.", DefaultValueFactory = _ => "docs/congestion.svg" };
Command figure = new("congestion", "Draws windows and queue of each congestion control over time.") { picture };
figure.SetAction(result => CongestionFigure.Write(result.GetValue(picture)!));

RootCommand root = new("FpgaNet soak: runs tests by seed for as long as told. Without a command all suites run. Exit code 1: something failed.")
{
    minutes, jobs, seed, count, bytes, frames, network, fuzz, sockets, matrix, figure,
};
root.SetAction((result, cancellation) => Task.FromResult(
    LossMatrix.Run(result.GetValue(seed) ?? 1, result.GetValue(jobs), cancellation) | RunNetwork(result, 0.4, cancellation) | RunFuzz(result, 0.4, cancellation) | RunSockets(result, 0.2, cancellation)));
return await root.Parse(args).InvokeAsync();

int RunNetwork(ParseResult result, double share, CancellationToken cancellation)
{
    long size = result.GetValue(bytes);
    SeedLoop loop = new(
        "network",
        "frames",
        s => ScenarioRun.Run(ScenarioGenerator.Draw(s, size)).Frames,
        s => string.Create(CultureInfo.InvariantCulture, $"fpganet-soak network --seed {s} --count 1 --bytes {size}"));
    return Run(loop, result, share, cancellation);
}

int RunFuzz(ParseResult result, double share, CancellationToken cancellation)
{
    int size = result.GetValue(frames);
    SeedLoop loop = new(
        "fuzz",
        "hostile frames",
        s =>
        {
            FuzzRun.Run(s, size);
            return size;
        },
        s => string.Create(CultureInfo.InvariantCulture, $"fpganet-soak fuzz --seed {s} --count 1 --frames {size}"));
    return Run(loop, result, share, cancellation);
}

int RunSockets(ParseResult result, double share, CancellationToken cancellation)
{
    SeedLoop loop = new(
        "sockets",
        "calls",
        s => SocketHammer.Run(s, 64, TimeSpan.FromMinutes(Math.Min(1, result.GetValue(minutes) * share))),
        s => string.Create(CultureInfo.InvariantCulture, $"fpganet-soak sockets --seed {s} --count 1"));
    int first = result.GetValue(seed) ?? Random.Shared.Next();
    return loop.Run(first, result.GetValue(count), TimeSpan.FromMinutes(result.GetValue(minutes) * share), 1, cancellation) ? 0 : 1; // one run has threads enough
}

int Run(SeedLoop loop, ParseResult result, double share, CancellationToken cancellation)
{
    int first = result.GetValue(seed) ?? Random.Shared.Next();
    return loop.Run(first, result.GetValue(count), TimeSpan.FromMinutes(result.GetValue(minutes) * share), result.GetValue(jobs), cancellation) ? 0 : 1;
}

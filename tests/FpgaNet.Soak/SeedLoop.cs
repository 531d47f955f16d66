using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace FpgaNet.Soak;

/// <summary>Runs seed after seed on all cores for a time, says how it goes, and keeps what failed.</summary>
/// <param name="suite">Name.</param>
/// <param name="unit">What a run's work is counted in.</param>
/// <param name="run">Runs a seed and says how much work it was.</param>
/// <param name="replay">The command that runs one seed again.</param>
internal sealed class SeedLoop(string suite, string unit, Func<int, long> run, Func<int, string> replay)
{
    private static readonly TimeSpan s_reportEvery = TimeSpan.FromSeconds(10);

    private readonly List<(int Seed, string Report)> _failures = [];
    private int _next;
    private long _runs;
    private long _work;

    /// <summary>Runs until the time is up or so many runs are done.</summary>
    /// <param name="first">The first seed; the others follow it.</param>
    /// <param name="count">Runs at most.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="jobs">Threads.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>Whether every run kept every rule.</returns>
    public bool Run(int first, long count, TimeSpan duration, int jobs, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        _next = first;
        long left = count;
        Thread[] workers = [.. Enumerable.Range(0, jobs).Select(_ => new Thread(() =>
        {
            while (Interlocked.Decrement(ref left) >= 0 && Stopwatch.GetElapsedTime(start) < duration && !cancellation.IsCancellationRequested)
            {
                RunOne(Interlocked.Increment(ref _next) - 1);
            }
        }))];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        while (!workers.All(worker => worker.Join(s_reportEvery / jobs)))
        {
            Report(Stopwatch.GetElapsedTime(start));
        }

        Report(Stopwatch.GetElapsedTime(start));
        foreach ((int seed, string report) in _failures)
        {
            Console.WriteLine($"failed: {report.Split('\n')[0]}");
            Console.WriteLine($"  replay: {replay(seed)}");
        }

        return _failures.Count == 0;
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever it is, it is this seed's failure, and others go on")]
    private void RunOne(int seed)
    {
        try
        {
            Interlocked.Add(ref _work, run(seed));
        }
        catch (Exception e)
        {
            lock (_failures)
            {
                _failures.Add((seed, e is Simulation.SimulationException ? e.Message : e.ToString()));
                Console.WriteLine(_failures.Count <= 3 ? $"FAILED, seed {seed}: {e}" : $"FAILED, seed {seed}: {e.Message.Split('\n')[0]}");
            }
        }

        Interlocked.Increment(ref _runs);
    }

    private void Report(TimeSpan elapsed)
    {
        lock (_failures)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{suite}: {elapsed:hh\\:mm\\:ss}, {_runs} runs, {_work:N0} {unit}, {_work / Math.Max(elapsed.TotalSeconds, 1e-3):N0} a second, {_failures.Count} failed"));
        }
    }
}

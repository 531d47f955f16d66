using System.Diagnostics;

namespace FpgaNet.Bench;

/// <summary>Times variants of one thing side by side: the runs of all variants take turns, so that a slow moment of the machine hits all alike.</summary>
internal static class Measurement
{
    // Many runs, each about as short as a scheduler's time slice: on a machine with other work most are then undisturbed, and the median is one of those.
    private const int Runs = 51;
    private static readonly TimeSpan s_run = TimeSpan.FromMilliseconds(4);

    // For each variant, long enough for tiered compilation to replace every loop: methods are counted, compiled anew in the background, patched in.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    /// <summary>Seconds that one operation takes: median, lowest and highest of the runs, for each variant.</summary>
    /// <param name="variants">Each does the given number of operations.</param>
    internal static (double Median, double Lowest, double Highest)[] Time(IReadOnlyList<Action<int>> variants)
    {
        int[] operations = new int[variants.Count];
        for (int v = 0; v < variants.Count; v++)
        {
            // Warm up, and find out how many operations fill a run.
            int count = 1;
            Stopwatch warmUp = Stopwatch.StartNew();
            TimeSpan elapsed = TimeSpan.Zero;
            while (warmUp.Elapsed < s_warmUp || elapsed < s_run / 2)
            {
                long start = Stopwatch.GetTimestamp();
                variants[v](count);
                elapsed = Stopwatch.GetElapsedTime(start);
                count = elapsed < s_run / 2 ? count * 2 : count;
            }

            operations[v] = count;
        }

        double[][] seconds = new double[variants.Count][];
        for (int v = 0; v < variants.Count; v++)
        {
            seconds[v] = new double[Runs];
        }

        for (int run = 0; run < Runs; run++)
        {
            for (int v = 0; v < variants.Count; v++)
            {
                long start = Stopwatch.GetTimestamp();
                variants[v](operations[v]);
                seconds[v][run] = Stopwatch.GetElapsedTime(start).TotalSeconds / operations[v];
            }
        }

        foreach (double[] one in seconds)
        {
            Array.Sort(one);
        }

        return [.. seconds.Select(static s => (s[Runs / 2], s[0], s[^1]))];
    }
}

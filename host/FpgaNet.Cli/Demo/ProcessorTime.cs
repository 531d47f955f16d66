using System.Globalization;

namespace FpgaNet.Cli.Demo;

/// <summary>Processor time of this process without that of the simulated card's thread.</summary>
internal static class ProcessorTime
{
    private const string CardThread = "card ";

    /// <summary>What the host's software has used so far. Where Linux does not say it by thread, the simulation is included.</summary>
    public static TimeSpan OfHost()
    {
        TimeSpan time = Environment.CpuUsage.TotalTime;
        if (!Directory.Exists("/proc/self/task"))
        {
            return time;
        }

        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                // proc(5): the first number of schedstat is nanoseconds on the processor.
                if (File.ReadAllText(Path.Combine(task, "comm")).StartsWith(CardThread, StringComparison.Ordinal))
                {
                    string[] numbers = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ');
                    time -= TimeSpan.FromTicks(long.Parse(numbers[0], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);
                }
            }
            catch (IOException)
            {
                // The thread ended while we looked, or the kernel keeps no such figure.
            }
        }

        return time;
    }
}

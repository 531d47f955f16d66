using System.Globalization;
using FpgaNet.Simulation;
using FpgaNet.Simulation.Scenarios;

namespace FpgaNet.Soak;

/// <summary>Bulk over every mix of loss, reordering and congestion control: byte-exact and alive in all of them, and a table that says how fast.</summary>
internal static class LossMatrix
{
    private const long Length = 8_000_000;
    private const long BitsPerSecond = 100_000_000;

    private static readonly double[] s_losses = [0, 0.001, 0.01, 0.05, 0.2];
    private static readonly double[] s_reorderings = [0, 0.02, 0.2];

    /// <summary>Runs all of it and prints the table.</summary>
    /// <returns>0, or 1 when a run broke a rule.</returns>
    public static int Run(int seed, int jobs, CancellationToken cancellation)
    {
        List<(string Control, double Loss, double Reorder)> cells =
        [
            .. from control in CongestionControls.All from reorder in s_reorderings from loss in s_losses select (control.Name, loss, reorder),
        ];
        string[] results = new string[cells.Count];
        bool failed = false;
        Parallel.For(0, cells.Count, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellation }, i =>
        {
            try
            {
                double goodput = Goodput(seed, cells[i].Control, cells[i].Loss, cells[i].Reorder);
                results[i] = goodput.ToString("f2", CultureInfo.InvariantCulture);
            }
            catch (SimulationException e)
            {
                Console.WriteLine(e.Message);
                results[i] = "FAILED";
                failed = true;
            }
        });

        Console.WriteLine($"goodput in Mb/s of {Length / 1_000_000} MB over 100 Mb/s, 20 ms round trip, queue of one round trip; replay: fpganet-soak loss-matrix --seed {seed}");
        Console.WriteLine($"{"control",-10}{"reordered",-11}{string.Concat(s_losses.Select(loss => string.Create(CultureInfo.InvariantCulture, $"{"loss " + (loss * 100) + " %",12}")))}");
        for (int row = 0; row < cells.Count; row += s_losses.Length)
        {
            string reordered = string.Create(CultureInfo.InvariantCulture, $"{cells[row].Reorder * 100} %");
            Console.WriteLine($"{cells[row].Control,-10}{reordered,-11}{string.Concat(results.Skip(row).Take(s_losses.Length).Select(result => $"{result,12}"))}");
        }

        return failed ? 1 : 0;
    }

    private static double Goodput(int seed, string control, double loss, double reorder)
    {
        using VirtualNetwork network = new(seed) { Scenario = $"{control}, loss {loss}, reordering {reorder}" };
        LinkModel model = new() { BitsPerSecond = BitsPerSecond, Delay = TimeSpan.FromMilliseconds(10), QueueBytes = 250_000, QueueFrames = int.MaxValue, Loss = loss, Reorder = reorder };
        HostModel host = new()
        {
            Tcp = VirtualNetwork.SmallPools with
            {
                ReceiveBufferSize = 4 << 20,
                SendBufferSize = 4 << 20,
                SendChunks = 128,
                ReceiveChunks = 64,
                Retries = 100,
                TimeWait = TimeSpan.FromSeconds(1),
                CongestionControl = CongestionControls.All.First(c => string.Equals(c.Name, control, StringComparison.Ordinal)).Make,
            },
        };
        Dumbbell dumbbell = new(network, 1, model, host: _ => host);
        BulkFlow flow = new(network, dumbbell.Senders[0], dumbbell.Receivers[0], 80, Length);
        network.RunUntil(() => flow.IsDone, TimeSpan.FromHours(4));
        flow.Sending.GetAwaiter().GetResult();
        if (flow.Received != Length)
        {
            network.Fail($"{flow.Received} bytes came of {Length}");
        }

        return flow.Received * 8 / flow.LastReceivedAt.TotalSeconds / 1e6;
    }
}

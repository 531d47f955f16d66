using System.Globalization;
using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests;

/// <summary><c>fpganet serve --queues 4</c>: a stack and a thread for each queue of the card, Linux programs at the other end.</summary>
[TestClass]
public sealed class ServeOnQueuesTests
{
    [TestMethod]
    public void Sixteen_downloads_at_once_are_spread_over_the_queues_byte_exact()
    {
        const int Size = 1 << 20;
        const int Part = 100_000;
        using ServedNic served = new("sim-pcie", "all", "--queues", "4");
        byte[] content = ServedNic.Content(Size);
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            int first = 50_000 * i;
            byte[] part = served.Fetch(Size, "--range", string.Create(CultureInfo.InvariantCulture, $"{first}-{first + Part - 1}"));
            Assert.IsTrue(part.AsSpan().SequenceEqual(content.AsSpan(first, Part)));
        });

        ProgramResult end = served.Stop();
        string[] queues = end.Output.Split("NIC, queue ")[1..];
        Assert.HasCount(4, queues, end.Output);
        Assert.IsGreaterThan(2, queues.Count(static queue => queue.Contains(" driver_rx_frames ", StringComparison.Ordinal)), "queues with work\n" + end.Output);
        Assert.DoesNotContain("rx_queue_full", end.Output);
        Assert.DoesNotContain("driver_resets", end.Output);
    }

    [TestMethod]
    public void Queues_are_the_PCI_Express_cards()
    {
        ProgramResult result = TestProgram.Run(LinuxEnd.FpgaNet, ["serve", ".", "--nic", "tap", "--address", "192.0.2.2/24", "--queues", "2"]);
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.Contains("sim-pcie", result.Output + result.Error);
    }
}

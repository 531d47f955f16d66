using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Tests.Recovery;

/// <summary>Proportional rate reduction, in segments of one byte, as the RFC's examples count them (RFC 6937 §4, RFC 9937 §6).</summary>
[TestClass]
public sealed class ReductionTests
{
    [TestMethod]
    public void One_loss_in_twenty_sends_one_segment_for_every_two_acknowledgements()
    {
        // Twenty on their way, the first lost, ssthresh 10 (RFC 6937 §4, first example, from the third report on).
        Assert.AreEqual("R.N.N.N.N.N.N.N.", Run(flight: 20, pipe: 18, acknowledgements: 16, threshold: 10, safe: false));
    }

    [TestMethod]
    public void After_a_burst_of_losses_the_window_grows_back_as_in_slow_start()
    {
        // Fifteen of twenty lost: pipe 4 after the first of five reports. Without SafeACK one goes for one, with it two.
        Assert.AreEqual("RNNNN", Run(flight: 20, pipe: 4, acknowledgements: 5, threshold: 10, safe: false));
        Assert.AreEqual("22222N", Run(flight: 20, pipe: 4, acknowledgements: 6, threshold: 10, safe: true).Replace('R', '2')[..6]);
    }

    [TestMethod]
    public void The_first_retransmission_goes_whatever_the_sum_says_and_so_does_one_when_nothing_is_on_its_way()
    {
        ProportionalRateReduction reduction = default;
        reduction.Begin(100_000);
        reduction.Acknowledged(delivered: 1000, isSafe: false, inFlight: 90_000, threshold: 50_000, segmentSize: 1000);
        Assert.AreEqual(91_000, reduction.Window);
        reduction.Sent(1000);
        reduction.Acknowledged(delivered: 0, isSafe: false, inFlight: 50_000, threshold: 50_000, segmentSize: 1000);
        Assert.AreEqual(50_000, reduction.Window);
        reduction.Acknowledged(delivered: 0, isSafe: false, inFlight: 0, threshold: 50_000, segmentSize: 1000);
        Assert.AreEqual(1000, reduction.Window);
    }

    // Each acknowledgement delivers one segment and the sender uses up its window: R is the first, N one segment, 2 two, '.' none.
    private static string Run(int flight, int pipe, int acknowledgements, int threshold, bool safe)
    {
        ProportionalRateReduction reduction = default;
        reduction.Begin(flight);
        System.Text.StringBuilder seen = new();
        for (int i = 0; i < acknowledgements; i++)
        {
            pipe -= i == 0 ? 0 : 1;
            reduction.Acknowledged(delivered: 1, safe, pipe, threshold, segmentSize: 1);
            int sent = Math.Max(reduction.Window - pipe, 0);
            reduction.Sent(sent);
            pipe += sent;
            seen.Append(sent switch { 0 => '.', 1 when i == 0 => 'R', 1 => 'N', _ => (char)('0' + sent) });
        }

        Assert.IsLessThanOrEqualTo(threshold + acknowledgements, pipe);
        return seen.ToString();
    }
}

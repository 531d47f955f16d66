using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Congestion;

/// <summary>Whatever a path and a peer make up, a window stays a window.</summary>
[TestClass]
public sealed class CongestionFuzzTests
{
    [TestMethod]
    [DataRow("newreno")]
    [DataRow("cubic")]
    [DataRow("bbr")]
    public void Any_sequence_of_events_leaves_a_window_and_a_rate_that_can_be_used(string name)
    {
        int seed = TestSeed.Take();
        for (int run = 0; run < 200; run++)
        {
            Random random = new(unchecked(seed + run));
            ICongestionControl control = name switch
            {
                "newreno" => new NewReno(),
                "cubic" => new Cubic(),
                _ => new Bbr(),
            };
            int segment = random.Next(32, 65_496);
            Instant now = new(random.NextInt64(TimeSpan.TicksPerDay));
            control.Start(new StartEvent
            {
                Now = now,
                MaximumSegmentSize = segment,
                RoundTrip = Time(random),
                IsPaced = random.Next(2) == 0,
                HasSelectiveAcknowledgements = random.Next(2) == 0,
                HandshakeWasLost = random.Next(4) == 0,
            });
            long delivered = 0;
            for (int i = 0; i < 2000; i++)
            {
                now += Time(random);
                switch (random.Next(40))
                {
                    case 0:
                        control.LossDetected(new LossEvent { Now = now, BytesInFlight = Bytes(random), Cause = (CongestionCause)random.Next(2) });
                        break;
                    case 1:
                        control.Recovered(Bytes(random));
                        break;
                    case 2:
                        control.TimedOut(Bytes(random), random.Next(2) == 0);
                        break;
                    case 3:
                        control.Undo();
                        break;
                    case 4:
                        control.Idle(new IdleEvent { Now = now, Duration = Time(random), Timeout = Time(random) });
                        break;
                    case 5:
                        segment = random.Next(32, 65_496);
                        control.SegmentSizeChanged(segment);
                        break;
                    case 6:
                        control.SegmentLost(new LostSegment { Bytes = segment, InFlightWhenSent = Bytes(random), LostSinceSent = Bytes(random), IsApplicationLimited = random.Next(2) == 0 });
                        break;
                    default:
                        control.Acknowledged(Ack(random, now, ref delivered));
                        break;
                }

                string what = $"{name}, seed {seed + run}, event {i}";
                Assert.IsGreaterThan(0, control.CongestionWindow, what);
                Assert.IsGreaterThanOrEqualTo(Math.Min(segment, 32), control.CongestionWindow, what);
                Assert.IsLessThanOrEqualTo(1 << 30, control.CongestionWindow, what);
                Assert.IsGreaterThan(0, control.SlowStartThreshold, what);
                Assert.IsGreaterThanOrEqualTo(0L, control.PacingRate, what);
                if (control.PacingRate > 0)
                {
                    Pacer pacer = default;
                    int quantum = Pacer.Quantum(control.PacingRate, segment);
                    Assert.IsGreaterThanOrEqualTo(2 * segment, quantum, what);
                    pacer.Sent(quantum, control.PacingRate, now);
                }
            }
        }
    }

    private static AckEvent Ack(Random random, Instant now, ref long delivered)
    {
        int bytes = Bytes(random);
        delivered += bytes;
        return new AckEvent
        {
            Now = now,
            BytesAcknowledged = random.Next(2) == 0 ? 0 : bytes,
            BytesDelivered = bytes,
            PriorInFlight = Bytes(random),
            BytesInFlight = Bytes(random),
            BytesLost = random.Next(4) == 0 ? Bytes(random) : 0,
            WindowWasFull = random.Next(2) == 0,
            RoundTrip = random.Next(4) == 0 ? TimeSpan.Zero : Time(random),
            SmoothedRoundTrip = Time(random),
            MinimumRoundTrip = Time(random),
            RoundStarted = random.Next(4) == 0,
            IsRecovering = random.Next(4) == 0,
            Delivery = new DeliverySample
            {
                Rate = random.Next(4) == 0 ? 0 : 1L << random.Next(54),
                IsApplicationLimited = random.Next(2) == 0,
                Delivered = delivered,
                PriorDelivered = random.Next(8) == 0 ? -1 : random.NextInt64(delivered + 1),
                Lost = random.Next(2) == 0 ? 0 : Bytes(random),
                InFlightWhenSent = Bytes(random),
                Interval = Time(random),
            },
        };
    }

    // Of every order of magnitude up to what a window may be.
    private static int Bytes(Random random) => random.Next(1 << random.Next(31));

    // Up to a quarter of an hour.
    private static TimeSpan Time(Random random) => new(random.NextInt64(1L << random.Next(1, 34)));
}

using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Board;

/// <summary>The board around the Verilated card: both ways of time, faults at the wire and in the host, and nothing left over at the end.</summary>
[TestClass]
public sealed class SimulatedCardTests
{
    private const uint Magic = 0x464E_4943;

    [TestMethod]
    public void A_register_read_is_answered_and_the_card_falls_idle()
    {
        using SimulatedPciFunction function = SimulatedPciFunction.Lockstep(new SimulatedCard());
        Assert.AreEqual(Magic, function.ReadRegister(0));
        function.WriteRegister(0x124, 0x1234_5678);
        Assert.AreEqual(0x1234_5678u, function.ReadRegister(0x124));
        Assert.IsTrue(function.Card.StepUntilIdle());
        function.Card.Root.CheckQuiescent();
        function.Reset();
        Assert.AreEqual(0u, function.ReadRegister(0x124), "a reset clears the scratch register");
    }

    [TestMethod]
    public void A_malformed_register_read_gets_an_unsupported_request()
    {
        using SimulatedCard card = new();
        int tag = card.Root.BeginRegisterRead(0, card.Cycles, lengthWords: 2, firstBytes: 0xF, lastBytes: 0xF);
        Assert.IsTrue(card.StepUntilIdle());
        Assert.IsTrue(card.Root.TryEndRegisterRead(tag, out RegisterReadResult result));
        Assert.AreEqual(new RegisterReadResult(CompletionStatus.UnsupportedRequest, uint.MaxValue), result);
    }

    [TestMethod]
    [DataRow(0x1000_0000UL, DisplayName = "Three-word headers")]
    [DataRow(0x12_3400_0000UL, DisplayName = "Four-word headers")]
    public void Random_frames_pass_both_ways_whole_and_in_order_past_an_awkward_host(ulong firstBusAddress)
    {
        int seed = TestSeed.Take();
        Random random = new(seed);
        PciRootOptions pci = new() { Seed = seed, FirstBusAddress = firstBusAddress, Backpressure = 0.3, Stall = 0.3, MaximumReadLatency = 300 };
        using LockstepRig rig = new(new SimulatedCardOptions { Pci = pci, CycleBudget = 20_000_000 });
        List<byte[]> out1 = [], out2 = [], in1 = [], in2 = [];
        for (int i = 0; i < 60; i++)
        {
            out1.Add(LockstepRig.RandomFrame(random, random.Next(60, 1515)));
            out2.Add(LockstepRig.RandomFrame(random, random.Next(60, 1515)));
        }

        int sent1 = 0, sent2 = 0;
        rig.Clock.Add(() =>
        {
            for (; sent1 < out1.Count && rig.TrySend(rig.Nic, out1[sent1]); sent1++)
            {
            }

            for (; sent2 < out2.Count && rig.TrySend(rig.Peer, out2[sent2]); sent2++)
            {
            }

            LockstepRig.Receive(rig.Nic, in1);
            LockstepRig.Receive(rig.Peer, in2);
            return LockstepClock.NoDeadline;
        });
        Assert.IsTrue(rig.Clock.RunUntil(() => in1.Count == 60 && in2.Count == 60, TimeSpan.FromSeconds(1)), $"came: {in1.Count} and {in2.Count}");
        for (int i = 0; i < 60; i++)
        {
            CollectionAssert.AreEqual(out2[i], in1[i], $"frame {i} to the host");
            CollectionAssert.AreEqual(out1[i], in2[i], $"frame {i} to the wire");
        }

        Assert.IsTrue(rig.Card.StepUntilIdle());
        rig.Card.Root.CheckQuiescent();
        Assert.IsGreaterThan(1, rig.Card.Root.Statistics.MostReadsOutstanding, "reads were never outstanding together");
    }

    [TestMethod]
    public void Two_runs_with_one_seed_take_the_same_cycles()
    {
        static (long Cycles, long Reads, long Time) Run()
        {
            using LockstepRig rig = new(new SimulatedCardOptions { Pci = new PciRootOptions { Seed = 42 } });
            Random random = new(1);
            List<byte[]> received = [];
            for (int i = 0; i < 10; i++)
            {
                Assert.IsTrue(rig.TrySend(rig.Nic, LockstepRig.RandomFrame(random, 100 + (i * 100))));
            }

            rig.Clock.Add(() =>
            {
                LockstepRig.Receive(rig.Peer, received);
                return LockstepClock.NoDeadline;
            });
            Assert.IsTrue(rig.Clock.RunUntil(() => received.Count == 10, TimeSpan.FromSeconds(1)));
            return (rig.Card.Cycles, rig.Card.Root.Statistics.ReadRequests, rig.Clock.GetTimestamp());
        }

        Assert.AreEqual(Run(), Run());
    }

    [TestMethod]
    [DataRow(LineDefects.BadFrameCheck, "rx_bad_fcs", 200)]
    [DataRow(LineDefects.PhyError, "rx_phy_error", 200)]
    [DataRow(LineDefects.NoStartDelimiter, "rx_phy_error", 200)]
    [DataRow(LineDefects.NoPadding, "rx_undersize", 30)]
    [DataRow(LineDefects.None, "rx_oversize", 1519)]
    public void A_bad_frame_is_counted_and_the_next_good_one_comes(LineDefects defects, string counter, int length)
    {
        using LockstepRig rig = new();
        Random random = TestSeed.Random();
        byte[] bad = LockstepRig.RandomFrame(random, length);
        bad[0] = 0; // neither preamble nor delimiter, where the delimiter is missing
        Assert.IsTrue(rig.Wire.Second.TrySend(bad, defects));
        byte[] good = LockstepRig.RandomFrame(random, 100);
        Assert.IsTrue(rig.Wire.Second.TrySend(good));
        List<byte[]> received = [];
        rig.Clock.Add(() =>
        {
            LockstepRig.Receive(rig.Nic, received);
            return LockstepClock.NoDeadline;
        });
        Assert.IsTrue(rig.Clock.RunUntil(() => received.Count != 0, TimeSpan.FromSeconds(1)));
        CollectionAssert.AreEqual(good, received[0]);
        Assert.AreEqual(1UL, rig.Counter(counter));
    }

    [TestMethod]
    public void A_short_preamble_is_no_defect()
    {
        using LockstepRig rig = new();
        byte[] frame = LockstepRig.RandomFrame(TestSeed.Random(), 77);
        Assert.IsTrue(rig.Wire.Second.TrySend(frame, LineDefects.ShortPreamble));
        List<byte[]> received = [];
        rig.Clock.Add(() =>
        {
            LockstepRig.Receive(rig.Nic, received);
            return LockstepClock.NoDeadline;
        });
        Assert.IsTrue(rig.Clock.RunUntil(() => received.Count != 0, TimeSpan.FromSeconds(1)));
        CollectionAssert.AreEqual(frame, received[0]);
    }

    [TestMethod]
    public void Memory_taken_from_under_the_card_ends_the_simulation()
    {
        using LockstepRig rig = new();
        for (ulong bus = rig.Card.Root.Options.FirstBusAddress; rig.Card.Root.Memory.RegionCount != 0; bus += HostMemory.PageSize)
        {
            if (rig.Card.Root.Memory.TryTranslate(bus, 1, out _))
            {
                try
                {
                    rig.Card.Root.Memory.Unmap(bus);
                }
                catch (ArgumentException)
                {
                    // a page inside a region
                }
            }
        }

        Assert.IsTrue(rig.TrySend(rig.Nic, LockstepRig.RandomFrame(new Random(1), 100)));
        Assert.ThrowsExactly<PciProtocolException>(() => rig.Clock.RunFor(TimeSpan.FromMilliseconds(1)));
    }

    [TestMethod]
    public void Free_running_the_card_serves_sleeps_and_wakes()
    {
        using Wire wire = new();
        using SimulatedPciFunction function = SimulatedPciFunction.FreeRunning(new SimulatedCard(wire: wire.First));
        using SemaphoreSlim woken = new(0); // armed still when a frame came without a wait
        using (FpgaNic nic = FpgaNic.Open(function))
        {
            using WireDevice peer = new(wire.Second, new MacAddress(0x02_00_5E_10_00_02));
            Random random = TestSeed.Random();
            List<byte[]> received = [];
            for (int i = 0; i < 5; i++)
            {
                // Asleep between frames: nothing moves the clock until the frame arrives.
                byte[] frame = LockstepRig.RandomFrame(random, 60 + (i * 300));
                Assert.IsTrue(wire.Second.TrySend(frame));
                while (received.Count == i)
                {
                    nic.ArmWake(() => woken.Release());
                    LockstepRig.Receive(nic, received);
                    Assert.IsTrue(received.Count > i || woken.Wait(60_000), $"the frame never came: {nic.State}, {function.Fault}");
                    LockstepRig.Receive(nic, received);
                }

                CollectionAssert.AreEqual(frame, received[i]);
            }
        }

        Assert.IsNull(function.Fault);
        Assert.AreEqual(Magic, function.ReadRegister(0));
        Assert.IsTrue(SpinWait.SpinUntil(() => function.Card.IsIdle, 60_000), "the card never fell idle");
        long cycles = function.Card.Cycles;
        function.WriteRegister(0x124, 1);
        Assert.AreEqual(1u, function.ReadRegister(0x124));
        Assert.IsGreaterThan(cycles, function.Card.Cycles);
    }

    [TestMethod]
    public void A_fault_on_the_cards_thread_is_shown_and_the_card_reads_as_ones()
    {
        using SimulatedPciFunction function = SimulatedPciFunction.FreeRunning(new SimulatedCard());
        Exception? told = null;
        function.Faulted = e => Volatile.Write(ref told, e);
        Assert.AreEqual(Magic, function.ReadRegister(0));
        var options = new FpgaNicOptions { HealthInterval = TimeSpan.FromMilliseconds(1), ResetTimeout = TimeSpan.FromMilliseconds(100) }; // it will not come back
        using FpgaNic nic = FpgaNic.Open(function, options);

        // Without a link nothing is sent; on a busy machine there is none yet.
        Assert.IsTrue(SpinWait.SpinUntil(() => HasLink(nic), 60_000), "no link");
        for (ulong bus = function.Card.Root.Options.FirstBusAddress, end = bus + (64 << 20); bus < end; bus += HostMemory.PageSize)
        {
            try
            {
                function.UnmapDma(bus);
            }
            catch (ArgumentException)
            {
                // no region starts here
            }
        }

        TxFrame[] frames = new TxFrame[1];
        using FpgaNet.Packets.Buffers.BufferPool pool = new(1, 128);
        frames[0].Frame = new(new(pool.TryRent()!.Value, 0, 64));
        nic.Transmit(frames);
        Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref told) is not null, 60_000), "no fault was told");
        Assert.IsInstanceOfType<PciProtocolException>(function.Fault);
        Assert.AreEqual(uint.MaxValue, function.ReadRegister(0));
    }

    [TestMethod]
    public void A_waveform_is_written_on_request()
    {
        Skip.Unless(VerilatedModel.IsBuilt("fn_nic_pcie_trace"), "the tracing card is not built (make trace)");
        string path = Path.Combine(Path.GetTempPath(), $"fpganet-{Environment.ProcessId}.fst");
        try
        {
            using (SimulatedPciFunction function = SimulatedPciFunction.Lockstep(new SimulatedCard(new SimulatedCardOptions { TracePath = path })))
            {
                Assert.AreEqual(Magic, function.ReadRegister(0));
            }

            Assert.IsGreaterThan(1000, new FileInfo(path).Length);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static bool HasLink(FpgaNic nic)
    {
        nic.ArmWake(static () => { });
        return nic.State == DeviceState.Up;
    }
}

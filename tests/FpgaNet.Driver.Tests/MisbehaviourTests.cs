using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver.Tests;

[TestClass]
public sealed class MisbehaviourTests
{
    [TestMethod]
    public void A_transmit_completion_of_the_wrong_position_is_healed_by_a_reset()
    {
        using var rig = new Rig();
        rig.Card.PositionError = 2;
        Assert.AreEqual(1, rig.Send(60));
        int woken = 0;
        Assert.IsEmpty(rig.Receive());
        rig.Nic.ArmWake(() => woken++);
        Healed(rig, "driver_misbehaved_ring_position", lost: 1);
    }

    [TestMethod]
    public void A_receive_completion_of_the_wrong_position_is_healed_by_a_reset()
    {
        using var rig = new Rig();
        rig.Card.PositionError = 0xFFFF;
        rig.Card.Deliver(new byte[60]);
        Assert.IsEmpty(rig.Receive());
        Healed(rig, "driver_misbehaved_ring_position", lost: 0);
    }

    [TestMethod]
    [DataRow(1537u)]
    [DataRow(13u)]
    [DataRow(65535u)]
    public void A_receive_length_that_no_buffer_holds_is_healed_by_a_reset(uint length)
    {
        using var rig = new Rig();
        rig.Card.Deliver(new byte[60], new RxCompletion { Length = length });
        Assert.IsEmpty(rig.Receive());
        Healed(rig, "driver_misbehaved_receive_length", lost: 0);
    }

    [TestMethod]
    public void A_completion_that_answers_nothing_is_healed_by_a_reset()
    {
        using var rig = new Rig();
        rig.Card.TxStalled = true;
        rig.Send(60);
        rig.Card.PositionError = 1;
        rig.Card.TxStalled = false;
        rig.Card.ServeTransmit();
        Assert.AreEqual(0, rig.Send(60), "a card in reset takes nothing");
        Healed(rig, "driver_misbehaved_ring_position", lost: 1);
    }

    [TestMethod]
    public void A_transmit_queue_that_stops_is_healed_by_a_reset_after_its_time()
    {
        using var rig = new Rig();
        rig.Look(100); // an old look at an idle ring says nothing of frames that come later
        rig.Card.TxStalled = true;
        Assert.AreEqual(1, rig.Send(60));
        rig.Look(0.2);
        Assert.AreEqual(1, rig.Send(60));
        rig.Look(0.9);
        Assert.AreEqual(0ul, rig.Counter("driver_misbehaved_transmit_stuck"));
        rig.Look(0.2);
        Assert.AreEqual(1ul, rig.Counter("driver_misbehaved_transmit_stuck"));
        rig.Card.TxStalled = false;
        Healed(rig, "driver_misbehaved_transmit_stuck", lost: 2);
    }

    [TestMethod]
    public void A_slow_transmit_queue_is_not_a_stuck_one()
    {
        using var rig = new Rig();
        rig.Card.TxStalled = true;
        rig.Send(60);
        for (int i = 0; i < 20; i++)
        {
            rig.Send(60);
            rig.Look(0.8);
            rig.Card.TxStalled = false;
            rig.Card.ServeTransmit();
            rig.Card.TxStalled = true;
            rig.Send(60);
            rig.Look(0.8);
        }

        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
    }

    [TestMethod]
    public void A_sleeper_is_woken_to_find_the_card_stuck()
    {
        using var rig = new Rig();
        rig.Card.TxStalled = true;
        rig.Send(60);
        for (int second = 0; second < 4 && rig.Counter("driver_misbehaved_transmit_stuck") == 0; second++)
        {
            int woken = 0;
            rig.Nic.ArmWake(() => woken++);
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.AreEqual(1, woken);
            Assert.IsEmpty(rig.Receive());
        }

        rig.Card.TxStalled = false;
        Healed(rig, "driver_misbehaved_transmit_stuck", lost: 1);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_queue_that_halted_is_healed_by_a_reset(bool transmit)
    {
        using var rig = new Rig();
        rig.Card.Halt(transmit, Status.ReadTimeout);
        rig.Look(0.2);
        Healed(rig, "driver_misbehaved_queue_halted", lost: 0);
    }

    [TestMethod]
    public void A_card_that_somebody_else_has_reset_is_set_up_again()
    {
        using var rig = new Rig();
        rig.Card.Reset();
        rig.Look(0.2);
        Healed(rig, "driver_misbehaved_queue_halted", lost: 0);
    }

    [TestMethod]
    public void A_completion_of_the_wrong_phase_is_healed_by_a_reset()
    {
        using var rig = new Rig();
        rig.Card.WrongPhase = true;
        rig.Card.Deliver(new byte[60]);
        rig.Look(0.2);
        Assert.AreEqual(0ul, rig.Counter("driver_misbehaved_completion_lost"), "once may be a race");
        rig.Card.WrongPhase = false;
        rig.Look(0.2);
        Healed(rig, "driver_misbehaved_completion_lost", lost: 0);
    }

    [TestMethod]
    public void A_long_reset_is_waited_for_in_pieces_and_then_wakes()
    {
        using var rig = new Rig();
        rig.Card.ResetReads = 300;
        rig.Card.Halt(transmit: true, Status.Poisoned);
        rig.Look(0.2);
        int calls = 0, woken = 0;
        while (rig.Counter("driver_resets") == 0)
        {
            int before = rig.Card.Pauses;
            rig.Nic.ArmWake(() => woken++);
            Assert.IsTrue(rig.Card.Pauses - before <= 64, "a call may not wait long");
            rig.Time.Advance(TimeSpan.FromMilliseconds(1));
            calls++;
        }

        Assert.AreEqual(calls, woken);
        Assert.IsGreaterThan(3, calls);
        rig.CheckTraffic();
    }

    [TestMethod]
    public void What_was_switched_off_stays_off_after_a_reset()
    {
        using var rig = new Rig();
        rig.Nic.EnabledFeatures = Packets.Offload.OffloadFeatures.TxChecksum;
        rig.Card.Halt(transmit: true, Status.Poisoned);
        rig.Look(0.2);
        Healed(rig, "driver_misbehaved_queue_halted", lost: 0);
        Assert.AreEqual(3u, rig.Card.Register(CoreRegisters.Control));
    }

    [TestMethod]
    public void The_cards_counters_survive_a_reset()
    {
        using var rig = new Rig();
        rig.Card.SetRegister(StatisticsRegisters.Counters + (8 * CardCounters.RxBadFcs), 0xFFFF_FFFF);
        rig.Card.SetRegister(StatisticsRegisters.Counters + (8 * CardCounters.RxBadFcs) + 4, 2);
        rig.Card.SetRegister(PcieRegisters.ReadErrors, 5);
        rig.Card.Halt(transmit: true, Status.ReadError);
        rig.Look(0.2);
        rig.Look(0);
        Assert.AreEqual(1ul, rig.Counter("driver_resets"));
        Assert.AreEqual(0x2_FFFF_FFFFul, rig.Counter("rx_bad_fcs"));
        rig.Card.SetRegister(StatisticsRegisters.Counters + (8 * CardCounters.RxBadFcs), 1);
        rig.Card.SetRegister(PcieRegisters.ReadErrors, 2);
        Assert.AreEqual(0x3_0000_0000ul, rig.Counter("rx_bad_fcs"));
        Assert.AreEqual(7ul, rig.Counter("pcie_read_errors"));
    }

    [TestMethod]
    public void A_card_that_left_its_reset_only_by_a_function_reset_goes_on()
    {
        using var rig = new Rig();
        rig.Send(60);
        rig.Card.CardResetHangs = true;
        rig.Card.FunctionResetHeals = true;
        rig.Card.Halt(transmit: false, Status.Poisoned);
        rig.Look(0.2);
        rig.Look(1);
        Assert.AreEqual(0, rig.Card.FunctionResets, "its own reset has five seconds");
        rig.Look(6);
        Assert.AreEqual(1, rig.Card.FunctionResets);
        Assert.AreEqual(1ul, rig.Counter("driver_function_resets"));
        Healed(rig, "driver_misbehaved_queue_halted", lost: 0);
    }

    [TestMethod]
    public void A_card_that_comes_back_after_it_was_gone_goes_on()
    {
        using var rig = new Rig();
        rig.Card.TxStalled = true;
        rig.Send(60);
        rig.Card.TxStalled = false;
        rig.Card.Unplugged = true;
        rig.Card.FunctionResetHeals = true;
        rig.Look(0.2);
        Healed(rig, "driver_misbehaved_no_answer", lost: 1);
    }

    [TestMethod]
    public void A_card_that_is_gone_fails_and_keeps_the_memory_that_it_may_still_write()
    {
        var rig = new Rig();
        rig.Card.TxStalled = true;
        rig.Send(60);
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        rig.Card.Unplugged = true;
        int mappings = rig.Card.Mappings;
        rig.Look(0.2);
        rig.Look(0);
        Assert.AreEqual(DeviceState.Failed, rig.Nic.State);
        Assert.AreEqual(1, woken);
        Assert.AreEqual(3, rig.Card.FunctionResets);
        Assert.AreEqual(1, rig.Send(60), "taken and dropped");
        Assert.AreEqual(1ul, rig.Counter("driver_tx_failed"));
        Assert.AreEqual(1ul, rig.Counter("driver_leaked_frames"));
        int woken2 = 0;
        rig.Nic.ArmWake(() => woken2++);
        rig.Nic.ArmWake(() => woken2++);
        Assert.IsTrue(woken2 <= 1, "a caller that arms in a loop must not spin");
        Assert.IsEmpty(rig.Receive());
        rig.Nic.Dispose();
        Assert.AreEqual(mappings, rig.Card.Mappings);
        Assert.AreEqual(63, rig.TxPool.Available);
        Assert.AreEqual(40 - 16, rig.RxPool.Available);
    }

    [TestMethod]
    public void A_card_that_never_works_again_fails_after_three_resets_and_gives_its_memory_back()
    {
        using var rig = new Rig();
        rig.Card.PositionError = 1;
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Assert.AreEqual(1, rig.Send(60));
            rig.Look(0);
            rig.Look(0);
            Assert.AreEqual((ulong)attempt, rig.Counter("driver_resets"));
            Assert.AreEqual(DeviceState.Up, rig.Nic.State);
        }

        Assert.AreEqual(1, rig.Send(60));
        int woken = 0;
        rig.Look(0);
        rig.Nic.ArmWake(() => woken++);
        Assert.AreEqual(DeviceState.Failed, rig.Nic.State);
        Assert.AreEqual(1, woken);
        Assert.AreEqual(64, rig.TxPool.Available);
        Assert.AreEqual(0ul, rig.Counter("driver_leaked_frames"));
    }

    [TestMethod]
    public void Misbehaviour_now_and_then_never_adds_up_to_a_failure()
    {
        using var rig = new Rig();
        for (int i = 0; i < 10; i++)
        {
            rig.Card.Halt(transmit: true, Status.Poisoned);
            rig.Look(0.2);
            rig.Look(0);
            rig.CheckTraffic();
            rig.Look(0);
        }

        Assert.AreEqual(10ul, rig.Counter("driver_resets"));
        Assert.AreEqual(DeviceState.Up, rig.Nic.State);
    }

    private static void Healed(Rig rig, string counter, ulong lost)
    {
        rig.Card.PositionError = 0;
        rig.Look(0);
        Assert.AreEqual(1ul, rig.Counter(counter), counter);
        Assert.AreEqual(1ul, rig.Counter("driver_resets"));
        Assert.AreEqual(lost, rig.Counter("driver_tx_lost_in_reset"));
        Assert.AreEqual(rig.TxPool.BufferCount, rig.TxPool.Available);
        Assert.AreEqual(DeviceState.Up, rig.Nic.State);
        rig.CheckTraffic();
        rig.CheckTraffic();
    }
}

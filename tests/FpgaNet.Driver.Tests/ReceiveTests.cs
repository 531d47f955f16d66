using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.Driver.Tests;

[TestClass]
public sealed class ReceiveTests
{
    [TestMethod]
    public void A_frame_comes_up_with_what_the_card_found_out()
    {
        using var rig = new Rig();
        byte[] bytes = new byte[900];
        new Random(1).NextBytes(bytes);
        rig.Card.Deliver(bytes, new RxCompletion
        {
            Network = 2,
            Transport = 1,
            HashType = 5,
            Hash = 0xDEAD_BEEF,
            NetworkChecksum = 0,
            TransportChecksum = 1,
            NetworkOffset = 18,
            TransportOffset = 58,
            HasVlan = true,
            VlanTag = 0x2064,
            Fragment = true,
        });
        RxFrame frame = rig.Receive().Single();
        CollectionAssert.AreEqual(bytes, frame.Frame.Header.Span.ToArray());
        Assert.AreEqual(NetworkProtocol.IPv6, frame.Offload.Network);
        Assert.AreEqual(TransportProtocol.Tcp, frame.Offload.Transport);
        Assert.AreEqual(RssHashType.TcpIPv6, frame.Offload.HashType);
        Assert.AreEqual(0xDEAD_BEEFu, frame.Offload.Hash);
        Assert.AreEqual(ChecksumVerdict.Unknown, frame.Offload.NetworkChecksum);
        Assert.AreEqual(ChecksumVerdict.Good, frame.Offload.TransportChecksum);
        Assert.AreEqual(18, frame.Offload.NetworkOffset);
        Assert.AreEqual(58, frame.Offload.TransportOffset);
        Assert.IsTrue(frame.Offload.HasVlan);
        Assert.AreEqual(0x2064, frame.Offload.VlanTag);
        Assert.IsTrue(frame.Offload.Fragment);
        frame.Frame.Release();
    }

    [TestMethod]
    public void Bursts_of_any_length_go_round_the_ring_many_times_in_order()
    {
        using var rig = new Rig();
        Random random = TestSeed.Random();
        uint sent = 0, got = 0;
        while (got < 70_000)
        {
            for (int burst = random.Next(1, 17); burst > 0; burst--)
            {
                byte[] bytes = new byte[64];
                BitConverter.TryWriteBytes(bytes.AsSpan(20), sent);
                sent += rig.Card.Deliver(bytes, new RxCompletion { Hash = sent, HashType = 1 }) ? 1u : 0;
            }

            foreach (RxFrame frame in rig.Receive(random.Next(1, 20)))
            {
                Assert.AreEqual(got, BitConverter.ToUInt32(frame.Frame.Header.Span[20..]));
                Assert.AreEqual(got, frame.Offload.Hash);
                got++;
                frame.Frame.Release();
            }
        }

        Assert.AreEqual(0ul, rig.Counter("driver_resets"));
        Assert.AreEqual((ulong)got, rig.Counter("driver_rx_frames"));
        Assert.IsTrue(sent - got <= 16);
    }

    [TestMethod]
    public void A_dry_pool_costs_frames_but_never_the_ring()
    {
        using var rig = new Rig();
        var held = new List<RxFrame>();
        for (int i = 0; i < 200; i++)
        {
            Assert.IsTrue(rig.Card.Deliver(new byte[60]), $"the ring starved at frame {i}");
            held.AddRange(rig.Receive());
        }

        Assert.HasCount(40 - 16, held);
        Assert.AreEqual(200ul - 24, rig.Counter("driver_rx_no_buffer"));
        held.ForEach(static f => f.Frame.Release());
        rig.CheckTraffic();
    }

    [TestMethod]
    public void A_frame_that_did_not_fit_is_counted()
    {
        using var rig = new Rig();
        rig.Card.Deliver([], new RxCompletion { Status = Status.BufferTooSmall, Length = 1518 });
        Assert.IsEmpty(rig.Receive());
        Assert.AreEqual(1ul, rig.Counter("driver_rx_error_buffer_too_small"));
        rig.CheckTraffic();
    }

    [TestMethod]
    public void Metadata_that_points_outside_the_frame_is_not_believed()
    {
        using var rig = new Rig();
        foreach (RxCompletion bad in (ReadOnlySpan<RxCompletion>)
            [
                new RxCompletion { TransportOffset = 61, Transport = 1, Network = 1, TransportChecksum = 1 }, new RxCompletion { NetworkOffset = 200, Network = 1 },
                new RxCompletion { Network = 9 }, new RxCompletion { Transport = 15 }, new RxCompletion { HashType = 7 }, new RxCompletion { TransportChecksum = 3 },
            ])
        {
            rig.Card.Deliver(new byte[60], bad);
            RxFrame frame = rig.Receive().Single();
            Assert.AreEqual(default, frame.Offload);
            frame.Frame.Release();
        }

        Assert.AreEqual(6ul, rig.Counter("driver_rx_bad_metadata"));
    }

    [TestMethod]
    public void A_wake_comes_once_for_each_request()
    {
        using var rig = new Rig();
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        Assert.AreEqual(0, woken);
        rig.Card.Deliver(new byte[60]);
        Assert.AreEqual(1, woken);
        rig.Card.Deliver(new byte[60]);
        Assert.AreEqual(1, woken);
        rig.Nic.ArmWake(() => woken++); // two frames wait already
        Assert.AreEqual(2, woken);
        foreach (RxFrame frame in rig.Receive())
        {
            frame.Frame.Release();
        }

        rig.Nic.ArmWake(() => woken++);
        Assert.AreEqual(2, woken);
    }

    [TestMethod]
    public void Taking_frames_does_not_take_back_the_arm()
    {
        using var rig = new Rig();
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        for (int i = 0; i < 40; i++)
        {
            // More than the acknowledgements of a completion ring that is held back: the ring is written to while armed.
            rig.Card.Deliver(new byte[60]);
            rig.Receive().Single().Frame.Release();
            if (woken == 1)
            {
                woken = 0;
                rig.Nic.ArmWake(() => woken++);
                Assert.AreEqual(0, woken);
            }
        }

        rig.Card.Deliver(new byte[60]);
        Assert.AreEqual(1, woken);
    }

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(1, false)]
    public void Without_interrupts_a_timer_asks_the_caller_to_look(int vectors, bool use)
    {
        using var rig = new Rig(new FpgaNicOptions { UseInterrupts = use }, new ScriptedPciFunction { InterruptVectors = vectors });
        int woken = 0;
        rig.Nic.ArmWake(() => woken++);
        rig.Card.Deliver(new byte[60]);
        Assert.AreEqual(0, woken);
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.AreEqual(1, woken);
        rig.Receive().Single().Frame.Release();
    }
}

using FpgaNet.Packets.Devices;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Stack.Network;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>
/// TCP through the card while PCI Express, the PHY or the peer misbehave: every fault is counted, the stream comes out byte by byte, and it does so within a bounded
/// simulated time.
/// </summary>
[TestClass]
public sealed class StackOnCardFaultTests
{
    private const int KiB = 1024;

    // With as many retransmission timeouts as one transfer may meet here, each at least a fifth of a second.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    // docs/descriptors.md, "Errors": a packet whose bytes could not be read is not sent, its completion says why, and the queue goes on.
    [TestMethod]
    [DataRow(ReadFault.Poisoned, "driver_tx_error_poisoned")]
    [DataRow(ReadFault.UnsupportedRequest, "driver_tx_error_read_error")]
    [DataRow(ReadFault.CompleterAbort, "driver_tx_error_read_error")]
    [DataRow(ReadFault.Missing, "driver_tx_error_read_timeout")]
    [DataRow(ReadFault.Truncated, "driver_tx_error_read_timeout")]
    public void A_payload_that_cannot_be_read_is_sent_again(ReadFault fault, string counter)
    {
        using StackOnCardHosts hosts = new();
        StackOnCardFunction function = hosts.Function;
        for (int i = 0; i < 4; i++)
        {
            hosts.Card.Root.Faults.SpoilReads(fault, skip: 40 + (150 * i), where: (address, _) => !function.IsTransmitRing(address) && !function.IsReceiveRing(address));
        }

        hosts.Exchange(256 * KiB, s_limit);
        Assert.AreEqual(4L, hosts.Card.Root.Statistics.FaultsInjected);
        Assert.AreEqual(4UL, hosts[counter], counter);
        Assert.AreNotEqual(0UL, hosts.A.Counters[StackCounter.TcpBytesRetransmitted]);
        Assert.AreEqual(0UL, hosts["driver_resets"]);
        hosts.CheckCleanEnd();
    }

    // The same page: descriptors that could not be read halt their queue, and the driver resets the card.
    [TestMethod]
    [DataRow(ReadFault.Poisoned, true)]
    [DataRow(ReadFault.UnsupportedRequest, false)]
    [DataRow(ReadFault.CompleterAbort, true)]
    [DataRow(ReadFault.Missing, true)]
    [DataRow(ReadFault.Missing, false)]
    [DataRow(ReadFault.Truncated, false)]
    public void Descriptors_that_cannot_be_read_cost_a_reset(ReadFault fault, bool transmit)
    {
        using StackOnCardHosts hosts = new();
        StackOnCardFunction function = hosts.Function;
        hosts.Card.Root.Faults.SpoilReads(fault, skip: 20, where: (address, _) => transmit ? function.IsTransmitRing(address) : function.IsReceiveRing(address));
        hosts.Exchange(256 * KiB, s_limit);
        Assert.AreEqual(1L, hosts.Card.Root.Statistics.FaultsInjected);
        Assert.AreEqual(1UL, hosts["driver_misbehaved_queue_halted"]);
        Assert.AreEqual(1UL, hosts["driver_resets"]);
        Assert.AreEqual(0UL, hosts["driver_function_resets"]);
        hosts.CheckCleanEnd();
    }

    // Completions that no rule allows: the card must not take their data, and the packets of others must not suffer.
    [TestMethod]
    [DataRow(ReadFault.Duplicated)]
    [DataRow(ReadFault.Unexpected)]
    [DataRow(ReadFault.Overlong)]
    public void Completions_that_nobody_asked_for_are_counted(ReadFault fault)
    {
        using StackOnCardHosts hosts = new();
        StackOnCardFunction function = hosts.Function;
        hosts.Card.Root.Faults.SpoilReads(
            fault, skip: 100, count: 20, where: (address, length) => length >= 64 && !function.IsTransmitRing(address) && !function.IsReceiveRing(address));
        hosts.Exchange(128 * KiB, s_limit);
        Assert.AreEqual(20L, hosts.Card.Root.Statistics.FaultsInjected);
        Assert.AreNotEqual(0UL, hosts["pcie_unexpected_completions"] + hosts["pcie_read_errors"]);
        hosts.CheckCleanEnd();
    }

    // Everything at once: a slow, stalling, reordering host whose reads, of payload and of descriptors, fail now and then in any way, and a bad wire.
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(1740857263)] // a descriptor's read fails while the card transmits: the reset must not cut that frame
    public void A_bad_host_and_a_bad_wire_by_seed(int seed) => AllAtOnce(seed);

    [TestMethod]
    public void A_bad_host_and_a_bad_wire_by_seed() => AllAtOnce(TestSeed.Take());

    // The copies come first, carry other bytes under the right TCP checksum, and differ from the true frames only by what the PHY or the check sequence says of them: a card that takes one
    // gives the stream wrong bytes.
    [TestMethod]
    [DataRow(LineDefects.BadFrameCheck, "rx_bad_fcs")]
    [DataRow(LineDefects.PhyError, "rx_phy_error")]
    [DataRow(LineDefects.Cut, "rx_bad_fcs")]
    [DataRow(LineDefects.NoStartDelimiter, null)]
    public void Frames_that_the_line_spoils_never_reach_the_stream(LineDefects defect, string? counter)
    {
        using StackOnCardHosts hosts = new();
        int injected = 0;
        hosts.Tap.Sending = frame =>
        {
            if (frame.Length < 1000 || !hosts.Wire.Second.HasRoom)
            {
                return;
            }

            byte[] copy = frame.ToArray();
            (copy[500], copy[502]) = (copy[502], copy[500]);
            (copy[501], copy[503]) = (copy[503], copy[501]);
            injected += hosts.Wire.Second.TrySend(copy, defect) ? 1 : 0;
        };
        hosts.Exchange(128 * KiB, s_limit);
        Assert.IsGreaterThan(80, injected);
        if (counter is not null)
        {
            Assert.AreEqual((ulong)injected, hosts[counter], counter);
        }

        Assert.AreEqual(hosts["rx_frames"], (ulong)(hosts.Wire.Second.SentCounters.Sent - injected));
        hosts.CheckCleanEnd();
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Malformed_frames_from_the_wire_do_not_stop_the_stream(int seed)
    {
        using StackOnCardHosts hosts = new(new PciRootOptions { Seed = seed });
        StackOnCardGarbage garbage = new(seed, hosts.Nic.MacAddress);
        long injected = 0;
        hosts.Tap.Sending = frame =>
        {
            for (int i = garbage.Next(4); i > 0 && hosts.Wire.Second.HasRoom; i--)
            {
                injected += hosts.Wire.Second.TrySend(garbage.Frame(frame, out LineDefects defects), defects) ? 1 : 0;
            }
        };
        hosts.Exchange(256 * KiB, s_limit);
        Assert.IsGreaterThan(200L, injected);
        Assert.AreNotEqual(0UL, hosts.A.Counters[StackCounter.RxMalformed]);
        Assert.AreNotEqual(0UL, hosts["rx_checksum_bad"]);
        Assert.AreNotEqual(0UL, hosts["rx_undersize"]);
        Assert.AreNotEqual(0UL, hosts["rx_oversize"]);
        Assert.AreEqual(0UL, hosts["driver_resets"]);
        hosts.CheckCleanEnd();
    }

    private static void AllAtOnce(int seed)
    {
        PciRootOptions pci = new()
        {
            Seed = seed,
            MinimumReadLatency = 1,
            MaximumReadLatency = 400,
            Backpressure = 0.3,
            Stall = 0.3,
            MaximumPayload = 128 << (seed & 1),
            MaximumReadRequest = 128 << (int)((uint)seed % 3),
            MaximumInterruptLatency = 64,

            // From 4 GB on the card must use its long headers.
            FirstBusAddress = (seed & 1) == 0 ? 0x1000_0000UL : 0x12_3456_7000UL,
        };
        WireOptions wire = new() { Seed = seed, Delay = TimeSpan.FromMicroseconds(2), Loss = 0.005, Corruption = 0.005, Duplication = 0.005, Reordering = 0.01 };
        using StackOnCardHosts hosts = new(pci, wire);
        Random random = new(seed);
        foreach (ReadFault fault in Enum.GetValues<ReadFault>())
        {
            if (fault != ReadFault.None)
            {
                hosts.Card.Root.Faults.SpoilReads(fault, count: int.MaxValue, where: (_, _) => random.NextDouble() < 0.002);
            }
        }

        hosts.Exchange(192 * KiB, TimeSpan.FromSeconds(300));
        Assert.AreNotEqual(0L, hosts.Card.Root.Statistics.FaultsInjected);
        Assert.AreEqual(DeviceState.Up, hosts.Nic.State);
        hosts.Card.Root.Faults.Clear();
        hosts.CheckCleanEnd();
    }
}

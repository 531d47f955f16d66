using System.Buffers.Binary;
using FpgaNet.Driver.Flows;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests;

/// <summary>What the driver makes of the card's receive classification: flow table, MAC filter, tags taken out.</summary>
[TestClass]
public sealed class DriverOnCardClassificationTests
{
    [TestMethod]
    public void Flows_are_marked_and_dropped_while_they_are_in_the_table()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        FlowTable table = rig.Nic.FlowTable!;
        (byte[] Frame, FlowKey Key)[] flows = [.. Enumerable.Range(0, 12).Select(i => Packet(random, (Flow)(i % 4)))];
        Assert.AreEqual(256, table.Capacity);
        CheckFlows(rig, flows, _ => null);
        for (int i = 0; i < flows.Length; i++)
        {
            Assert.AreEqual(FlowTableStatus.Done, table.Add(flows[i].Key, new FlowAction((ushort)(100 + i), Drop: i % 3 == 2)));
            Assert.AreEqual(FlowTableStatus.Duplicate, table.Add(flows[i].Key, default));
        }

        Assert.AreEqual(flows.Length, table.Count);
        ulong matched = rig.Counter("rx_flow_matched");
        CheckFlows(rig, flows, i => i % 3 == 2 ? -1 : 100 + i);
        Assert.AreEqual(4UL, rig.Counter("rx_flow_dropped"));
        Assert.AreEqual(matched + 8, rig.Counter("rx_flow_matched"));

        for (int i = 0; i < flows.Length; i += 2)
        {
            Assert.AreEqual(FlowTableStatus.Done, table.Remove(flows[i].Key));
            Assert.AreEqual(FlowTableStatus.NotFound, table.Remove(flows[i].Key));
            Assert.AreEqual(FlowTableStatus.NotFound, table.Change(flows[i].Key, default));
            Assert.AreEqual(FlowTableStatus.Done, table.Change(flows[i + 1].Key, new FlowAction((ushort)(200 + i))));
        }

        CheckFlows(rig, flows, i => i % 2 == 0 ? null : 199 + i);
        CollectionAssert.AreEquivalent(
            flows.Where((_, i) => i % 2 != 0).Select((f, i) => new FlowEntry(f.Key, new FlowAction((ushort)(200 + (2 * i))), Matches: 2)).ToArray(), table.Read().ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => table.Add(flows[0].Key, new FlowAction(0, Queue: 16)));
        Assert.ThrowsExactly<ArgumentException>(() => table.Add(flows[0].Key with { Protocol = TransportProtocol.Icmp }, default));
    }

    [TestMethod]
    public void A_table_more_than_nine_tenths_full_still_knows_every_flow()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        FlowTable table = rig.Nic.FlowTable!;
        List<(byte[] Frame, FlowKey Key)> flows = [];
        for (int i = 0; i < table.Capacity; i++)
        {
            (byte[] frame, FlowKey key) = Packet(random, (Flow)(i % 4));
            if (table.Add(key, new FlowAction((ushort)i)) != FlowTableStatus.Done)
            {
                break; // full
            }

            flows.Add((frame, key));
            rig.Run(256); // posted writes take their time
            rig.Deliver(frame);
        }

        rig.RunUntilIdle();

        Assert.IsGreaterThan(table.Capacity * 9 / 10, flows.Count);
        CheckFlows(rig, [.. flows], i => i);
        Assert.HasCount(flows.Count, table.Read());
        Assert.IsTrue(table.Read().All(static entry => entry.Matches == 2), "an entry that was moved has lost a frame");
    }

    [TestMethod]
    public void With_the_filter_on_frames_come_for_this_station_for_everybody_and_for_joined_groups()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        IAddressFilter filter = rig.Nic.AddressFilter!;
        MacAddress[] groups = [.. Enumerable.Range(0, 14).Select(i => new MacAddress(0x3333_0000_0000ul + (uint)random.Next()))];
        MacAddress stranger = new(0x0200_5E10_0042);
        CheckAddresses([stranger, MacAddress.Broadcast, rig.Nic.MacAddress, .. groups], _ => true); // promiscuous at first

        filter.Promiscuous = false;
        Array.ForEach(groups, filter.Join);
        filter.Join(groups[3]);
        filter.Join(groups[12]);
        CheckAddresses([stranger, MacAddress.Broadcast, rig.Nic.MacAddress, .. groups], a => a != stranger);
        Assert.AreEqual(1UL, rig.Counter("rx_filtered"));

        Array.ForEach(groups, filter.Leave);
        CheckAddresses([stranger, MacAddress.Broadcast, rig.Nic.MacAddress, groups[3], groups[12]], a => a != stranger);
        ulong filtered = rig.Counter("rx_filtered");
        CheckAddresses([.. groups[..3]], _ => false);
        Assert.AreEqual(filtered + 3, rig.Counter("rx_filtered"));

        void CheckAddresses(MacAddress[] addresses, Func<MacAddress, bool> comes)
        {
            rig.Received.Clear();
            byte[][] frames = [.. addresses.Select(address =>
            {
                byte[] frame = CardFrames.Raw(random, random.Next(60, 200));
                address.Write(frame);
                rig.Deliver(frame);
                return frame;
            })];
            rig.RunUntilIdle();
            rig.Run(256);
            byte[][] expected = [.. frames.Where((_, i) => comes(addresses[i]))];
            Assert.HasCount(expected.Length, rig.Received);
            foreach (byte[] frame in expected)
            {
                CollectionAssert.AreEqual(frame, rig.Received.Dequeue().Bytes);
            }
        }
    }

    [TestMethod]
    public void Flows_and_groups_outlive_a_reset_of_the_card()
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        (byte[] frame, FlowKey key) = Packet(random, Flow.Tcp4);
        MacAddress group = new(0x0100_5E01_0203);
        rig.Nic.FlowTable!.Add(key, new FlowAction(7));
        rig.Nic.AddressFilter!.Join(group);
        rig.Nic.AddressFilter.Promiscuous = false;
        rig.Function.Reset();
        rig.RunUntil(() => rig.Counter("driver_resets") == 1 && rig.Nic.State == DeviceState.Up, "the card is back");

        byte[] toGroup = CardFrames.Raw(random, 80);
        group.Write(toGroup);
        byte[] toNobody = CardFrames.Raw(random, 80);
        toNobody[0] = 0x03;
        Array.ForEach([frame, toNobody, toGroup], f => rig.Deliver(f));
        rig.RunUntilIdle();
        rig.Run(256);
        Assert.HasCount(2, rig.Received);
        Assert.AreEqual(7, rig.Received.Dequeue().Offload.FlowId);
        CollectionAssert.AreEqual(toGroup, rig.Received.Dequeue().Bytes);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Tags_are_taken_out_by_the_card_or_by_software_and_the_frames_are_the_same(bool byCard)
    {
        Random random = TestSeed.Random();
        using var rig = new DriverOnCard(random);
        if (!byCard)
        {
            rig.Nic.EnabledFeatures &= ~OffloadFeatures.RxVlanStrip;
        }

        List<(byte[] Stripped, ushort? Tag)> expected = [];
        for (int i = 0; i < 40; i++)
        {
            (byte[] frame, _) = Packet(random, (Flow)(i % 4));
            ushort tag = (ushort)random.Next(0x10000);
            bool tagged = i % 3 != 0;
            byte[] inner = i % 5 == 0 ? [.. frame[..12], 0x81, 0x00, 0x12, 0x34, .. frame[12..]] : frame;
            byte[] outer = [.. inner[..12], (byte)(i % 2 == 0 ? 0x81 : 0x88), (byte)(i % 2 == 0 ? 0x00 : 0xA8), (byte)(tag >> 8), (byte)tag, .. inner[12..]];
            rig.Deliver(tagged ? outer : frame);
            expected.Add((tagged ? inner : frame, tagged ? tag : null));
        }

        rig.RunUntilIdle();
        Assert.HasCount(expected.Count, rig.Received);
        Assert.AreEqual(byCard ? (ulong)expected.Count(e => e.Tag is not null) : 0, rig.Counter("rx_vlan_stripped"));
        Assert.AreEqual((ulong)expected.Count(e => e.Tag is not null), rig.Counter("rx_vlan"));
        using Packets.Buffers.BufferPool pool = new(1, 2048);
        foreach ((byte[] stripped, ushort? tag) in expected)
        {
            (byte[] bytes, RxOffload seen) = rig.Received.Dequeue();
            var frame = new Packets.Buffers.Frame(new Packets.Buffers.BufferSlice(pool.TryRent()!.Value, 0, bytes.Length));
            bytes.CopyTo(frame.Header.Span);
            Assert.AreEqual(!byCard && tag is not null, VlanStripper.TryStrip(ref frame, ref seen));
            CollectionAssert.AreEqual(stripped, frame.Header.Span.ToArray());
            Assert.AreEqual(tag is not null, seen is { HasVlan: true, VlanStripped: true });
            Assert.AreEqual(tag ?? 0, seen.VlanTag);
            Assert.AreEqual(ChecksumVerdict.Good, seen.TransportChecksum);
            int network = stripped[12] == 0x81 ? 18 : 14;
            Assert.AreEqual(network, seen.NetworkOffset);
            Assert.AreEqual(network + (seen.Network == NetworkProtocol.IPv4 ? 20 : 40), seen.TransportOffset);
            frame.Release();
        }
    }

    /// <param name="rig">Where.</param>
    /// <param name="flows">A frame of each.</param>
    /// <param name="id">What the frame of a flow comes up with: null for no id, −1 when it does not come.</param>
    private static void CheckFlows(DriverOnCard rig, (byte[] Frame, FlowKey Key)[] flows, Func<int, int?> id)
    {
        rig.Received.Clear();
        Array.ForEach(flows, f => rig.Deliver(f.Frame));
        rig.RunUntilIdle();
        rig.Run(256);
        int[] shown = [.. Enumerable.Range(0, flows.Length).Where(i => id(i) != -1)];
        Assert.HasCount(shown.Length, rig.Received);
        foreach (int i in shown)
        {
            (byte[] bytes, RxOffload seen) = rig.Received.Dequeue();
            CollectionAssert.AreEqual(flows[i].Frame, bytes);
            Assert.AreEqual(id(i), seen.FlowMatched ? seen.FlowId : null);
        }
    }

    private static (byte[] Frame, FlowKey Key) Packet(Random random, Flow flow)
    {
        byte[] frame = CardFrames.Packet(random, flow, random.Next(20, 100));
        bool v4 = flow is Flow.Tcp4 or Flow.Udp4;
        ReadOnlySpan<byte> addresses = frame.AsSpan(v4 ? 26 : 22);
        ReadOnlySpan<byte> ports = frame.AsSpan(v4 ? 34 : 54);
        return (frame, new FlowKey(
            flow is Flow.Tcp4 or Flow.Tcp6 ? TransportProtocol.Tcp : TransportProtocol.Udp,
            v4 ? IPv4Address.Read(addresses) : IPv6Address.Read(addresses),
            v4 ? IPv4Address.Read(addresses[4..]) : IPv6Address.Read(addresses[16..]),
            BinaryPrimitives.ReadUInt16BigEndian(ports),
            BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
    }
}

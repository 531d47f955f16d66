using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>The whole receive path: filter, parser, verdicts, hash, flows, queues and tags together, frame by frame against the references.</summary>
[TestClass]
public sealed class RxPathTests
{
    private const uint ToQueue = 1u << 24;
    private const uint Drop = 1u << 25;

    [TestMethod]
    [DataRow(8, 0.1)]
    [DataRow(8, 0.0)]
    [DataRow(32, 0.1)]
    [DataRow(32, 0.0)]
    [DataRow(64, 0.1)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.5)]
    public void Every_frame_goes_where_it_shall_as_it_shall_or_nowhere(int width, double stall)
    {
        Random random = TestSeed.Random();
        using RxPathBench bench = new($"fn_rx_{width}", random, stall);
        (List<byte[]> frames, RxReference reference, RxClassifier classifier) = Traffic(random, 400, new RandomPackets(random) { MinimumLength = 60 });
        bench.Program(reference, classifier, random);
        foreach (byte[] frame in frames)
        {
            bench.Source!.Send(frame);
        }

        Check(bench, classifier, frames, mustDropByFlow: true);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void The_shortest_frames_back_to_back_with_everything_on_are_never_kept_waiting(int width)
    {
        Random random = TestSeed.Random();
        using RxPathBench bench = new($"fn_rx_{width}", random, stall: null);
        (List<byte[]> frames, RxReference reference, RxClassifier classifier) = Traffic(random, 600, new RandomPackets(random) { MinimumLength = 60, MaximumLength = 66 });
        for (int i = 0; i < frames.Count; i++)
        {
            if (i % 600 > 300)
            {
                frames[i] = ShortestOverIPv6(random); // nothing has more to look up in less time
            }
        }

        bench.Program(reference, classifier, random);
        frames.ForEach(bench.Wire!.Send);
        Check(bench, classifier, frames, mustDropByFlow: false);
        Assert.AreEqual(0, bench.Wire.Refused, "a beat had to wait");
    }

    [TestMethod]
    [DataRow(64)]
    [DataRow(32)]
    public void Closer_than_any_wire_frames_wait_and_none_goes_up_without_its_hash(int width)
    {
        Random random = TestSeed.Random();
        using RxPathBench bench = new($"fn_rx_{width}", random, stall: 0);
        (_, RxReference reference, RxClassifier classifier) = Traffic(random, 1, new RandomPackets(random) { MinimumLength = 60 }, everyHash: true);
        classifier.Promiscuous = true;
        List<byte[]> frames = [.. Enumerable.Range(0, 300).Select(_ => ShortestOverIPv6(random))];
        bench.Program(reference, classifier, random);
        frames.ForEach(f => bench.Source!.Send(f));
        Check(bench, classifier, frames, mustDropByFlow: false);
        Assert.IsTrue(bench.Host.Frames.All(f => RxFindings.Unpack(f.User).HashType == RssHashType.UdpIPv6));
    }

    [TestMethod]
    public void Without_flow_table_and_tag_stripping_the_rest_is_the_same()
    {
        Random random = TestSeed.Random();
        using RxPathBench bench = new("fn_rx_plain_64", random, stall: 0.1);
        (List<byte[]> frames, RxReference reference, RxClassifier classifier) = Traffic(random, 300, new RandomPackets(random) { MinimumLength = 60 });
        bench.Program(reference, classifier, random, hasFlows: false);
        classifier.Flows.Clear();
        classifier.Strip = false;
        frames.ForEach(f => bench.Source!.Send(f));
        Check(bench, classifier, frames, mustDropByFlow: false);
    }

    private static void Check(RxPathBench bench, RxClassifier classifier, List<byte[]> frames, bool mustDropByFlow)
    {
        (byte[]? Frame, RxFindings Found, bool Filtered)[] expected = [.. frames.Select(classifier.Classify)];
        int filtered = expected.Count(e => e.Filtered);
        (byte[]? Frame, RxFindings Found, bool)[] shown = [.. expected.Where(e => e.Frame is not null)];
        bench.StepUntil(() => bench.Host.Frames.Count == shown.Length && bench.IsIdle && (bench.Source?.Pending ?? bench.Wire!.Pending) == 0);
        bench.Step(200);
        Assert.HasCount(shown.Length, bench.Host.Frames);
        Assert.AreEqual(filtered, bench.Counts.Filtered);
        Assert.AreEqual(frames.Count - filtered - shown.Length, bench.Counts.FlowDropped);
        int i = 0;
        foreach (StreamFrame got in bench.Host.Frames)
        {
            Assert.AreEqual(shown[i].Found, RxFindings.Unpack(got.User), $"frame {i}: {Convert.ToHexString(shown[i].Frame!)}");
            CollectionAssert.AreEqual(shown[i].Frame, got.Data, $"frame {i}");
            i++;
        }

        if (mustDropByFlow)
        {
            // The test means something only if all of these were there.
            Assert.IsGreaterThan(20, filtered);
            Assert.IsGreaterThan(5, bench.Counts.FlowDropped);
            Assert.IsGreaterThan(20, shown.Count(e => e.Found.FlowId is not null));
            Assert.IsGreaterThan(20, shown.Count(e => e.Found.VlanStripped));
        }
    }

    /// <summary>Frames to this station, to others, to groups; four of five known flows among those that have one.</summary>
    private static (List<byte[]> Frames, RxReference Reference, RxClassifier Classifier) Traffic(
        Random random, int count, RandomPackets packets, bool everyHash = false)
    {
        byte[] key = new byte[40];
        random.NextBytes(key);
        RxReference reference = new() { Key = key, HashTypes = everyHash ? 0x7E : 0x7E & ~(1u << random.Next(8)) };
        RxClassifier classifier = new(reference) { Strip = true, DefaultQueue = (byte)random.Next(256) };
        random.NextBytes(classifier.Indirection);
        classifier.Stations.UnionWith([0x02005E100001, 0x01005E000001, 0x333300000001, 0x021122334455]);
        List<byte[]> frames = [];
        for (int i = 0; i < count; i++)
        {
            byte[] frame = packets.Next();
            ulong destination = random.Next(8) switch { 0 => (ulong)random.NextInt64(1L << 48), 1 => 0xFFFF_FFFF_FFFF, _ => classifier.Stations.ElementAt(random.Next(4)) };
            BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)(destination >> 32));
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(2), (uint)destination);
            frames.Add(frame);
            if (random.Next(5) != 0 && RxClassifier.FlowOf(reference.Examine(frame), frame) is { } flow)
            {
                uint action = (uint)random.Next(1 << 24) | random.Next(3) switch { 0 => Drop, 1 => ToQueue, _ => 0 };
                classifier.Flows[RxClassifier.Name(flow.Key, flow.Kind)] = (flow.Key, action | flow.Kind);
            }
        }

        return (frames, reference, classifier);
    }

    // 62 bytes: UDP without data over IPv6, nine words to hash.
    private static byte[] ShortestOverIPv6(Random random)
    {
        byte[] frame = new byte[62];
        random.NextBytes(frame.AsSpan(22, 36)); // addresses and ports
        frame.AsSpan(0, 6).Fill(0xFF);
        (frame[12], frame[13], frame[14]) = (0x86, 0xDD, 0x60);
        (frame[18], frame[19], frame[20]) = (0, 8, 17);
        return frame;
    }
}

using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>The outermost tag taken out of frames.</summary>
[TestClass]
public sealed class RxVlanTests
{
    [TestMethod]
    [DataRow(8, 0.0)]
    [DataRow(8, 0.3)]
    [DataRow(32, 0.0)]
    [DataRow(32, 0.3)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.3)]
    public void Bytes_12_to_15_go_where_they_shall_and_nothing_else_changes(int width, double stall)
    {
        Random random = TestSeed.Random();
        using Bench bench = new(width, random, stall);
        (byte[] Bytes, bool Strip)[] frames = [.. Enumerable.Range(0, 600).Select(_ => (Bytes(random, random.Next(18, 90)), random.Next(3) != 0))];
        foreach ((byte[] sent, byte[] got) in frames.Select(f => f.Strip ? [.. f.Bytes[..12], .. f.Bytes[16..]] : f.Bytes).Zip(bench.Run(frames)))
        {
            CollectionAssert.AreEqual(sent, got, $"{Convert.ToHexString(sent)} came as {Convert.ToHexString(got)}");
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void No_frame_takes_longer_than_it_took_on_the_wire(int width)
    {
        Random random = TestSeed.Random();
        for (int length = 60; length < 76; length++)
        {
            using Bench bench = new(width, random, stall: 0);
            (byte[] Bytes, bool Strip)[] frames = [.. Enumerable.Range(0, 50).Select(_ => (Bytes(random, length), true))];
            bench.Run(frames);
            int beats = (length + (width / 8) - 1) / (width / 8);
            Assert.IsLessThanOrEqualTo((beats + 1) * frames.Length + 4, bench.Cycles);                        // the page's promise
            Assert.IsLessThanOrEqualTo((length + 24) * 8.0 / width * frames.Length, bench.Cycles - 4.0);      // preamble, check sequence, gap
        }
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>The strip pin belongs to the frame whose end the sink has not seen, as in the receive path, where it comes from the oldest completion.</summary>
    private sealed class Bench : IBenchDriver, IDisposable
    {
        private readonly RtlBench _bench;
        private readonly AxiStreamSource _source;
        private readonly AxiStreamSink _sink;
        private (byte[] Bytes, bool Strip)[] _frames = [];

        public Bench(int width, Random random, double stall)
        {
            _bench = new RtlBench($"fn_rx_vlan_{width}");
            _source = _bench.Source("s_axis", random, stall);
            _sink = _bench.Sink("m_axis", random, stall);
            _bench.Add(this);
            _bench.Reset();
        }

        public long Cycles => _bench.Cycles;

        public List<byte[]> Run((byte[] Bytes, bool Strip)[] frames)
        {
            _frames = frames;
            foreach ((byte[] bytes, _) in frames)
            {
                _source.Send(bytes);
            }

            _bench.StepUntil(() => _sink.Frames.Count == frames.Length);
            Assert.AreEqual(0, _source.Pending);
            return [.. _sink.Frames.Select(f => f.Data)];
        }

        public void Drive()
        {
            int at = _sink.Frames.Count;
            _bench.Model.Port("s_axis_strip").Value(at < _frames.Length && _frames[at].Strip ? 1UL : 0);
        }

        public void Sample()
        {
        }

        public void Dispose() => _bench.Dispose();
    }
}

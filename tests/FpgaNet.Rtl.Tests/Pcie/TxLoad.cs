using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Transmit queues that always have more frames of a length of their own, and the count of what comes out of each.</summary>
public sealed class TxLoad
{
    private readonly PcieBench _bench;
    private readonly int[] _frameBytes;
    private readonly HostQueue<TxCompletion>[] _queues;
    private readonly DmaBuffer _data;

    public TxLoad(PcieBench bench, int[] frameBytes)
    {
        _bench = bench;
        _frameBytes = frameBytes;
        _data = bench.Allocate(4096);
        _queues = [.. frameBytes.Select((_, i) => new HostQueue<TxCompletion>(bench, TxQueueRegisters.Offset + (TxQueueRegisters.Stride * (uint)i), log2: 8, completionLog2: 8))];
        foreach (HostQueue<TxCompletion> queue in _queues)
        {
            queue.Start();
        }
    }

    public HostQueue<TxCompletion> Queue(int index) => _queues[index];

    /// <summary>Keeps all queues full for a time.</summary>
    /// <returns>Bytes that each queue sent meanwhile.</returns>
    public long[] Run(int clocks)
    {
        long[] bytes = new long[_queues.Length];
        long end = _bench.Bench.Cycles + clocks;
        while (_bench.Bench.Cycles < end)
        {
            for (int i = 0; i < _queues.Length; i++)
            {
                Fill(i);
            }

            _bench.Bench.Step(64);
            while (_bench.Sent.Frames.TryDequeue(out StreamFrame? frame))
            {
                bytes[Array.IndexOf(_frameBytes, frame.Data.Length)] += frame.Data.Length;
            }
        }

        return bytes;
    }

    private void Fill(int index)
    {
        HostQueue<TxCompletion> queue = _queues[index];
        while (queue.TryTake(out TxCompletion completion))
        {
            Assert.AreEqual(Status.Ok, completion.Status);
            queue.Released = (ushort)completion.RingPosition;
        }

        queue.Acknowledge();
        while (queue.Free >= 2)
        {
            queue.Add(new TxHeader { Length = (uint)_frameBytes[index], SliceCount = 1 });
            queue.Add(new TxSlice { AddressLow = (uint)_data.Bus, AddressHigh = (uint)(_data.Bus >> 32), Length = (uint)_frameBytes[index] });
        }

        queue.Post();
    }
}

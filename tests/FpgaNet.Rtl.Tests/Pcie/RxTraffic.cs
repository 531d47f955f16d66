using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Gives buffers to a receive queue, feeds frames in at the core's side, and checks what the host then finds.</summary>
public sealed class RxTraffic
{
    private const int Guard = 16;

    private readonly PcieBench _bench;
    private readonly Queue<Buffer> _buffers = new();
    private readonly Queue<StreamFrame> _frames = new();
    private readonly DmaBuffer _memory;
    private readonly int _queue;
    private int _place;

    public RxTraffic(PcieBench bench, int queue = 0, int log2 = 5, int completionLog2 = 5)
    {
        _bench = bench;
        _queue = queue;
        Queue = new HostQueue<RxCompletion>(bench, RxQueueRegisters.Offset + (RxQueueRegisters.Stride * (uint)queue), log2, completionLog2);
        _memory = bench.Allocate(1 << 18);
        Restart();
    }

    public HostQueue<RxCompletion> Queue { get; }

    /// <summary>Frames whose completion has not been checked.</summary>
    public int Expected => _frames.Count;

    /// <summary>Beats of 64 bits those frames take in the queue's memory at the core's side, if none has left it.</summary>
    public int ExpectedBeats => _frames.Sum(frame => (frame.Data.Length + 7) / 8);

    public void Restart(int packets = 0, int time = 0, int vector = 0)
    {
        _buffers.Clear();
        _frames.Clear();
        Queue.Start(packets, time, vector);
    }

    /// <summary>Starts the queue anew; frames that wait at the core keep waiting.</summary>
    public void StartOver()
    {
        _buffers.Clear();
        Queue.Start();
    }

    /// <summary>Adds a buffer at a multiple of 4, near any page end, with bytes around it that the card must leave alone. The doorbell is the caller's.</summary>
    public void AddBuffer(int length)
    {
        _place = (_place + 3) / 4 * 4;
        _place += 4 * _bench.Random.Next(40);
        if (_place + length + Guard > _memory.Length)
        {
            _place = 0;
        }

        _memory.Bytes.Slice(_place, length + Guard).Fill(0xA5);
        ulong bus = _memory.Bus + (ulong)_place;
        _buffers.Enqueue(new Buffer(_place, length, Queue.Producer));
        Queue.Add(new RxDescriptor { AddressLow = (uint)bus, AddressHigh = (uint)(bus >> 32), Length = (uint)length });
        _place += length + Guard;
    }

    /// <summary>A frame for this queue arrives at the core.</summary>
    public void Receive(int length)
    {
        byte[] data = new byte[length];
        _bench.Random.NextBytes(data);
        uint[] user = new uint[8];
        for (int i = 1; i < user.Length; i++)
        {
            user[i] = (uint)_bench.Random.NextInt64();
        }

        user[0] = (uint)length << 16;
        user[7] &= 0x7FFF_FF00;
        user[3] = (user[3] & 0xF0FF_FFFF) | ((uint)_queue << 24);
        StreamFrame frame = new(data, user);
        _frames.Enqueue(frame);
        _bench.Received.Send(frame);
    }

    /// <summary>The last frames were dropped: nothing of them is expected.</summary>
    public void ForgetLast(int count)
    {
        StreamFrame[] kept = [.. _frames.Take(_frames.Count - count)];
        _frames.Clear();
        foreach (StreamFrame frame in kept)
        {
            _frames.Enqueue(frame);
        }
    }

    /// <summary>Waits for the next completion and checks it.</summary>
    public Status Check() => Check(Queue.Take());

    /// <summary>Checks a completion, its frame, and the memory around it.</summary>
    public Status Check(RxCompletion completion)
    {
        StreamFrame frame = _frames.Dequeue();
        Buffer buffer = _buffers.Dequeue();
        Assert.AreEqual((ushort)buffer.Position, completion.RingPosition);
        Assert.AreEqual((uint)frame.Data.Length, completion.Length);
        uint[] words = [completion.Word0 & 0xFFFF_0000, completion.Word1, completion.Word2, completion.Word3, completion.Word4, completion.Word5, completion.Word6, completion.Word7 & 0x7FFF_FF00];
        CollectionAssert.AreEqual(frame.User, words);
        bool fits = frame.Data.Length <= buffer.Length;
        Assert.AreEqual(fits ? Status.Ok : Status.BufferTooSmall, (Status)completion.Status);
        int written = fits ? frame.Data.Length : 0;
        CollectionAssert.AreEqual(frame.Data[..written], _memory.Bytes.Slice(buffer.Place, written).ToArray());
        Assert.IsFalse(
            _memory.Bytes.Slice(buffer.Place + written, buffer.Length + Guard - written).ContainsAnyExcept((byte)0xA5), "bytes behind the frame were written");
        Queue.Released++;
        return (Status)completion.Status;
    }

    /// <summary>Random frames into random buffers, all checked.</summary>
    public void Run(int frames)
    {
        Random random = _bench.Random;
        int begun = 0;
        int done = 0;
        long end = _bench.Bench.Cycles + (frames * 5000L);
        while (done < frames)
        {
            Assert.IsLessThan(end, _bench.Bench.Cycles, "stuck");
            // Not more buffers than the memory they are cut from has room for.
            for (int i = random.Next(8); i > 0 && Queue.Free > 0; i--)
            {
                AddBuffer(random.Next(3) == 0 ? random.Next(1, 200) : 1600);
            }

            Queue.Post();
            for (int i = random.Next(8); i > 0 && begun < frames; i--, begun++)
            {
                Receive(random.Next(3) switch { 0 => random.Next(14, 130), 1 => random.Next(1400, 1519), _ => random.Next(60, 600) });
            }

            _bench.Bench.Step(random.Next(300));
            while (Queue.TryTake(out RxCompletion completion))
            {
                Check(completion);
                done++;
            }

            if (random.Next(2) == 0)
            {
                Queue.Acknowledge();
            }
        }

        Queue.Acknowledge();
    }

    private sealed record Buffer(int Place, int Length, ushort Position);
}

using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>Makes packets for a transmit queue, in slices at random places of a piece of memory, and checks what comes of each.</summary>
public sealed class TxTraffic
{
    private const int MemoryBytes = 1 << 19;

    private readonly PcieBench _bench;
    private readonly List<Packet> _packets = [];
    private int _next;
    private int _place;

    public TxTraffic(PcieBench bench, uint registers, int log2 = 6, int completionLog2 = 6)
    {
        _bench = bench;
        Queue = new HostQueue<TxCompletion>(bench, registers, log2, completionLog2);
        Memory = bench.Allocate(MemoryBytes);
        Restart();
    }

    public HostQueue<TxCompletion> Queue { get; }

    public DmaBuffer Memory { get; }

    public static byte[][] Slices(byte[] data, int count)
    {
        int each = Math.Max(1, data.Length / count);
        byte[][] slices = [.. data.Chunk(each)];
        return slices.Length <= 15 ? slices : [data];
    }

    public byte[] RandomBytes(int count)
    {
        byte[] data = new byte[count];
        _bench.Random.NextBytes(data);
        return data;
    }

    public void Restart()
    {
        _packets.Clear();
        _next = 0;
        Queue.Start();
    }

    /// <summary>Adds a packet to the ring. The doorbell is the caller's.</summary>
    /// <param name="slices">Its bytes.</param>
    /// <param name="alignment">Address of every slice modulo 64; null for a random place each.</param>
    /// <param name="status">What its completion must say; null when nothing is expected of it.</param>
    /// <param name="launch">When it is to leave; null for a packet without a launch time.</param>
    public void Add(byte[][] slices, int? alignment = null, Status? status = Status.Ok, ulong? launch = null)
    {
        Random random = _bench.Random;
        byte[] data = [.. slices.SelectMany(slice => slice)];
        TxHeader header = new()
        {
            ChecksumStart = (uint)random.Next(0x10000),
            ChecksumOffset = (uint)random.Next(0x10000),
            Checksum = random.Next(2) == 0,
            Length = (uint)data.Length,
            SliceCount = (uint)slices.Length,
            Launch = launch is not null,
        };
        Queue.Add(header);
        TxLaunch time = new() { TimeLow = (uint)(launch ?? 0), TimeHigh = (uint)((launch ?? 0) >> 32) };
        if (launch is not null)
        {
            Queue.Add(time);
        }

        ulong first = 0;
        foreach (byte[] slice in slices)
        {
            // Around the memory again and again; a slice at a time, close enough to page ends to cross many.
            int skip = alignment ?? random.Next(64);
            _place = (_place + 63) / 64 * 64;
            if (_place + skip + slice.Length > MemoryBytes)
            {
                _place = 0;
            }

            slice.CopyTo(Memory.Bytes[(_place + skip)..]);
            ulong bus = Memory.Bus + (ulong)(_place + skip);
            first = first == 0 ? bus : first;
            _place += skip + slice.Length;
            Queue.Add(new TxSlice { AddressLow = (uint)bus, AddressHigh = (uint)(bus >> 32), Length = (uint)slice.Length });
        }

        _packets.Add(new Packet(data, [header.Word0, header.Word1, header.Word2, header.Word3, time.TimeLow, time.TimeHigh], Queue.Producer, first) { Status = status });
    }

    /// <summary>Bus address of a packet's first byte.</summary>
    public ulong FirstSlice(int packet) => _packets[packet].First;

    /// <summary>Says what a packet's completion must say.</summary>
    public void Expect(int packet, Status status) => _packets[packet].Status = status;

    /// <summary>Waits for the next completion and checks it.</summary>
    public void Check() => Check(Queue.Take());

    /// <summary>Checks a completion, and the frame that it belongs to.</summary>
    public void Check(TxCompletion completion)
    {
        Packet packet = _packets[_next++];
        Assert.AreEqual(packet.Status, (Status)completion.Status);
        Assert.AreEqual(packet.End, completion.RingPosition);
        Queue.Released = packet.End;
        StreamFrame frame = _bench.Sent.Frames.Dequeue();
        CheckFrame(packet, frame);
        Assert.AreEqual(_bench.Core.Stamps.Dequeue(), completion.TimestampLow | ((ulong)completion.TimestampHigh << 32));
    }

    public void CheckAll()
    {
        while (_next < _packets.Count)
        {
            Check();
            Queue.Acknowledge();
        }
    }

    /// <summary>Sends random packets, as many at once as the ring holds, and checks all.</summary>
    public void Run(int packets)
    {
        Random random = _bench.Random;
        int added = 0;
        int done = 0;
        while (done < packets)
        {
            while (added < packets && Queue.Free > 16)
            {
                AddRandom(random);
                added++;
                if (random.Next(3) == 0)
                {
                    break;
                }
            }

            Queue.Post();
            _bench.Bench.Step(random.Next(1, 200));
            while (Queue.TryTake(out TxCompletion completion))
            {
                Check(completion);
                done++;
            }

            Queue.Acknowledge();
        }
    }

    /// <summary>Runs several queues at once. The frames come mixed; each queue's must come in order.</summary>
    public static List<byte[]> RunTogether(PcieBench bench, TxTraffic[] queues, int packets)
    {
        List<byte[]> frames = [];
        int[] added = new int[queues.Length];
        int[] done = new int[queues.Length];
        while (done.Sum() < packets * queues.Length)
        {
            for (int i = 0; i < queues.Length; i++)
            {
                TxTraffic traffic = queues[i];
                while (added[i] < packets && traffic.Queue.Free > 16)
                {
                    traffic.AddRandom(bench.Random);
                    added[i]++;
                }

                traffic.Queue.Post();
                while (traffic.Queue.TryTake(out TxCompletion completion))
                {
                    Packet packet = traffic._packets[done[i]++];
                    Assert.AreEqual(packet.End, completion.RingPosition);
                    traffic.Queue.Released = packet.End;
                }

                traffic.Queue.Acknowledge();
            }

            bench.Bench.Step(50);
        }

        // A frame's header words say whose it is: they are random.
        int[] next = new int[queues.Length];
        while (bench.Sent.Frames.TryDequeue(out StreamFrame? frame))
        {
            int owner = Array.FindIndex(queues, traffic => next[Array.IndexOf(queues, traffic)] < packets
                && traffic._packets[next[Array.IndexOf(queues, traffic)]].Header.AsSpan().SequenceEqual(frame.User));
            Assert.IsGreaterThanOrEqualTo(0, owner, "a frame out of order, or nobody's");
            CheckFrame(queues[owner]._packets[next[owner]++], frame);
            frames.Add(frame.Data);
        }

        return frames;
    }

    private static void CheckFrame(Packet packet, StreamFrame frame)
    {
        CollectionAssert.AreEqual(packet.Header, frame.User);
        if (packet.Status is Status.ReadError or Status.Poisoned or Status.ReadTimeout)
        {
            Assert.HasCount(packet.Data.Length, frame.Data, "an aborted frame still has its length");
        }
        else
        {
            CollectionAssert.AreEqual(packet.Data, frame.Data);
        }
    }

    private void AddRandom(Random random)
    {
        int length = random.Next(4) switch { 0 => random.Next(1, 20), 1 => random.Next(14, 200), 2 => random.Next(1000, 1519), _ => random.Next(1, 4000) };
        int count = random.Next(1, 16);
        ulong? launch = random.Next(3) == 0 ? (ulong)random.NextInt64(long.MinValue, long.MaxValue) : null;
        Add(random.Next(2) == 0 ? Slices(RandomBytes(length), count) : Slices(RandomBytes(length), 1), launch: launch);
    }

    private sealed record Packet(byte[] Data, uint[] Header, ushort End, ulong First)
    {
        public Status? Status { get; set; }
    }
}

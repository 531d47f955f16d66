using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// What all connections of a stack hold together. In bytes: received data, in order or not, and chunks of sent data. Beyond three quarters of the limit buffers stop growing and
/// windows go down to their least, until half of it is free again; at the limit data out of order is given up, and nothing more is taken in for who has something to read.
/// </summary>
internal sealed class TcpMemory(long limit, BufferPool chunks)
{
    private bool _isShort;

    /// <summary>Rings of send queues.</summary>
    public RingPool<SendRun> ChunkRings { get; } = new();

    /// <summary>Rings of receive queues.</summary>
    public RingPool<BufferSlice> SliceRings { get; } = new();

    /// <summary>Rings of what is out of order.</summary>
    public RingPool<ReceivedRun> RunRings { get; } = new();

    /// <summary>Rings of what is on its way.</summary>
    public RingPool<SentSegment> SentRings { get; } = new();

    /// <summary>Bytes held.</summary>
    public long Used { get; private set; }

    /// <summary>Bytes that may be held.</summary>
    public long Limit => limit;

    /// <summary>Windows are to be as small as they can.</summary>
    public bool IsShort => _isShort || chunks.Available < chunks.BufferCount / 8;

    /// <summary>Nothing more is to be taken in.</summary>
    public bool IsFull => Used >= limit;

    /// <summary>Somebody holds more.</summary>
    public void Take(int bytes)
    {
        Used += bytes;
        _isShort |= Used > limit / 4 * 3;
    }

    /// <summary>Somebody holds less.</summary>
    public void Give(int bytes)
    {
        Used -= bytes;
        _isShort &= Used > limit / 2;
    }
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport;

/// <summary>A datagram or packet that waits to be received. What else is to be known of it stands in its headers, which are still in the frame.</summary>
internal struct DatagramIn
{
    public Frame Frame;
    public int Offset; // of what is handed to the application
    public int Length;
    public int NetworkOffset;
    public IpAddress Source;
    public int Interface; // index of the one it came through
    public ushort SourcePort; // of a frame its EtherType
    public byte PacketKind; // of a frame PACKET_HOST and its like (packet(7))
    public long DeviceTime; // when the device saw it, by its clock; 0: not known
    public DateTimeOffset Arrival; // when it was queued; default: nobody asked

    /// <summary>Index of the interface when the sender's address means something on one link only, else 0.</summary>
    public readonly int Scope => Source.NeedsScope ? Interface : 0;

    /// <summary>A packet as it came, apart from where its data begin.</summary>
    public static DatagramIn From(in IpPacket packet) => new()
    {
        Frame = packet.Frame.Frame,
        NetworkOffset = packet.NetworkOffset,
        Source = packet.Source,
        Interface = packet.Interface.Index,
        DeviceTime = packet.Frame.Offload.Timestamp,
    };
}

/// <summary>What waits in one socket, bounded by bytes (SO_RCVBUF).</summary>
internal sealed class DatagramQueue
{
    // What a datagram costs beside its bytes, as Linux counts (sizeof (struct sk_buff) and what goes with it): many small ones may not hold all buffers.
    private const int Overhead = 768;

    private readonly Queue<DatagramIn> _queue = new();
    private int _charge;

    /// <summary>Bytes that may wait; one datagram more than that is taken.</summary>
    public int Limit { get; set; } = 212992;

    /// <summary>Datagrams that wait.</summary>
    public int Count => _queue.Count;

    /// <summary>Datagrams for which there was no room.</summary>
    public int Dropped { get; private set; }

    /// <summary>Takes a datagram, with the references of its frame.</summary>
    /// <returns>False, and the references stay the caller's, when too much waits or the device's buffers run low.</returns>
    public bool TryEnqueue(in DatagramIn datagram)
    {
        BufferPool pool = datagram.Frame.Header.Buffer.Pool;
        if (_charge > Limit || pool.Available < pool.BufferCount / 4)
        {
            Dropped++;
            return false;
        }

        _queue.Enqueue(datagram);
        _charge += datagram.Length + Overhead;
        return true;
    }

    /// <summary>Takes the oldest out; its references are the caller's.</summary>
    public bool TryDequeue(out DatagramIn datagram)
    {
        if (!_queue.TryDequeue(out datagram))
        {
            return false;
        }

        _charge -= datagram.Length + Overhead;
        return true;
    }

    /// <summary>Looks at the oldest.</summary>
    public bool TryPeek(out DatagramIn datagram) => _queue.TryPeek(out datagram);

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        while (TryDequeue(out DatagramIn datagram))
        {
            datagram.Frame.Release();
        }
    }
}

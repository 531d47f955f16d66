using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;

namespace FpgaNet.Stack.Network;

/// <summary>The bounded queue in front of the device, and the buffers that headers are written into.</summary>
internal sealed class FrameOutput
{
    /// <summary>Bytes in a header buffer: Ethernet 14, IPv6 40, TCP 60 and a small message's bytes behind them, or an ICMP error with 68 quoted bytes.</summary>
    public const int HeaderBufferSize = 192;

    // Bulk data leaves this many places to ARP, ICMP and bare acknowledgements.
    private const int ControlReserve = 32;

    private readonly NetworkInterface _network;
    private readonly StackContext _context;
    private readonly INetworkDevice _device;
    private readonly StackCounters _counters;
    private readonly TxFrame[] _ring;
    private readonly PacketBuffer[] _spare = new PacketBuffer[16]; // header buffers taken in one go
    private int _spareCount;
    private int _head;
    private int _count;

    public FrameOutput(NetworkInterface network, int capacity, int headerBuffers)
    {
        _network = network;
        _context = network.Context;
        _device = network.Device;
        _counters = _context.Counters;
        _ring = new TxFrame[Math.Max(capacity, 2 * ControlReserve)];
        Headers = new BufferPool(headerBuffers, HeaderBufferSize);
    }

    /// <summary>The pool of header buffers.</summary>
    public BufferPool Headers { get; }

    /// <summary>Whether a data segment may be queued.</summary>
    public bool HasRoom => _count < _ring.Length - ControlReserve;

    /// <summary>Whether the device left something here.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>Queued frames.</summary>
    public int Count => _count;

    /// <summary>A header buffer with one reference, or null (counted).</summary>
    public PacketBuffer? TryRentHeader()
    {
        if (_spareCount == 0)
        {
            _spareCount = Headers.TryRent(_spare);
            if (_spareCount == 0)
            {
                _counters.Add(StackCounter.TxQueueFull);
                return null;
            }
        }

        return _spare[--_spareCount];
    }

    /// <summary>Queues a frame, or drops and counts it when there is no room. The references pass to the queue either way.</summary>
    public void Enqueue(ref TxFrame frame)
    {
        if (_context.FrameObserver is { } observer)
        {
            observer.Sent(_network, frame);
        }

        if (_count == _ring.Length)
        {
            Flush();
            if (_count == _ring.Length)
            {
                _counters.Add(StackCounter.TxQueueFull);
                frame.Frame.Release();
                return;
            }
        }

        int tail = _head + _count;
        ref TxFrame place = ref _ring[tail < _ring.Length ? tail : tail - _ring.Length]; // assigned to directly, the element is copied twice
        place = frame;
        _count++;
    }

    /// <summary>Hands queued frames to the device for as long as it takes them.</summary>
    public void Flush()
    {
        IsBlocked = false;
        while (_count != 0)
        {
            int run = Math.Min(_count, _ring.Length - _head);
            Span<TxFrame> batch = _ring.AsSpan(_head, run);
            int taken = _device.Transmit(batch); // which leaves what lies in the ring as it is
            int bytes = 0;
            foreach (ref TxFrame frame in batch[..taken])
            {
                bytes += frame.Frame.Length;
            }

            _counters.Add(StackCounter.TxFrames, taken);
            _counters.Add(StackCounter.TxBytes, bytes);
            _head += taken;
            if (_head == _ring.Length)
            {
                _head = 0;
            }

            _count -= taken;
            if (taken < run)
            {
                IsBlocked = true;
                return;
            }
        }
    }

    /// <summary>Header buffers that are out of their pool and hold nothing.</summary>
    public int SpareHeaders => _spareCount;

    /// <summary>Releases what is queued.</summary>
    public void Clear()
    {
        for (; _count != 0; _count--)
        {
            _ring[_head].Frame.Release();
            _head = (_head + 1) % _ring.Length;
        }

        while (_spareCount != 0)
        {
            _spare[--_spareCount].Release();
        }
    }
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

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
    private FrameOutput[] _bands = []; // the most urgent first
    private TransmitStamps? _stamps;
    private int _spareCount;
    private bool _isBlocked;
    private int _head;
    private int _count;

    public FrameOutput(NetworkInterface network, int capacity, int headerBuffers)
        : this(network, network.Device, capacity, new BufferPool(headerBuffers, HeaderBufferSize))
    {
        _bands = [.. network.Options.Bands.OrderByDescending(static band => band.LeastPriority).Select(band => new FrameOutput(network, band.Queue, capacity, Headers) { LeastPriority = band.LeastPriority })];
    }

    private FrameOutput(NetworkInterface network, INetworkDevice device, int capacity, BufferPool headers)
    {
        _network = network;
        _context = network.Context;
        _device = device;
        _counters = _context.Counters;
        _ring = new TxFrame[Math.Max(capacity, 2 * ControlReserve)];
        Headers = headers;
    }

    /// <summary>The pool of header buffers.</summary>
    public BufferPool Headers { get; }

    /// <summary>Whether a data segment may be queued.</summary>
    public bool HasRoom => _count < _ring.Length - ControlReserve;

    /// <summary>Least priority of what leaves here; 0: whatever no other queue is for.</summary>
    public int LeastPriority { get; private init; }

    /// <summary>The device has failed: there will be no room.</summary>
    public bool IsDown => _network.IsDown;

    /// <summary>The device left something here, or in a further queue.</summary>
    public bool IsBlocked
    {
        get
        {
            foreach (FrameOutput band in _bands)
            {
                if (band._isBlocked)
                {
                    return true;
                }
            }

            return _isBlocked;
        }
    }

    /// <summary>Whom the device owes time stamps of what was sent; for a device with <see cref="OffloadFeatures.TxTimestamp"/>.</summary>
    public TransmitStamps Stamps => _stamps ??= new TransmitStamps(_context, (ITimedDevice)_device);

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

    /// <summary>The queue for a priority.</summary>
    public FrameOutput For(int priority)
    {
        foreach (FrameOutput band in _bands)
        {
            if (priority >= band.LeastPriority)
            {
                return band;
            }
        }

        return this;
    }

    /// <summary>Hands on the stamps that have come.</summary>
    public void CollectStamps()
    {
        foreach (FrameOutput band in _bands)
        {
            band.CollectStamps();
        }

        _stamps?.Collect();
    }

    /// <summary>Queues a frame, or drops and counts it when there is no room. The references pass to the queue either way.</summary>
    public void Enqueue(ref TxFrame frame)
    {
        if (_context.FrameObserver is { } observer)
        {
            observer.Sent(_network, frame);
        }

        For(frame.Offload.Priority).Add(ref frame);
    }

    private void Add(ref TxFrame frame)
    {
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
        foreach (FrameOutput band in _bands)
        {
            band.Flush();
        }

        _isBlocked = false;
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
                _isBlocked = true;
                return;
            }
        }
    }

    /// <summary>Header buffers that are out of their pool and hold nothing.</summary>
    public int SpareHeaders => _spareCount;

    /// <summary>Releases what is queued.</summary>
    public void Clear()
    {
        foreach (FrameOutput band in _bands)
        {
            band.Clear();
        }

        _stamps?.Clear();
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

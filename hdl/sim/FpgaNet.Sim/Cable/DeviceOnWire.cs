using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Sim.Cable;

/// <summary>
/// Plugs a network device, such as a TAP, into a <see cref="Wire"/>: what the device receives goes onto the wire and what comes from the wire the device
/// transmits. Its offloads are switched off, for a wire carries complete frames only.
/// </summary>
/// <remarks><see cref="Poll"/> moves what can be moved now. <see cref="Start"/> does so on a thread of its own that sleeps when there is nothing.</remarks>
public sealed class DeviceOnWire : IDisposable
{
    private const int Batch = 32;

    private readonly INetworkDevice _device;
    private readonly WireEnd _end;
    private readonly BufferPool _pool;
    private readonly RxFrame[] _received = new RxFrame[Batch];
    private readonly TxFrame[] _transmitted = new TxFrame[1];
    private readonly byte[] _scratch = new byte[WireFrame.MaximumLength];
    private readonly AutoResetEvent _work = new(false);
    private readonly Action _wake;
    private int _receivedFirst;
    private int _receivedCount;
    private bool _hasTransmit;
    private Thread? _thread;
    private volatile bool _stopping;
    private long _dropped;

    /// <summary>Plugs a device in.</summary>
    /// <param name="device">The device; the caller keeps it and disposes it afterwards.</param>
    /// <param name="end">The end of the wire.</param>
    public DeviceOnWire(INetworkDevice device, WireEnd end)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(end);
        _device = device;
        _end = end;
        _device.EnabledFeatures = OffloadFeatures.None;
        _pool = new BufferPool(256, 2048);
        _wake = () => _work.Set();
    }

    /// <summary>Frames from the wire that the device could not take: bad, or too long.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Moves frames both ways until neither side has more, or has room for more.</summary>
    /// <returns>Whether anything moved.</returns>
    public bool Poll()
    {
        bool any = false;
        bool moved;
        do
        {
            moved = MoveToWire() | MoveToDevice();
            any |= moved;
        }
        while (moved);

        return any;
    }

    /// <summary>Starts a thread that moves frames until <see cref="Dispose"/>.</summary>
    public void Start()
    {
        _end.FrameArrived = _wake;
        _end.RoomCame = _wake;
        _thread = new Thread(Run) { IsBackground = true, Name = $"{_device.Name} on the wire" };
        _thread.Start();
    }

    /// <summary>Stops the thread and unplugs the device.</summary>
    public void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread?.Join();
        _end.FrameArrived = null;
        _end.RoomCame = null;
        for (; _receivedFirst < _receivedCount; _receivedFirst++)
        {
            _received[_receivedFirst].Frame.Release();
        }

        if (_hasTransmit)
        {
            _transmitted[0].Frame.Release();
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            if (!Poll())
            {
                // Arming with something to do already calls at once. A device that has no frame now, or is full, calls later; the wire calls as well.
                _device.ArmWake(_wake);
                _work.WaitOne();
            }
        }
    }

    private bool MoveToWire()
    {
        bool moved = false;
        while (true)
        {
            if (_receivedFirst == _receivedCount)
            {
                _receivedFirst = 0;
                _receivedCount = _device.Receive(_received);
                if (_receivedCount == 0)
                {
                    return moved;
                }
            }

            ref RxFrame frame = ref _received[_receivedFirst];
            if (frame.Frame.Length <= _scratch.Length)
            {
                Span<byte> bytes = _scratch.AsSpan(0, frame.Frame.Length);
                frame.Frame.CopyTo(0, bytes);
                if (!_end.TrySend(bytes))
                {
                    return moved;
                }
            }
            else
            {
                Interlocked.Increment(ref _dropped);
            }

            frame.Frame.Release();
            _receivedFirst++;
            moved = true;
        }
    }

    private bool MoveToDevice()
    {
        bool moved = false;
        while (_hasTransmit || FetchFromWire())
        {
            if (_device.Transmit(_transmitted) == 0)
            {
                return moved;
            }

            _hasTransmit = false;
            moved = true;
        }

        return moved;
    }

    private bool FetchFromWire()
    {
        while (_end.HasFrame && _pool.TryRent() is { } buffer)
        {
            WireFrame? frame = _end.TryTake();
            bool good = frame is not null && frame.Length <= buffer.Capacity && (frame.Defects & ~LineDefects.ShortPreamble) == LineDefects.None;
            if (good)
            {
                frame!.Bytes.CopyTo(buffer.Span);
                _transmitted[0] = new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, frame.Length)) };
                _hasTransmit = true;
            }
            else
            {
                buffer.Release();
                Interlocked.Increment(ref _dropped);
            }

            if (frame is not null)
            {
                _end.Return(frame);
            }

            if (good)
            {
                return true;
            }
        }

        return false;
    }
}

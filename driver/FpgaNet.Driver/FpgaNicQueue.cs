using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Driver;

/// <summary>
/// A further queue pair of an <see cref="FpgaNic"/>, as a device of its own: one of <see cref="FpgaNic.Queues"/>. It may be used by another thread than the card's other
/// queues. What concerns the whole card (its health, link and reset, and the end of it all) is the <see cref="FpgaNic"/>'s, which is its first queue: who
/// uses that one must go on calling it. A queue whose user does not call stops no other.
/// </summary>
public sealed class FpgaNicQueue : INetworkDevice, ITimedDevice
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(1);

    private readonly FpgaNic _nic;
    private readonly IQueuePair _pair;
    private readonly BufferPool _receivePool;
    private readonly bool _ownsReceivePool;
    private readonly DriverCounters _counters;
    private readonly ITimer _timer;

    // Held while the rings are touched: here, and where the card is looked after or restarted.
    private readonly Lock _gate = new();
    private TransmitSchedule _schedule = new();
    private Action? _wake;
    private volatile bool _faulty;
    private bool _txShort;
    private bool _failureTold;

    internal FpgaNicQueue(FpgaNic nic, int index, IQueuePair pair, BufferPool receivePool, bool ownsReceivePool, DriverCounters counters, TimeProvider time)
    {
        _nic = nic;
        _pair = pair;
        _receivePool = receivePool;
        _ownsReceivePool = ownsReceivePool;
        _counters = counters;
        Index = index;
        pair.Signal = Wake;
        _timer = time.CreateTimer(static queue => ((FpgaNicQueue)queue!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Which of the card's queues, from 1: the first is the <see cref="FpgaNic"/> itself.</summary>
    public int Index { get; }

    /// <inheritdoc/>
    public string Name => _nic.Name;

    /// <inheritdoc/>
    public MacAddress MacAddress => _nic.MacAddress;

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities => _nic.Capabilities;

    /// <inheritdoc/>
    /// <remarks>The same for all queues of the card.</remarks>
    public OffloadFeatures EnabledFeatures
    {
        get => _nic.EnabledFeatures;
        set => _nic.EnabledFeatures = value;
    }

    /// <inheritdoc/>
    public DeviceState State => _nic.State;

    /// <inheritdoc/>
    public DeviceLink Link => _nic.Link;

    /// <inheritdoc/>
    /// <remarks>The same for all queues of the card.</remarks>
    public IAddressFilter? AddressFilter => _nic.AddressFilter;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> HashKey => _nic.HashKey;

    /// <summary>How its frames stand to those of the card's other queues. It outlives resets of the card.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="NotSupportedException">The card's queues have none.</exception>
    public TransmitSchedule Schedule
    {
        get => _schedule;
        set
        {
            value.Validate();
            lock (_gate)
            {
                _schedule = _pair.TrySchedule(value) ? value : throw new NotSupportedException($"{Name} has no schedule for its queues.");
            }
        }
    }

    /// <inheritdoc/>
    public IHardwareClock? Clock => _nic.Clock;

    /// <inheritdoc/>
    public bool TryTakeTransmitTimestamp(out TransmitTimestamp timestamp)
    {
        lock (_gate)
        {
            CanRun();
            return _pair.TryTakeTimestamp(out timestamp);
        }
    }

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        switch (_nic.State)
        {
            case DeviceState.Failed:
                return TransmitRules.DropAll(frames, ref _counters.TxFailed);
            case DeviceState.NoCarrier when _nic.IsRunning:
                return TransmitRules.DropAll(frames, ref _counters.TxNoCarrier);
        }

        lock (_gate)
        {
            if (!CanRun())
            {
                return 0;
            }

            int taken = Add(frames, out bool added);
            _txShort = taken < frames.Length;
            if (added)
            {
                _pair.Post();
            }

            return taken;
        }
    }

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        lock (_gate)
        {
            return CanRun() ? _pair.Receive(frames) : 0;
        }
    }

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        ArgumentNullException.ThrowIfNull(wake);
        Volatile.Write(ref _wake, wake);
        bool ready;
        lock (_gate)
        {
            ready = CanRun() && _pair.Arm(room: _txShort);
        }

        // Once it is told: nothing will ever happen on a failed card, and a caller that arms in a loop must not spin.
        bool failed = _nic.State == DeviceState.Failed;
        ready |= failed && !_failureTold;
        _failureTold = failed;
        if (ready)
        {
            Wake();
        }
        else if (!_nic.Signals)
        {
            _timer.Change(s_pollInterval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Those of this queue: the driver's, and <c>queue_dropped</c>, frames that the card dropped because this queue had no buffers, since the card's last
    /// reset.</remarks>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        _counters.AddTo(counters);
        lock (_gate)
        {
            counters.Add(new("queue_dropped", _nic.IsRunning ? _pair.Dropped : 0));
        }
    }

    /// <summary>Uses the queue no more. The card goes on; it ends with the <see cref="FpgaNic"/>.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Interlocked.Exchange(ref _wake, null);
    }

    /// <summary>Keeps the queue's user out while its rings are looked at or made anew.</summary>
    internal void Hold() => _gate.Enter();

    /// <summary>Lets him in again.</summary>
    internal void LetGo() => _gate.Exit();

    /// <summary>What the card did wrong here; null: nothing.</summary>
    internal CardFault? TakeFault()
    {
        if (!_faulty)
        {
            return null;
        }

        lock (_gate)
        {
            _faulty = false;
            return _pair.Fault;
        }
    }

    /// <summary>Calls whoever waits.</summary>
    internal void Wake() => Interlocked.Exchange(ref _wake, null)?.Invoke();

    /// <summary>Gives back what the queue owned: the card is quiet.</summary>
    /// <returns>Buffers that somebody still holds.</returns>
    internal int Free()
    {
        Dispose();
        int held = _ownsReceivePool ? _receivePool.BufferCount - _receivePool.Available : 0;
        if (_ownsReceivePool && held == 0)
        {
            _receivePool.Dispose();
        }

        return held;
    }

    private int Add(ReadOnlySpan<TxFrame> frames, out bool added)
    {
        added = false;
        for (int i = 0; i < frames.Length; i++)
        {
            ref readonly TxFrame frame = ref frames[i];
            if (TransmitRules.IsRefused(frame, _nic.EnabledFeatures, _nic.Capabilities, _counters))
            {
                TransmitRules.Drop(frame);
            }
            else if (_pair.TryAdd(frame))
            {
                added = true;
                _counters.TxFrames++;
                _counters.TxBytes += (ulong)frame.Frame.Length;
            }
            else
            {
                return i;
            }
        }

        return frames.Length;
    }

    // Takes what the card has finished, and looks whether it did so soundly; if not, the card's keeper is called.
    private bool CanRun()
    {
        if (!_nic.IsRunning)
        {
            return false;
        }

        _pair.Reap();
        if (_pair.Fault is null)
        {
            return true;
        }

        if (!_faulty)
        {
            _faulty = true;
            _nic.LookAfter();
        }

        return false;
    }
}

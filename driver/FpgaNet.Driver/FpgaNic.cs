using System.Buffers.Binary;
using System.Security.Cryptography;
using FpgaNet.Driver.Flows;
using FpgaNet.Driver.Pci;
using FpgaNet.Driver.Phy;
using FpgaNet.Driver.Pipe;
using FpgaNet.Driver.Rings;
using FpgaNet.Driver.Usb;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using Microsoft.Extensions.Logging;

namespace FpgaNet.Driver;

/// <summary>
/// An FpgaNet card as a network device: its first transmit and receive queue, however the host reaches the card; further ones are in
/// <see cref="Queues"/>. A card that misbehaves is reset and brought back; one that cannot be is reported as <see cref="DeviceState.Failed"/>.
/// </summary>
public sealed partial class FpgaNic : INetworkDevice
{
    // Ethernet header, and a VLAN tag beside it: what a longest frame has besides its packet.
    internal const int HeaderLength = 14;
    internal const int TagLength = 4;

    // Bounds a wait besides the clock, which may stand still when a simulation keeps it.
    private const int MaxPauses = 200_000;

    private readonly ICardTransport _transport;
    private readonly FpgaNicOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Card _card;
    private readonly BufferPool _receivePool;
    private readonly bool _ownsReceivePool;
    private readonly int _coalescedLength;
    private readonly IQueuePair _queue;
    private readonly AddressFilter? _filter;
    private readonly byte[] _hashKey;
    private readonly FpgaNicQueue[] _others;
    private TransmitSchedule _schedule = new();
    private OffloadFeatures _enabledFeatures;
    private bool _disposed;

    private FpgaNic(ICardTransport transport, FpgaNicOptions options, Card card)
    {
        _transport = transport;
        _options = options;
        _logger = options.Logger;
        _time = options.TimeProvider;
        _card = card;
        Name = options.Name ?? $"fpga-{transport.Location}";
        _ownsReceivePool = options.ReceivePool is null;
        _coalescedLength = Math.Min(card.CoalescedLength, Math.Min(options.CoalescedLength, options.ReceivePool?.BufferSize ?? int.MaxValue));
        OffloadFeatures features = card.Description.Features;
        if (_coalescedLength < 2 * card.Description.MaximumFrame)
        {
            // No buffer would hold two segments.
            features &= ~OffloadFeatures.RxCoalesce;
            _coalescedLength = 0;
        }

        Capabilities = new DeviceCapabilities(
            features,
            card.Description.MaximumFrame - HeaderLength - TagLength,
            (features & OffloadFeatures.TxSegmentation) != OffloadFeatures.None ? SoftwareOffload.MaximumFrameLength : 0);
        _enabledFeatures = Capabilities.Features;
        _mdio = card.HasMdio ? new MdioBus(card) : null;
        _clock = card.HasClock ? new CardClock(card, _time) : null;
        _hostBefore = new ulong[transport.Counters.Count];
        _hostNow = new uint[transport.Counters.Count];

        _filter = card.HasFilter ? new AddressFilter(card) : null;
        _hashKey = options.RssKey.IsEmpty ? RandomNumberGenerator.GetBytes(FpgaNicOptions.KeyLength) : options.RssKey.ToArray();
        FlowTable = card.FlowSlots != 0 ? new FlowTable(card, _hashKey, options.Queues) : null;

        _receivePool = options.ReceivePool
            ?? new BufferPool(Math.Max(options.ReceiveBuffers, 2 << options.RxRingLog2), Math.Max(card.Description.MaximumFrame, _coalescedLength));
        transport.Attach(_receivePool, _counters);
        _queue = transport.Queues[0];
        _queue.Signal = () => Wake();
        _others = new FpgaNicQueue[options.Queues - 1];
        for (int i = 0; i < _others.Length; i++)
        {
            DriverCounters counters = new();
            BufferPool pool = _ownsReceivePool ? new BufferPool(_receivePool.BufferCount, _receivePool.BufferSize) : _receivePool;
            transport.Attach(pool, counters);
            _others[i] = new FpgaNicQueue(this, i + 1, transport.Queues[i + 1], pool, _ownsReceivePool, counters, _time);
        }

        Queues = [this, .. _others];
        _timer = _time.CreateTimer(static nic => ((FpgaNic)nic!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public MacAddress MacAddress { get; private set; }

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public IAddressFilter? AddressFilter => _filter;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> HashKey => _card.HasRss ? _hashKey : default;

    /// <summary>Flows that the card knows exactly; null: it has no table for them.</summary>
    public FlowTable? FlowTable { get; }

    /// <summary>What the card says of itself.</summary>
    public CardDescription Card => _card.Description;

    /// <inheritdoc/>
    public OffloadFeatures EnabledFeatures
    {
        get => _enabledFeatures;
        set
        {
            if ((value & ~Capabilities.Features) != OffloadFeatures.None)
            {
                throw new ArgumentException($"{Name} does not have {value & ~Capabilities.Features}.", nameof(value));
            }

            _enabledFeatures = value;
            if (_phase == Phase.Running)
            {
                _card.WriteCore(CoreRegisters.Control, CoreControl());
                SwitchCoalescing();
            }
        }
    }

    /// <summary>
    /// The queue pairs in use, <see cref="FpgaNicOptions.Queues"/>: devices that may each be used by a thread of their own. The first is this device itself, and ends the card
    /// when it is disposed of; then none of them may be in use.
    /// </summary>
    public IReadOnlyList<INetworkDevice> Queues { get; }

    /// <summary>How this queue's frames stand to those of the card's other queues. It outlives resets of the card.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="NotSupportedException">The card's queues have none.</exception>
    public TransmitSchedule Schedule
    {
        get => _schedule;
        set
        {
            value.Validate();
            _schedule = _queue.TrySchedule(value) ? value : throw new NotSupportedException($"{Name} has no schedule for its queues.");
        }
    }

    /// <inheritdoc/>
    public DeviceState State => _phase == Phase.Failed ? DeviceState.Failed : LinkUp ? DeviceState.Up : DeviceState.NoCarrier;

    /// <summary>
    /// Recognises a card, resets it and starts it. Pools whose buffers are transmitted, and the function, must outlive the device;
    /// the function stays the caller's.
    /// </summary>
    /// <param name="function">Where the card is.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="FpgaNicException">The function is no card that this driver knows, or it does not come out of reset.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the receive pool is too small for the ring or the frames.</exception>
    public static FpgaNic Open(IPciFunction function, FpgaNicOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        options ??= new FpgaNicOptions();
        options.Validate();
        return Open(new RingTransport(function, options), options);
    }

    /// <summary>
    /// Brings a USB FIFO chip into its mode, recognises the card behind it, resets it and starts it. The USB device must outlive this one and stays
    /// the caller's.
    /// </summary>
    /// <param name="device">An FT232H or FT2232H.</param>
    /// <param name="options">How to run the card; null for the defaults. Those of rings and interrupts do not matter here, but
    /// <see cref="FpgaNicOptions.RxRingLog2"/>: frames that wait for <see cref="Receive"/>.</param>
    /// <exception cref="FpgaNicException">The device is no chip or card that this driver knows, or it does not come out of reset.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the receive pool is too small for the ring or the frames.</exception>
    public static FpgaNic Open(IUsbDevice device, FpgaNicOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        options ??= new FpgaNicOptions();
        options.Validate();
        var transport = new PipeTransport(device, options);
        try
        {
            return Open(transport, options);
        }
        catch
        {
            transport.Free();
            throw;
        }
    }

    /// <summary>Stops the card in order and frees what it used. Frames not yet sent are dropped.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _timer.Dispose();
        Array.ForEach(_others, static queue => queue.Dispose());
        Interlocked.Exchange(ref _wake, null);
        _transport.Silence();
        bool stopped = Stop();
        HoldOthers();
        _phase = Phase.Closed;
        LetOthersGo();
        if (!stopped)
        {
            DriverLog.MemoryLeaked(_logger, Name);
            return;
        }

        _transport.Free();
        foreach (FpgaNicQueue queue in _others)
        {
            if (queue.Free() is var held and not 0)
            {
                DriverLog.PoolInUse(_logger, Name, held);
            }
        }

        if (_ownsReceivePool)
        {
            // Frames that the stack still holds keep the slab alive: better a leak than a read of freed memory.
            if (_receivePool.Available == _receivePool.BufferCount)
            {
                _receivePool.Dispose();
            }
            else
            {
                DriverLog.PoolInUse(_logger, Name, _receivePool.BufferCount - _receivePool.Available);
            }
        }

        DriverLog.Closed(_logger, Name);
    }

    private static FpgaNic Open(ICardTransport transport, FpgaNicOptions options)
    {
        Card card = Driver.Card.Discover(transport);
        if (options.ReceivePool is { } pool && (pool.BufferSize < card.Description.MaximumFrame || pool.Available < options.Queues << options.RxRingLog2))
        {
            throw new ArgumentException(
                $"A receive pool of {pool.Available} free buffers of {pool.BufferSize} bytes cannot fill {options.Queues} rings of {1 << options.RxRingLog2} for frames of {card.Description.MaximumFrame}.",
                nameof(options));
        }

        if (options.Queues > Math.Min(card.Description.TxQueues, card.Description.RxQueues))
        {
            throw new ArgumentException(
                $"{options.Queues} queue pairs were asked for; the card has {card.Description.TxQueues} transmit and {card.Description.RxQueues} receive queues.", nameof(options));
        }

        // A former driver may have left the card at work: no memory is handed to it before it is quiet.
        transport.BeginReset();
        if (!WaitFor(options, transport, () => transport.PollReset() == ResetProgress.Done))
        {
            throw new FpgaNicException($"The card at {transport.Location} does not come out of reset.");
        }

        var nic = new FpgaNic(transport, options, card);
        nic.MacAddress = options.MacAddress ?? card.ReadMacAddress();
        bool hasLink = nic.StartPhy();
        nic.Start();
        if (hasLink)
        {
            // So that a link that is there is seen at once.
            WaitFor(options, transport, () => CoreRegisters.StatusLinkUp.IsSet(card.ReadCore(CoreRegisters.Status)));
        }

        nic.SetStatus(card.ReadCore(CoreRegisters.Status));
        DriverLog.Opened(nic._logger, nic.Name, card.Description);
        return nic;
    }

    private static bool WaitFor(FpgaNicOptions options, ICardTransport transport, Func<bool> condition)
    {
        long start = options.TimeProvider.GetTimestamp();
        for (int i = 0; i < MaxPauses; i++)
        {
            if (condition())
            {
                return true;
            }

            if (options.TimeProvider.GetElapsedTime(start) > options.ResetTimeout)
            {
                return false;
            }

            transport.Pause();
        }

        return false;
    }

    /// <summary>Programs a card that is fresh from reset.</summary>
    private void Start()
    {
        _card.WriteMacAddress(MacAddress);
        if (_card.HasRss)
        {
            for (int i = 0; i < RssRegisters.KeyCount; i++)
            {
                _card.WriteRss(RssRegisters.Key + (4 * (uint)i), BinaryPrimitives.ReadUInt32BigEndian(_hashKey.AsSpan(4 * i)));
            }

            _card.WriteRss(
                RssRegisters.HashTypes,
                RssRegisters.HashTypesIPv4.Mask | RssRegisters.HashTypesTcpIPv4.Mask | RssRegisters.HashTypesUdpIPv4.Mask
                | RssRegisters.HashTypesIPv6.Mask | RssRegisters.HashTypesTcpIPv6.Mask | RssRegisters.HashTypesUdpIPv6.Mask);
            for (int i = 0; i < RssRegisters.IndirectionCount; i++)
            {
                _card.WriteRss(RssRegisters.Indirection + (4 * (uint)i), IndirectionOf(4 * i));
            }
        }

        _filter?.Start();
        FlowTable?.Start();
        _clock?.LimitLaunches(_options.StuckTimeout / 2);
        _transport.Start();
        if (_coalescedLength != 0)
        {
            uint timeout = CoalesceRegisters.TimeoutTotal.Set(0, (uint)Math.Min(_options.CoalesceTimeout.TotalMicroseconds, 4095));
            _card.WriteCoalesce(CoalesceRegisters.Timeout, CoalesceRegisters.TimeoutQuiet.Set(timeout, (uint)Math.Min(_options.CoalesceQuiet.TotalMicroseconds, 4095)));
            _card.WriteCoalesce(CoalesceRegisters.MaximumLength, (uint)_coalescedLength);
            SwitchCoalescing();
        }

        SwitchFlowControl(_flowControl);
        _card.WriteCore(CoreRegisters.Control, CoreControl());
        ForgetHealth();
        _phase = Phase.Running;
    }

    private void SwitchCoalescing()
    {
        if (_coalescedLength != 0)
        {
            _card.WriteCoalesce(CoalesceRegisters.Control, (_enabledFeatures & OffloadFeatures.RxCoalesce) != OffloadFeatures.None ? CoalesceRegisters.ControlEnable.Mask : 0);
        }
    }

    // Four entries of the table, by turns as FlowSteering has it.
    private uint IndirectionOf(int entry)
    {
        uint word = 0;
        for (int i = 0; i < 4; i++)
        {
            word |= (uint)((entry + i) % _options.Queues) << (8 * i);
        }

        return word;
    }

    /// <summary>Brings the card to rest.</summary>
    /// <returns>False when it cannot be proven that it will leave the host's memory alone.</returns>
    private bool Stop()
    {
        if (_phase == Phase.Failed)
        {
            return _failedQuiet;
        }

        if (_phase == Phase.Running)
        {
            // Receive stops first; the transmit queue finishes what it has begun. Nobody on the network waits for a host that is gone, nor keeps it.
            SwitchFlowControl(FlowControl.None);
            _card.WriteCore(CoreRegisters.Control, CoreRegisters.ControlRxEnable.Set(CoreControl(), 0));
            _transport.BeginStop();
            WaitFor(_options, _transport, () => _transport.IsStopped);
        }

        // Whoever opens the card next finds it as it was at first; and where a queue did not become inactive, this is the stronger means.
        _transport.BeginReset();
        if (WaitFor(_options, _transport, IsQuiet))
        {
            return true;
        }

        DriverLog.FunctionReset(_logger, Name);
        _transport.HardReset();
        return WaitFor(_options, _transport, IsQuiet);
    }

    private bool IsQuiet() => _transport.PollReset() switch
    {
        ResetProgress.Done => true,
        ResetProgress.NoAnswer => !_transport.WritesHostMemory,
        _ => false,
    };

    private uint CoreControl()
    {
        uint control = CoreRegisters.ControlTxEnable.Mask | CoreRegisters.ControlRxEnable.Mask;
        control |= (_enabledFeatures & OffloadFeatures.RxChecksum) != OffloadFeatures.None ? CoreRegisters.ControlRxChecksumEnable.Mask : 0;
        control |= (_enabledFeatures & OffloadFeatures.RxVlanStrip) != OffloadFeatures.None ? CoreRegisters.ControlRxVlanStripEnable.Mask : 0;
        control |= (_enabledFeatures & OffloadFeatures.RxHash) != OffloadFeatures.None ? CoreRegisters.ControlRxHashEnable.Mask : 0;
        return control;
    }
}

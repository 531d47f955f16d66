using System.Buffers.Binary;
using FpgaNet.Driver.Pci;
using FpgaNet.Driver.Rings;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using Microsoft.Extensions.Logging;

namespace FpgaNet.Driver;

/// <summary>
/// An FpgaNet card behind PCI Express as a network device: one transmit and one receive queue in DMA memory
/// (docs/descriptors.md). A card that misbehaves is reset and brought back; one that cannot be is reported as
/// <see cref="DeviceState.Failed"/>.
/// </summary>
public sealed partial class FpgaNic : INetworkDevice
{
    // Ethernet header, and a VLAN tag beside it: what a longest frame has besides its packet.
    private const int HeaderLength = 14;
    private const int TagLength = 4;

    // Bounds a wait besides the clock, which may stand still when a simulation keeps it.
    private const int MaxPauses = 200_000;

    private readonly IPciFunction _function;
    private readonly FpgaNicOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Card _card;
    private readonly PoolMappings _pools;
    private readonly BufferPool _receivePool;
    private readonly bool _ownsReceivePool;
    private readonly TxRing _tx;
    private readonly CompletionRing<TxCompletion> _txCompletions;
    private readonly RxRing _rx;
    private readonly CompletionRing<RxCompletion> _rxCompletions;
    private OffloadFeatures _enabledFeatures;
    private bool _disposed;

    private FpgaNic(IPciFunction function, FpgaNicOptions options, Card card)
    {
        _function = function;
        _options = options;
        _logger = options.Logger;
        _time = options.TimeProvider;
        _card = card;
        Name = options.Name ?? $"fpga-{function.Location}";
        Capabilities = new DeviceCapabilities(card.Description.Features, card.Description.MaximumFrame - HeaderLength - TagLength, LinkBitsPerSecond: 1_000_000_000);
        _enabledFeatures = Capabilities.Features;

        _ownsReceivePool = options.ReceivePool is null;
        _receivePool = options.ReceivePool ?? new BufferPool(Math.Max(options.ReceiveBuffers, 2 << options.RxRingLog2), card.Description.MaximumFrame);
        _pools = new PoolMappings(function);

        // Completion rings with room for more than can be outstanding: the card never waits for an acknowledgement that
        // the driver holds back.
        _tx = new TxRing(Memory(options.TxRingLog2, TxHeader.ByteLength), options.TxRingLog2, _pools);
        _txCompletions = new CompletionRing<TxCompletion>(Memory(options.TxRingLog2 - 1, TxCompletion.ByteLength), options.TxRingLog2 - 1);
        _rx = new RxRing(Memory(options.RxRingLog2, RxDescriptor.ByteLength), options.RxRingLog2, _pools, _receivePool);
        _rxCompletions = new CompletionRing<RxCompletion>(Memory(options.RxRingLog2 + 1, RxCompletion.ByteLength), options.RxRingLog2 + 1);
        _timer = _time.CreateTimer(static nic => ((FpgaNic)nic!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _interrupts = options.UseInterrupts && function.InterruptVectors > 0;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public MacAddress MacAddress { get; private set; }

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities { get; }

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
            }
        }
    }

    /// <inheritdoc/>
    public DeviceState State => _phase == Phase.Failed ? DeviceState.Failed : _linkUp ? DeviceState.Up : DeviceState.NoCarrier;

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
        Card card = Driver.Card.Discover(function);
        if (options.ReceivePool is { } pool && (pool.BufferSize < card.Description.MaximumFrame || pool.Available < 1 << options.RxRingLog2))
        {
            throw new ArgumentException(
                $"A receive pool of {pool.Available} free buffers of {pool.BufferSize} bytes cannot fill a ring of {1 << options.RxRingLog2} for frames of {card.Description.MaximumFrame}.",
                nameof(options));
        }

        // A former driver may have left the card at work: no memory is handed to it before it is quiet.
        card.WritePcie(PcieRegisters.Control, PcieRegisters.ControlReset.Mask);
        if (!WaitFor(options, function, () => !PcieRegisters.ControlReset.IsSet(card.ReadPcie(PcieRegisters.Control))))
        {
            throw new FpgaNicException($"The card at {function.Location} does not come out of reset.");
        }

        var nic = new FpgaNic(function, options, card);
        nic.MacAddress = options.MacAddress ?? card.ReadMacAddress();
        nic.Start();
        nic.ReadLink();
        DriverLog.Opened(nic._logger, nic.Name, card.Description);
        return nic;
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
        Interlocked.Exchange(ref _wake, null);
        if (_interrupts)
        {
            _function.SetInterruptHandler(InterruptVector, null);
        }

        if (!Stop())
        {
            DriverLog.MemoryLeaked(_logger, Name);
            return;
        }

        _tx.Restart();
        _rx.Free();
        _tx.Free();
        _txCompletions.Free();
        _rxCompletions.Free();
        _pools.UnmapAll();
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

    private static bool WaitFor(FpgaNicOptions options, IPciFunction function, Func<bool> condition)
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

            function.Pause();
        }

        return false;
    }

    private DmaMemory Memory(int log2, int entryLength) => new(_function, entryLength << log2);

    /// <summary>Programs a card that is fresh from reset.</summary>
    private void Start()
    {
        _card.WritePcie(PcieRegisters.ReadTimeout, Clocks(_options.ReadTimeout, uint.MaxValue));
        _card.WriteMacAddress(MacAddress);
        if (_card.HasRss)
        {
            for (int i = 0; i < RssRegisters.KeyCount; i++)
            {
                _card.WriteRss(RssRegisters.Key + (4 * (uint)i), BinaryPrimitives.ReadUInt32BigEndian(_options.RssKey.Span[(4 * i)..]));
            }

            _card.WriteRss(
                RssRegisters.HashTypes,
                RssRegisters.HashTypesIPv4.Mask | RssRegisters.HashTypesTcpIPv4.Mask | RssRegisters.HashTypesUdpIPv4.Mask
                | RssRegisters.HashTypesIPv6.Mask | RssRegisters.HashTypesTcpIPv6.Mask | RssRegisters.HashTypesUdpIPv6.Mask);
        }

        _rx.Restart();
        _txCompletions.Restart();
        _rxCompletions.Restart();
        StartQueue(TxQueueRegisters.Offset, _tx.BusAddress, _tx.Log2, _txCompletions.BusAddress, _txCompletions.Log2);
        StartQueue(RxQueueRegisters.Offset, _rx.BusAddress, _rx.Log2, _rxCompletions.BusAddress, _rxCompletions.Log2);
        WriteQueue(RxQueueRegisters.Offset, TxQueueRegisters.Producer, _rx.Post());
        if (_interrupts)
        {
            _function.SetInterruptHandler(InterruptVector, _onInterrupt ??= OnInterrupt);
        }

        _card.WriteCore(CoreRegisters.Control, CoreControl());
        ForgetHealth();
        _phase = Phase.Running;
    }

    private void StartQueue(uint queue, ulong ring, int log2, ulong completions, int completionLog2)
    {
        WriteQueue(queue, TxQueueRegisters.RingBaseLow, (uint)ring);
        WriteQueue(queue, TxQueueRegisters.RingBaseHigh, (uint)(ring >> 32));
        WriteQueue(queue, TxQueueRegisters.RingSize, (uint)log2);
        WriteQueue(queue, TxQueueRegisters.CompletionBaseLow, (uint)completions);
        WriteQueue(queue, TxQueueRegisters.CompletionBaseHigh, (uint)(completions >> 32));
        WriteQueue(queue, TxQueueRegisters.CompletionSize, (uint)completionLog2);
        uint interrupt = TxQueueRegisters.InterruptVector.Set(0, InterruptVector);
        interrupt = TxQueueRegisters.InterruptPackets.Set(interrupt, (uint)_options.InterruptFrames);
        interrupt = TxQueueRegisters.InterruptTime.Set(interrupt, Clocks(_options.InterruptDelay / 16, ushort.MaxValue));
        WriteQueue(queue, TxQueueRegisters.Interrupt, interrupt);
        WriteQueue(queue, TxQueueRegisters.Producer, 0);
        WriteQueue(queue, TxQueueRegisters.CompletionConsumer, 0);
        WriteQueue(queue, TxQueueRegisters.Control, TxQueueRegisters.ControlEnable.Mask);
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
            // Receive stops first; the transmit queue finishes what it has begun.
            _card.WriteCore(CoreRegisters.Control, CoreRegisters.ControlRxEnable.Set(CoreControl(), 0));
            WriteQueue(RxQueueRegisters.Offset, TxQueueRegisters.Control, 0);
            WriteQueue(TxQueueRegisters.Offset, TxQueueRegisters.Control, 0);
            WaitFor(_options, _function, () => IsInactive(RxQueueRegisters.Offset) && IsInactive(TxQueueRegisters.Offset));
        }

        // Whoever opens the card next finds it as it was at first; and where a queue did not become inactive, this is the stronger means.
        _card.WritePcie(PcieRegisters.Control, PcieRegisters.ControlReset.Mask);
        if (WaitFor(_options, _function, IsQuiet))
        {
            return true;
        }

        DriverLog.FunctionReset(_logger, Name);
        _function.Reset();
        return WaitFor(_options, _function, IsQuiet);
    }

    private bool IsQuiet() => !PcieRegisters.ControlReset.IsSet(_card.ReadPcie(PcieRegisters.Control));

    private bool IsInactive(uint queue) => !TxQueueRegisters.StatusActive.IsSet(ReadQueue(queue, TxQueueRegisters.Status));

    private uint CoreControl()
    {
        uint control = CoreRegisters.ControlTxEnable.Mask | CoreRegisters.ControlRxEnable.Mask;
        control |= (_enabledFeatures & OffloadFeatures.RxChecksum) != OffloadFeatures.None ? CoreRegisters.ControlRxChecksumEnable.Mask : 0;
        control |= (_enabledFeatures & OffloadFeatures.RxHash) != OffloadFeatures.None ? CoreRegisters.ControlRxHashEnable.Mask : 0;
        return control;
    }

    private uint Clocks(TimeSpan time, uint maximum) => (uint)Math.Min(maximum, time.TotalSeconds * _card.Description.ClockHertz);

    // A receive queue has the registers of a transmit queue at another offset.
    private uint ReadQueue(uint queue, uint register) => _function.ReadRegister(queue + register);

    private void WriteQueue(uint queue, uint register, uint value) => _function.WriteRegister(queue + register, value);
}

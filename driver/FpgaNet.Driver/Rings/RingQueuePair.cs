using FpgaNet.Driver.Pci;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver.Rings;

/// <summary>A queue pair whose rings lie in host memory. Every buffer that leaves the receive ring is replaced.</summary>
internal sealed class RingQueuePair : IQueuePair
{
    private readonly IPciFunction _function;
    private readonly BufferPool _receivePool;
    private readonly DriverCounters _counters;
    private readonly int? _interruptVector;
    private readonly uint _txOffset;
    private readonly uint _rxOffset;
    private readonly TxRing _tx;
    private readonly CompletionRing<TxCompletion> _txCompletions;
    private readonly RxRing _rx;
    private readonly CompletionRing<RxCompletion> _rxCompletions;
    private readonly ProgressWatch _txProgress;
    private readonly TransmitTimestamps _timestamps;
    private TransmitSchedule _schedule = new();
    private long _clockHertz;

    // Somebody waits for an interrupt: of the receive queue always, of the transmit queue when room is waited for.
    private volatile bool _armed;
    private bool _awaitsRoom;

    // A completion that the card counts and that is not in the ring, as of the last look.
    private bool _rxMissing;
    private ushort _rxMissingAt;

    public RingQueuePair(IPciFunction function, PoolMappings pools, BufferPool receivePool, DriverCounters counters, FpgaNicOptions options, int index, int? interruptVector)
    {
        _function = function;
        _receivePool = receivePool;
        _counters = counters;
        _timestamps = new TransmitTimestamps(counters);
        _interruptVector = interruptVector;
        _txOffset = TxQueueRegisters.Offset + ((uint)index * TxQueueRegisters.Stride);
        _rxOffset = RxQueueRegisters.Offset + ((uint)index * RxQueueRegisters.Stride);
        _txProgress = new ProgressWatch(options.TimeProvider, options.StuckTimeout);

        // Completion rings with room for more than can be outstanding: the card never waits for an acknowledgement that
        // the driver holds back.
        _tx = new TxRing(Memory(options.TxRingLog2, TxHeader.ByteLength), options.TxRingLog2, pools);
        _txCompletions = new CompletionRing<TxCompletion>(Memory(options.TxRingLog2 - 1, TxCompletion.ByteLength), options.TxRingLog2 - 1);
        _rx = new RxRing(Memory(options.RxRingLog2, RxDescriptor.ByteLength), options.RxRingLog2, pools, receivePool);
        _rxCompletions = new CompletionRing<RxCompletion>(Memory(options.RxRingLog2 + 1, RxCompletion.ByteLength), options.RxRingLog2 + 1);
    }

    public CardFault? Fault { get; private set; }

    public int InFlight => _tx.InFlight;

    public Action? Signal { get; set; }

    /// <summary>The card will leave this pair's memory alone, after <see cref="BeginStop"/>.</summary>
    public bool IsInactive =>
        !TxQueueRegisters.StatusActive.IsSet(Read(_rxOffset, TxQueueRegisters.Status)) && !TxQueueRegisters.StatusActive.IsSet(Read(_txOffset, TxQueueRegisters.Status));

    /// <summary>Programs both queues of a card that is fresh from reset.</summary>
    /// <param name="moderation">Of the interrupt, as register Interrupt has it.</param>
    /// <param name="clockHertz">Of the card.</param>
    public void Start(uint moderation, long clockHertz)
    {
        uint interrupt = TxQueueRegisters.InterruptVector.Set(moderation, (uint)(_interruptVector ?? 0));
        _clockHertz = clockHertz;
        TrySchedule(_schedule);
        Fault = null;
        _rxMissing = false;
        _armed = false;
        _awaitsRoom = false;
        _rx.Restart();
        _txCompletions.Restart();
        _rxCompletions.Restart();
        StartQueue(_txOffset, interrupt, _tx.BusAddress, _tx.Log2, _txCompletions.BusAddress, _txCompletions.Log2);
        StartQueue(_rxOffset, interrupt, _rx.BusAddress, _rx.Log2, _rxCompletions.BusAddress, _rxCompletions.Log2);
        Write(_rxOffset, TxQueueRegisters.Producer, _rx.Post());
        _txProgress.Begin();
    }

    /// <summary>Receive stops first; the transmit queue finishes what it has begun.</summary>
    public void BeginStop()
    {
        Write(_rxOffset, TxQueueRegisters.Control, 0);
        Write(_txOffset, TxQueueRegisters.Control, 0);
    }

    public bool TryAdd(in TxFrame frame)
    {
        bool idle = _tx.InFlight == 0;
        if (!_tx.TryAdd(frame))
        {
            return false;
        }

        if (idle)
        {
            _txProgress.Begin();
        }

        return true;
    }

    public void Post() => Write(_txOffset, TxQueueRegisters.Producer, _tx.Producer);

    public int Reap()
    {
        int count = 0;
        while (Fault is null && _txCompletions.TryTake(out TxCompletion completion))
        {
            if (!_tx.TryComplete(completion.RingPosition, out ushort timestampId))
            {
                Fault = new CardFault(Misbehaviour.RingPosition, completion.RingPosition);
                return count;
            }

            if (completion.Status != Status.Ok)
            {
                _counters.CountTxError(completion.Status);
            }

            if (timestampId != 0)
            {
                _timestamps.Add(new TransmitTimestamp(timestampId, (long)(((ulong)completion.TimestampHigh << 32) | completion.TimestampLow)));
            }

            count++;
        }

        if (_txCompletions.AcknowledgementDue)
        {
            AcknowledgeTransmit();
        }

        return count;
    }

    public bool TryTakeTimestamp(out TransmitTimestamp timestamp) => _timestamps.TryTake(out timestamp);

    public int Receive(Span<RxFrame> frames)
    {
        int count = 0;
        while (count < frames.Length && Fault is null && _rxCompletions.TryTake(out RxCompletion completion))
        {
            Take(completion, frames, ref count);
        }

        if (Fault is not null)
        {
            return count;
        }

        if (_rx.DoorbellDue)
        {
            Write(_rxOffset, TxQueueRegisters.Producer, _rx.Post());
        }

        if (_rxCompletions.AcknowledgementDue)
        {
            Write(_rxOffset, TxQueueRegisters.CompletionConsumer, _rxCompletions.Acknowledge() | ArmIf(_armed));
        }

        return count;
    }

    public bool Arm(bool room)
    {
        _awaitsRoom = room;
        if (_interruptVector is not null)
        {
            // The card compares with its own count: a completion that it wrote before the arm arrived fires too.
            _armed = true;
            Write(_rxOffset, TxQueueRegisters.CompletionConsumer, _rxCompletions.Acknowledge() | ArmIf(true));
            if (room)
            {
                AcknowledgeTransmit();
            }
        }

        return _rxCompletions.HasEntry || (room && (_tx.HasRoom || _txCompletions.HasEntry));
    }

    public uint Dropped => Read(_rxOffset, TxQueueRegisters.Dropped);

    public bool TrySchedule(in TransmitSchedule schedule)
    {
        _schedule = schedule;
        Write(_txOffset, TxQueueRegisters.Schedule, schedule.ToSchedule());
        Write(_txOffset, TxQueueRegisters.Pace, schedule.ToPace(_clockHertz));
        return true;
    }

    /// <summary>The vector of this pair was signalled.</summary>
    public void OnInterrupt()
    {
        Interlocked.Increment(ref _counters.Interrupts);
        _armed = false;
        Signal?.Invoke();
    }

    /// <summary>Looks for what a sound card does not do.</summary>
    /// <param name="held">The other side holds the transmitter.</param>
    public CardFault? Check(bool held)
    {
        uint tx = Read(_txOffset, TxQueueRegisters.Status);
        uint rx = Read(_rxOffset, TxQueueRegisters.Status);
        if (IsHalted(tx) || IsHalted(rx))
        {
            return Fault = new CardFault(Misbehaviour.QueueHalted, IsHalted(tx) ? tx : rx);
        }

        Reap();
        if (Fault is null && _txProgress.IsStuck(_tx.InFlight != 0 && !held, _tx.Released))
        {
            return Fault = new CardFault(Misbehaviour.TransmitStuck, _tx.Released);
        }

        if (Fault is null && IsCompletionLost())
        {
            return Fault = new CardFault(Misbehaviour.CompletionLost, _rxCompletions.Consumer);
        }

        return Fault;
    }

    public int Abandon() => _tx.Restart();

    public void Free()
    {
        _tx.Restart();
        _rx.Free();
        _tx.Free();
        _txCompletions.Free();
        _rxCompletions.Free();
    }

    // Halted by an error, or off although it was switched on: somebody else has reset the function.
    private static bool IsHalted(uint status) => TxQueueRegisters.StatusError.Get(status) != 0 || !TxQueueRegisters.StatusActive.IsSet(status);

    private DmaMemory Memory(int log2, int entryLength) => new(_function, entryLength << log2);

    private void StartQueue(uint queue, uint interrupt, ulong ring, int log2, ulong completions, int completionLog2)
    {
        Write(queue, TxQueueRegisters.RingBaseLow, (uint)ring);
        Write(queue, TxQueueRegisters.RingBaseHigh, (uint)(ring >> 32));
        Write(queue, TxQueueRegisters.RingSize, (uint)log2);
        Write(queue, TxQueueRegisters.CompletionBaseLow, (uint)completions);
        Write(queue, TxQueueRegisters.CompletionBaseHigh, (uint)(completions >> 32));
        Write(queue, TxQueueRegisters.CompletionSize, (uint)completionLog2);
        Write(queue, TxQueueRegisters.Interrupt, interrupt);
        Write(queue, TxQueueRegisters.Producer, 0);
        Write(queue, TxQueueRegisters.CompletionConsumer, 0);
        Write(queue, TxQueueRegisters.Control, TxQueueRegisters.ControlEnable.Mask);
    }

    private void Take(in RxCompletion completion, Span<RxFrame> frames, ref int count)
    {
        if (completion.RingPosition != _rx.Next)
        {
            Fault = new CardFault(Misbehaviour.RingPosition, completion.RingPosition);
            return;
        }

        PacketBuffer buffer = _rx.Current;
        int length = (int)completion.Length;
        if (completion.Status != Status.Ok)
        {
            _counters.CountRxError(completion.Status);
            _rx.Replace(buffer);
        }
        else if (length > buffer.Capacity || length < FpgaNic.HeaderLength)
        {
            Fault = new CardFault(Misbehaviour.ReceiveLength, (uint)length);
        }
        else if (_receivePool.TryRent() is { } fresh)
        {
            _rx.Replace(fresh);
            frames[count].Frame = new Frame(new BufferSlice(buffer, 0, length));
            if (!RxMetadata.TryRead(completion, length, out frames[count].Offload))
            {
                _counters.RxBadMetadata++;
            }

            _counters.RxFrames++;
            _counters.RxBytes += (ulong)length;
            count++;
        }
        else
        {
            // All buffers are with the stack: this frame is lost, its buffer serves the next.
            _counters.RxNoBuffer++;
            _rx.Replace(buffer);
        }
    }

    // The card writes an entry before it counts it, and a register read does not overtake a write of the card (PCIe Base 4.0
    // §2.4.1): an entry that is counted but not seen twice in a row was written elsewhere or with the wrong phase.
    private bool IsCompletionLost()
    {
        ushort missing = (ushort)(Read(_rxOffset, TxQueueRegisters.CompletionProducer) - _rxCompletions.Consumer);
        if (missing == 0 || _rxCompletions.HasEntry)
        {
            _rxMissing = false;
            return false;
        }

        bool lost = _rxMissing && _rxMissingAt == _rxCompletions.Consumer;
        _rxMissing = true;
        _rxMissingAt = _rxCompletions.Consumer;
        return lost || missing > _rxCompletions.Size;
    }

    private void AcknowledgeTransmit() =>
        Write(_txOffset, TxQueueRegisters.CompletionConsumer, _txCompletions.Acknowledge() | ArmIf(_armed && _awaitsRoom));

    // An acknowledgement must not take back an arm for which somebody waits.
    private static uint ArmIf(bool awaited) => awaited ? TxQueueRegisters.CompletionConsumerArm.Mask : 0;

    // A receive queue has the registers of a transmit queue at another offset.
    private uint Read(uint queue, uint register) => _function.ReadRegister(queue + register);

    private void Write(uint queue, uint register, uint value) => _function.WriteRegister(queue + register, value);
}

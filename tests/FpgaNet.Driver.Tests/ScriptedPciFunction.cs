using FpgaNet.Driver.Pci;

namespace FpgaNet.Driver.Tests;

/// <summary>
/// A card as docs/registers.md and docs/descriptors.md describe it, in memory and without time: a doorbell is served before the
/// write returns. It is here for what sound RTL never does: wrong positions and phases, a queue that stops, registers of
/// ones, a reset that never ends.
/// </summary>
internal sealed unsafe class ScriptedPciFunction : IPciFunction
{
    private const uint AllOnes = 0xFFFF_FFFF;

    private readonly Dictionary<uint, uint> _registers = [];
    private readonly SortedList<ulong, (nint Address, nuint Length)> _mappings = [];
    private readonly Queue _txQueue;
    private readonly Queue _rxQueue;
    private int _resetReadsLeft;
    private Action? _handler;
    private ulong _nextBus = 0x7_0000_0000;

    public ScriptedPciFunction()
    {
        _txQueue = new Queue(TxQueueRegisters.Offset, TxCompletion.ByteLength);
        _rxQueue = new Queue(RxQueueRegisters.Offset, RxCompletion.ByteLength);
        ResetCard();
    }

    public string Location => "script0";

    public int InterruptVectors { get; init; } = 1;

    /// <summary>What was sent, with its header.</summary>
    public List<(TxHeader Header, byte[] Bytes)> Sent { get; } = [];

    /// <summary>Launch times of what was sent; 0: none.</summary>
    public List<ulong> Launches { get; } = [];

    /// <summary>The time stamp of the last packet that asked for one; the next one's is higher by one.</summary>
    public ulong Stamp { get; set; } = uint.MaxValue;

    /// <summary>Doorbells of the transmit queue.</summary>
    public int TxDoorbells { get; private set; }

    public int FunctionResets { get; private set; }

    public int CardResets { get; private set; }

    public int Mappings => _mappings.Count;

    public int Pauses { get; private set; }

    /// <summary>The status that the next packet's completion bears.</summary>
    public Status NextTxStatus { get; set; }

    /// <summary>Register Core.Features: checksums and hash, no more.</summary>
    public uint Features { get; init; } = 0x301;

    /// <summary>The card takes no descriptors.</summary>
    public bool TxStalled { get; set; }

    /// <summary>Is added to the ring position of every completion.</summary>
    public ushort PositionError { get; set; }

    /// <summary>Completions are written with the phase of the pass before.</summary>
    public bool WrongPhase { get; set; }

    /// <summary>Every register reads as ones.</summary>
    public bool Unplugged { get; set; }

    /// <summary>A card reset never ends.</summary>
    public bool CardResetHangs { get; set; }

    /// <summary>A function reset heals <see cref="Unplugged"/> and <see cref="CardResetHangs"/>.</summary>
    public bool FunctionResetHeals { get; set; }

    /// <summary>A queue stays active after it was disabled.</summary>
    public bool NeverInactive { get; set; }

    /// <summary>How often a reset register still reads 1.</summary>
    public int ResetReads { get; set; }

    public bool LinkUp { get; set; } = true;

    public uint Register(uint offset) => _registers.GetValueOrDefault(offset);

    public void Halt(bool transmit, Status error) =>
        _registers[(transmit ? _txQueue : _rxQueue).Offset + TxQueueRegisters.Status] = 1 | ((uint)error << 8);

    public uint ReadRegister(uint offset)
    {
        if (Unplugged)
        {
            return AllOnes;
        }

        if (offset == PcieRegisters.Control)
        {
            return (CardResetHangs && (_registers.GetValueOrDefault(offset) & 1) != 0) || _resetReadsLeft-- > 0 ? 1u : 0;
        }

        if (offset == CoreRegisters.Features)
        {
            return Features;
        }

        if (offset == CoalesceRegisters.NextBlock && CoreRegisters.FeaturesClock.IsSet(Features))
        {
            return ClockRegisters.Offset;
        }

        if (offset == CoreRegisters.Status)
        {
            return 0x24 | (LinkUp ? 1u : 0); // 1 Gb/s, full duplex
        }

        return _registers.GetValueOrDefault(offset);
    }

    public void WriteRegister(uint offset, uint value)
    {
        if (Unplugged)
        {
            return;
        }

        if (offset == PcieRegisters.Control)
        {
            CardResets++;
            ResetCard();
            _resetReadsLeft = ResetReads;
            _registers[offset] = CardResetHangs ? 1u : 0;
            return;
        }

        uint before = _registers.GetValueOrDefault(offset);
        _registers[offset] = value;
        foreach (Queue queue in (ReadOnlySpan<Queue>)[_txQueue, _rxQueue])
        {
            if (offset == queue.Offset + TxQueueRegisters.Control)
            {
                if ((value & ~before & 1) != 0)
                {
                    queue.Consumer = 0;
                    queue.CompletionProducer = 0;
                }

                _registers[queue.Offset + TxQueueRegisters.Status] = value | (NeverInactive ? 1u : 0);
            }

            if (offset == queue.Offset + TxQueueRegisters.CompletionConsumer)
            {
                queue.Armed = value >> 31 != 0;
                Interrupt(queue);
            }
        }

        if (offset == TxQueueRegisters.Offset + TxQueueRegisters.Producer)
        {
            TxDoorbells++;
            ServeTransmit();
        }
    }

    /// <summary>Takes what waits in the transmit ring.</summary>
    public void ServeTransmit()
    {
        uint size = 1u << (int)Read(_txQueue, TxQueueRegisters.RingSize);
        ulong ring = Base(_txQueue, TxQueueRegisters.RingBaseLow);
        while (!TxStalled && _txQueue.Consumer != (ushort)Read(_txQueue, TxQueueRegisters.Producer))
        {
            TxHeader header = *(TxHeader*)Host(ring + (16 * (_txQueue.Consumer++ % size)), 16);
            var bytes = new List<byte>();
            TxLaunch launch = header.Launch ? *(TxLaunch*)Host(ring + (16 * (_txQueue.Consumer++ % size)), 16) : default;
            Launches.Add(((ulong)launch.TimeHigh << 32) | launch.TimeLow);
            for (int i = 0; i < header.SliceCount; i++)
            {
                TxSlice slice = *(TxSlice*)Host(ring + (16 * (_txQueue.Consumer++ % size)), 16);
                ulong bus = ((ulong)slice.AddressHigh << 32) | slice.AddressLow;
                bytes.AddRange(new ReadOnlySpan<byte>((void*)Host(bus, slice.Length), (int)slice.Length));
            }

            Sent.Add((header, bytes.ToArray()));
            var completion = new TxCompletion { RingPosition = (ushort)(_txQueue.Consumer + PositionError), Status = NextTxStatus };
            if (header.Timestamp && NextTxStatus == Status.Ok)
            {
                Stamp++;
                (completion.TimestampLow, completion.TimestampHigh) = ((uint)Stamp, (uint)(Stamp >> 32));
            }

            NextTxStatus = Status.Ok;
            completion.Phase = Phase(_txQueue);
            *(TxCompletion*)NextEntry(_txQueue) = completion;
            Complete(_txQueue);
        }
    }

    /// <summary>A frame comes from the wire.</summary>
    /// <returns>False when the ring has no buffer, or no room for a completion.</returns>
    public bool Deliver(ReadOnlySpan<byte> frame, RxCompletion completion = default)
    {
        if (Read(_rxQueue, TxQueueRegisters.Control) == 0 || _rxQueue.Consumer == (ushort)Read(_rxQueue, TxQueueRegisters.Producer)
            || (ushort)(_rxQueue.CompletionProducer - Read(_rxQueue, TxQueueRegisters.CompletionConsumer)) == 1 << (int)Read(_rxQueue, TxQueueRegisters.CompletionSize))
        {
            return false;
        }

        uint size = 1u << (int)Read(_rxQueue, TxQueueRegisters.RingSize);
        RxDescriptor descriptor = *(RxDescriptor*)Host(Base(_rxQueue, TxQueueRegisters.RingBaseLow) + (16 * (_rxQueue.Consumer % size)), 16);
        completion.RingPosition = (ushort)(_rxQueue.Consumer++ + PositionError);
        if (completion.Length == 0)
        {
            completion.Length = (uint)frame.Length;
        }

        frame.CopyTo(new Span<byte>((void*)Host(((ulong)descriptor.AddressHigh << 32) | descriptor.AddressLow, descriptor.Length), (int)descriptor.Length));
        completion.Phase = Phase(_rxQueue);
        *(RxCompletion*)NextEntry(_rxQueue) = completion;
        Complete(_rxQueue);
        return true;
    }

    public ulong MapDma(nint address, nuint length)
    {
        if (address % 4096 != 0 || length % 4096 != 0 || length == 0)
        {
            throw new InvalidOperationException("A mapping is made of whole pages.");
        }

        ulong bus = _nextBus;
        _nextBus += length + 0x1_0000_0000;
        _mappings.Add(bus, (address, length));
        return bus;
    }

    public void UnmapDma(ulong busAddress)
    {
        if (!_mappings.Remove(busAddress))
        {
            throw new InvalidOperationException("There is no such mapping.");
        }
    }

    public void SetInterruptHandler(int vector, Action? handler) => _handler = handler;

    public void Pause() => Pauses++;

    public void Reset()
    {
        FunctionResets++;
        if (FunctionResetHeals)
        {
            Unplugged = false;
            CardResetHangs = false;
        }

        ResetCard();
    }

    public void Dispose()
    {
    }

    private void ResetCard()
    {
        bool hung = CardResetHangs && (_registers.GetValueOrDefault(PcieRegisters.Control) & 1) != 0;
        _registers.Clear();
        _registers[PcieRegisters.Control] = hung ? 1u : 0;
        _registers[IdentificationRegisters.Magic] = RegisterMap.Magic;
        _registers[IdentificationRegisters.Version] = RegisterMap.VersionMajor << 16;
        _registers[IdentificationRegisters.FirstBlock] = CoreRegisters.Offset;
        Block(CoreRegisters.Offset, CoreRegisters.BlockType, RssRegisters.Offset);
        Block(RssRegisters.Offset, RssRegisters.BlockType, 0x700);
        Block(0x700, 0x7777, StatisticsRegisters.Offset); // a block that the driver does not know
        Block(ClockRegisters.Offset, ClockRegisters.BlockType, PcieRegisters.Offset);
        Block(StatisticsRegisters.Offset, StatisticsRegisters.BlockType, CoalesceRegisters.Offset);
        Block(CoalesceRegisters.Offset, CoalesceRegisters.BlockType, PcieRegisters.Offset);
        _registers[CoalesceRegisters.Sizes] = 6000 | (4 << 16);
        Block(PcieRegisters.Offset, PcieRegisters.BlockType, 0);
        _registers[StatisticsRegisters.Count] = (uint)CardCounters.Names.Count;
        _registers[CoreRegisters.Limits] = 1518 | (64 << 16);
        _registers[CoreRegisters.ClockHz] = 125_000_000;
        _registers[CoreRegisters.MacLow] = 0x5E10_0001;
        _registers[CoreRegisters.MacHigh] = 0x0200;
        _registers[PcieRegisters.Queues] = 0x0008_0101;
    }

    private void Block(uint offset, uint type, uint next)
    {
        _registers[offset] = (1 << 16) | type;
        _registers[offset + 4] = next;
    }

    public void SetRegister(uint offset, uint value) => _registers[offset] = value;

    private uint Read(Queue queue, uint register) => _registers.GetValueOrDefault(queue.Offset + register);

    private ulong Base(Queue queue, uint low) => Read(queue, low) | ((ulong)Read(queue, low + 4) << 32);

    private nint NextEntry(Queue queue)
    {
        uint size = 1u << (int)Read(queue, TxQueueRegisters.CompletionSize);
        return Host(Base(queue, TxQueueRegisters.CompletionBaseLow) + ((uint)queue.EntryLength * (queue.CompletionProducer % size)), (uint)queue.EntryLength);
    }

    private bool Phase(Queue queue) => ((queue.CompletionProducer >> (int)Read(queue, TxQueueRegisters.CompletionSize) & 1) == 0) != WrongPhase;

    private void Complete(Queue queue)
    {
        queue.CompletionProducer++;
        _registers[queue.Offset + TxQueueRegisters.CompletionProducer] = queue.CompletionProducer;
        Interrupt(queue);
    }

    private void Interrupt(Queue queue)
    {
        if (queue.Armed && queue.CompletionProducer != (ushort)Read(queue, TxQueueRegisters.CompletionConsumer))
        {
            queue.Armed = false;
            _handler?.Invoke();
        }
    }

    private nint Host(ulong bus, uint length)
    {
        foreach ((ulong start, (nint address, nuint mapped)) in _mappings)
        {
            if (bus >= start && bus + length <= start + mapped)
            {
                return address + (nint)(bus - start);
            }
        }

        throw new InvalidOperationException($"The driver handed out bus address 0x{bus:X}, which is not mapped.");
    }

    private sealed class Queue(uint offset, int entryLength)
    {
        public uint Offset { get; } = offset;

        public int EntryLength { get; } = entryLength;

        public ushort Consumer { get; set; }

        public ushort CompletionProducer { get; set; }

        public bool Armed { get; set; }
    }
}

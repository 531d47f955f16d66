using System.Runtime.CompilerServices;
using FpgaNet.Driver;

namespace FpgaNet.Rtl.Tests.Pcie;

/// <summary>The host's half of a queue, kept as simple as can be: a descriptor ring, a completion ring, and its registers.</summary>
/// <typeparam name="TEntry">Format of the completion entries.</typeparam>
public sealed class HostQueue<TEntry>
    where TEntry : unmanaged
{
    private readonly PcieBench _bench;
    private readonly uint _registers;

    public HostQueue(PcieBench bench, uint registers, int log2 = 6, int completionLog2 = 5)
    {
        _bench = bench;
        _registers = registers;
        Log2 = log2;
        CompletionLog2 = completionLog2;
        Ring = bench.Allocate(16 << log2);
        Completions = bench.Allocate(Unsafe.SizeOf<TEntry>() << completionLog2);
    }

    public int Log2 { get; }

    public int CompletionLog2 { get; }

    public DmaBuffer Ring { get; }

    public DmaBuffer Completions { get; }

    /// <summary>Units filled, free-running.</summary>
    public ushort Producer { get; private set; }

    /// <summary>Completions taken, free-running.</summary>
    public ushort Consumer { get; private set; }

    /// <summary>Units whose packet is done: what the ring may overwrite. The test keeps it.</summary>
    public ushort Released { get; set; }

    public int Free => (1 << Log2) - (ushort)(Producer - Released);

    public void Start(int packets = 0, int time = 0, int vector = 0)
    {
        Write(TxQueueRegisters.RingBaseLow, (uint)Ring.Bus);
        Write(TxQueueRegisters.RingBaseHigh, (uint)(Ring.Bus >> 32));
        Write(TxQueueRegisters.RingSize, (uint)Log2);
        Write(TxQueueRegisters.CompletionBaseLow, (uint)Completions.Bus);
        Write(TxQueueRegisters.CompletionBaseHigh, (uint)(Completions.Bus >> 32));
        Write(TxQueueRegisters.CompletionSize, (uint)CompletionLog2);
        Write(TxQueueRegisters.Interrupt, (uint)(vector | (packets << 8) | (time << 16)));
        Producer = 0;
        Consumer = 0;
        Released = 0;
        Ring.Bytes.Clear();
        Completions.Bytes.Clear();
        Write(TxQueueRegisters.Control, 1);
    }

    public void Disable() => Write(TxQueueRegisters.Control, 0);

    public bool IsActive => (Read(TxQueueRegisters.Status) & 1) != 0;

    public Status Error => (Status)(Read(TxQueueRegisters.Status) >> 8 & 0xFF);

    /// <summary>Puts a unit into the ring, without telling the card.</summary>
    public void Add<T>(T unit)
        where T : unmanaged
    {
        Assert.AreEqual(16, Unsafe.SizeOf<T>());
        Assert.IsGreaterThan(0, Free, "the test overfills the ring");
        Ring.As<T>()[Producer++ & ((1 << Log2) - 1)] = unit;
    }

    /// <summary>Rings the doorbell.</summary>
    public void Post() => Write(TxQueueRegisters.Producer, Producer);

    /// <summary>Takes the next completion when the card has written it: its phase fits.</summary>
    public bool TryTake(out TEntry entry)
    {
        Span<uint> words = Completions.As<uint>();
        int size = Unsafe.SizeOf<TEntry>() / 4;
        int index = Consumer & ((1 << CompletionLog2) - 1);
        uint phase = words[(index * size) + size - 1] >> 31;
        entry = Completions.As<TEntry>()[index];
        if (phase == (uint)(Consumer >> CompletionLog2 & 1))
        {
            return false;
        }

        Consumer++;
        return true;
    }

    /// <summary>Waits for the next completion.</summary>
    public TEntry Take()
    {
        TEntry entry = default;
        _bench.Bench.StepUntil(() => TryTake(out entry));
        return entry;
    }

    /// <summary>Tells the card what was taken.</summary>
    public void Acknowledge(bool arm = false) => Write(TxQueueRegisters.CompletionConsumer, Consumer | (arm ? 0x8000_0000 : 0));

    public uint Read(uint register) => _bench.Read(_registers + register);

    public void Write(uint register, uint value) => _bench.Write(_registers + register, value);
}

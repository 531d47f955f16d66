using System.Runtime.CompilerServices;

namespace FpgaNet.Driver.Rings;

/// <summary>
/// The ring in which the card reports. An entry is new when the phase bit of its last word has the value of this pass: 1 in the
/// first, then alternating (docs/descriptors.md). So the host learns of work without reading a register.
/// </summary>
/// <typeparam name="T">The entry's format; its last word holds the phase in bit 31.</typeparam>
internal sealed class CompletionRing<T>(DmaMemory memory, int log2)
    where T : unmanaged
{
    private static readonly int s_words = Unsafe.SizeOf<T>() / sizeof(uint);

    private ushort _acknowledged;

    public int Log2 => log2;

    public int Size => 1 << log2;

    public ulong BusAddress => memory.BusAddress;

    /// <summary>Entries taken, as the free-running count that the card keeps too.</summary>
    public ushort Consumer { get; private set; }

    /// <summary>The card should be told of the entries taken before it runs out of room. Not at once: a register write for every
    /// few entries costs more than the entries.</summary>
    public bool AcknowledgementDue => (ushort)(Consumer - _acknowledged) >= Size >> 2;

    /// <summary>An entry waits.</summary>
    public bool HasEntry => Phase(Volatile.Read(ref LastWord())) == ExpectedPhase;

    private uint ExpectedPhase => ((uint)Consumer >> log2 & 1) ^ 1;

    /// <summary>Takes the oldest entry.</summary>
    public bool TryTake(out T entry)
    {
        if (!HasEntry)
        {
            entry = default;
            return false;
        }

        // HasEntry read the phase with acquire semantics: what the card wrote before it is read after it.
        entry = memory.Entries<T>()[Consumer & (Size - 1)];
        Consumer++;
        return true;
    }

    /// <summary>The value for the card's CompletionConsumer register, which is to be written now.</summary>
    public uint Acknowledge()
    {
        _acknowledged = Consumer;
        return Consumer;
    }

    /// <summary>Forgets everything, as the card does when the queue is enabled.</summary>
    public void Restart()
    {
        memory.Clear();
        Consumer = 0;
        _acknowledged = 0;
    }

    public void Free() => memory.Free();

    private static uint Phase(uint word) => word >> 31;

    private ref uint LastWord() => ref memory.Entries<uint>()[((Consumer & (Size - 1)) * s_words) + s_words - 1];
}

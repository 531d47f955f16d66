using System.Buffers.Binary;

namespace FpgaNet.Sim.Pci;

/// <summary>
/// The host's side of PCI Express at the transaction layer: memory, interrupts and register accesses. It is stricter than hardware: whatever a card does
/// against the rules ends the simulation with a <see cref="PciProtocolException"/>, also where a real root complex would shrug.
/// Within the rules it is as awkward as its options say. One thread at a time, but for <see cref="Memory"/> and <see cref="Faults"/>.
/// </summary>
/// <remarks>
/// The order of things (PCIe Base 4.0 §2.4.1): packets of the card take effect when their last word is taken, so writes stay in order, a read
/// sees every earlier write, and an interrupt comes after every packet before it. Towards the card, register
/// accesses stay in order, and no completion passes a register write.
/// </remarks>
public sealed unsafe class PciRootComplex
{
    private const ushort RootId = 0x0000;

    private readonly RequestRules _rules;
    private readonly ReadCompleter _reads;
    private readonly RegisterRequester _registers;

    /// <summary>Makes a root complex.</summary>
    /// <param name="options">How it behaves.</param>
    public PciRootComplex(PciRootOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        Memory = new HostMemory(options.FirstBusAddress);
        _rules = new RequestRules(options);
        _reads = new ReadCompleter(options, Statistics, new Random(options.Seed), RootId);
        _registers = new RegisterRequester(options, Statistics, RootId);
    }

    /// <summary>How it behaves.</summary>
    public PciRootOptions Options { get; }

    /// <summary>What the card can reach.</summary>
    public HostMemory Memory { get; }

    /// <summary>Errors on demand.</summary>
    public PciFaults Faults { get; } = new();

    /// <summary>What has passed.</summary>
    public PciStatistics Statistics { get; } = new();

    /// <summary>The card may send requests (command register, Bus Master Enable).</summary>
    public bool BusMasterEnable { get; set; } = true;

    /// <summary>Called for each interrupt with its vector, on the thread that steps the simulation.</summary>
    public Action<int>? InterruptHandler { get; set; }

    /// <summary>Nothing is on its way: no read of the card, no register access.</summary>
    public bool IsIdle => _reads.IsIdle && _registers.IsIdle;

    /// <summary>The root has, or will have without further requests, something for the card.</summary>
    internal bool HasOutbound => !_reads.IsIdle || _registers.HasOutbound;

    /// <summary>Takes a packet from the card.</summary>
    /// <param name="tlp">The whole packet, words as in <see cref="Tlp"/>.</param>
    /// <param name="cycle">The clock cycle, for messages and latencies.</param>
    /// <exception cref="PciProtocolException">The packet breaks a rule.</exception>
    public void Receive(ReadOnlySpan<uint> tlp, long cycle)
    {
        RequestRules.CheckForm(tlp, cycle);
        switch (TlpHeader.Type(tlp))
        {
            case TlpType.MemoryRead32 or TlpType.MemoryRead64:
                _rules.CheckRequest(tlp, BusMasterEnable, cycle);
                _rules.CheckRead(tlp, cycle);
                Read(tlp, cycle);
                break;
            case TlpType.MemoryWrite32 or TlpType.MemoryWrite64:
                _rules.CheckRequest(tlp, BusMasterEnable, cycle);
                _rules.CheckWrite(tlp, cycle);
                Write(tlp, cycle);
                break;
            default:
                _registers.Complete(tlp, cycle);
                break;
        }
    }

    /// <summary>Takes an interrupt from the card. All its packets before must have been handed to <see cref="Receive"/>.</summary>
    /// <param name="vector">The vector it names.</param>
    /// <param name="cycle">The clock cycle.</param>
    /// <exception cref="PciProtocolException">The card may not signal that.</exception>
    public void Interrupt(int vector, long cycle)
    {
        // A message-signalled interrupt is a memory write (§6.1.4), so it needs Bus Master Enable as well.
        if (!BusMasterEnable)
        {
            throw new PciProtocolException($"cycle {cycle}: an interrupt while Bus Master Enable is 0 (§6.1.4).");
        }

        if (vector >= Options.InterruptVectors)
        {
            throw new PciProtocolException($"cycle {cycle}: interrupt vector {vector} where {Options.InterruptVectors} were given (§7.7.1.2).");
        }

        Statistics.Interrupts++;
        InterruptHandler?.Invoke(vector);
    }

    /// <summary>Gives the next packet for the card that is due.</summary>
    /// <param name="cycle">The clock cycle.</param>
    /// <param name="tlp">Receives it; after a false answer it is as it was.</param>
    public bool TryTakeOutbound(long cycle, Tlp tlp)
    {
        ArgumentNullException.ThrowIfNull(tlp);
        if (_reads.RepeatsLast)
        {
            // At once: the packet that is to be repeated lies in tlp only until another one is taken.
            return _reads.TryTake(cycle, tlp);
        }

        return _registers.TryTake(tlp) || _reads.TryTake(cycle, tlp);
    }

    /// <summary>Queues a register write. It is posted: there is no answer.</summary>
    /// <param name="offset">Byte offset in BAR 0, a multiple of 4.</param>
    /// <param name="value">The value.</param>
    /// <param name="byteEnables">Which bytes count, bit 0 for bits 7:0.</param>
    public void WriteRegister(uint offset, uint value, int byteEnables = 0xF) => _registers.Write(offset, value, byteEnables);

    /// <summary>Queues a register read.</summary>
    /// <param name="offset">Byte offset in BAR 0, a multiple of 4.</param>
    /// <param name="cycle">The clock cycle.</param>
    /// <param name="lengthWords">Words asked for; more than one is malformed for this card.</param>
    /// <param name="firstBytes">Byte enables of the first word.</param>
    /// <param name="lastBytes">Byte enables of the last word; 0 with one word.</param>
    /// <returns>A tag for <see cref="TryEndRegisterRead"/>.</returns>
    public int BeginRegisterRead(uint offset, long cycle, int lengthWords = 1, int firstBytes = 0xF, int lastBytes = 0) =>
        _registers.BeginRead(offset, lengthWords, firstBytes, lastBytes, cycle);

    /// <summary>Takes the result of a register read, once.</summary>
    /// <param name="tag">What <see cref="BeginRegisterRead"/> returned.</param>
    /// <param name="result">The result.</param>
    /// <returns>Whether the card has answered.</returns>
    public bool TryEndRegisterRead(int tag, out RegisterReadResult result) => _registers.TryEndRead(tag, out result);

    /// <summary>Queues any packet as if it hit BAR 0, however malformed.</summary>
    /// <param name="words">The packet.</param>
    public void SendRequest(ReadOnlySpan<uint> words) => _registers.Send(words);

    /// <summary>Fails when a register read is overdue. Called now and then by whoever steps the clock.</summary>
    /// <param name="cycle">The clock cycle.</param>
    /// <exception cref="PciProtocolException">The card does not answer.</exception>
    public void CheckTime(long cycle)
    {
        if (_registers.Unanswered != 0)
        {
            _registers.CheckTime(cycle);
        }
    }

    /// <summary>At the end of a run: fails when something was left over.</summary>
    /// <exception cref="PciProtocolException">Reads or register accesses are outstanding.</exception>
    public void CheckQuiescent()
    {
        if (!IsIdle)
        {
            throw new PciProtocolException(
                $"At the end {_reads.Outstanding} reads of the card and {_registers.Unanswered} register reads of the host are outstanding.");
        }
    }

    /// <summary>Forgets everything on its way, as a reset of the function does. Mappings stay.</summary>
    public void Reset()
    {
        _reads.Clear();
        _registers.Clear();
    }

    private void Read(ReadOnlySpan<uint> tlp, long cycle)
    {
        ulong address = TlpHeader.Address(tlp);
        int bytes = TlpHeader.LengthWords(tlp) * 4;
        Statistics.ReadRequests++;
        Statistics.ReadBytes += bytes;
        _reads.Add(tlp, Translate(tlp, address, bytes, cycle), Faults.Take(address, bytes), cycle);
    }

    // Word by word with release semantics: memory changes in address order, and whoever sees a word sees those before it. A driver polls
    // the phase bit in the last word of a completion entry.
    private void Write(ReadOnlySpan<uint> tlp, long cycle)
    {
        ulong address = TlpHeader.Address(tlp);
        ReadOnlySpan<uint> payload = tlp[TlpHeader.HeaderWords(tlp)..];
        uint* target = (uint*)Translate(tlp, address, payload.Length * 4, cycle);
        Statistics.WriteRequests++;
        Statistics.WriteBytes += payload.Length * 4;
        int last = payload.Length - 1;
        for (int i = 0; i <= last; i++)
        {
            int enables = i == 0 ? TlpHeader.FirstBytes(tlp) : i == last ? TlpHeader.LastBytes(tlp) : 0xF;
            uint word = BinaryPrimitives.ReverseEndianness(payload[i]);
            if (enables == 0xF)
            {
                Volatile.Write(ref target[i], word);
                continue;
            }

            byte* bytes = (byte*)(target + i);
            for (int lane = 0; lane < 4; lane++)
            {
                if ((enables >> lane & 1) != 0)
                {
                    Volatile.Write(ref bytes[lane], (byte)(word >> (8 * lane)));
                }
            }
        }
    }

    private nint Translate(ReadOnlySpan<uint> tlp, ulong address, int bytes, long cycle)
    {
        if (!Memory.TryTranslate(address, bytes, out nint host))
        {
            RequestRules.Break($"the card reaches for {bytes} bytes at bus address 0x{address:x}, which is not mapped for DMA", tlp, cycle);
        }

        return host;
    }
}

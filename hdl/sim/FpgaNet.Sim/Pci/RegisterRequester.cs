namespace FpgaNet.Sim.Pci;

/// <summary>How a read of the card's registers ended.</summary>
/// <param name="Status">The completion's status.</param>
/// <param name="Value">The first word of data; all ones without success, as a processor would see it (PCIe Base 4.0 §2.3.2).</param>
public readonly record struct RegisterReadResult(CompletionStatus Status, uint Value);

/// <summary>
/// The host's requests to BAR 0, in order, and the card's answers. A read keeps its tag until somebody takes the result; the card's completions
/// are checked against the requests (PCIe Base 4.0 §2.2.9).
/// </summary>
internal sealed class RegisterRequester
{
    private const int Tags = 32; // §2.2.6.2, without extended tags

    private readonly PciRootOptions _options;
    private readonly PciStatistics _statistics;
    private readonly ushort _rootId;
    private readonly Read[] _reads = new Read[Tags];
    private readonly Queue<Tlp> _outbound = new();
    private readonly Stack<Tlp> _free = new();
    private int _lastTag;
    private int _unanswered;

    public RegisterRequester(PciRootOptions options, PciStatistics statistics, ushort rootId)
    {
        _options = options;
        _statistics = statistics;
        _rootId = rootId;
    }

    public bool HasOutbound => _outbound.Count != 0;

    public int Unanswered => _unanswered;

    public bool IsIdle => _unanswered == 0 && _outbound.Count == 0;

    public void Clear()
    {
        Array.Clear(_reads);
        _unanswered = 0;
        while (_outbound.TryDequeue(out Tlp? tlp))
        {
            _free.Push(tlp);
        }
    }

    public void Write(uint offset, uint value, int byteEnables)
    {
        Tlp tlp = Rent();
        tlp.SetMemoryRequest(write: true, _options.BarAddress + offset, 1, byteEnables, 0, _rootId, 0);
        tlp.Append([value]);
        _outbound.Enqueue(tlp);
        _statistics.RegisterWrites++;
    }

    public void Send(ReadOnlySpan<uint> words)
    {
        Tlp tlp = Rent();
        tlp.Set(words, hitsBar0: true);
        _outbound.Enqueue(tlp);
    }

    public int BeginRead(uint offset, int lengthWords, int firstBytes, int lastBytes, long cycle)
    {
        int tag = _lastTag;
        do
        {
            tag = (tag + 1) % Tags;
            if (tag == _lastTag && _reads[tag].IsActive)
            {
                throw new InvalidOperationException("All tags are in use: take the results of earlier register reads first.");
            }
        }
        while (_reads[tag].IsActive);

        _lastTag = tag;
        _reads[tag] = new Read { IsActive = true, Words = lengthWords, LowerAddress = (int)(offset & 0x7C), LastCycle = cycle + _options.RegisterReadLimit };
        _unanswered++;
        Tlp tlp = Rent();
        tlp.SetMemoryRequest(write: false, _options.BarAddress + offset, lengthWords, firstBytes, lastBytes, _rootId, (byte)tag);
        _outbound.Enqueue(tlp);
        _statistics.RegisterReads++;
        return tag;
    }

    public bool TryEndRead(int tag, out RegisterReadResult result)
    {
        ref Read read = ref _reads[tag];
        result = read.Result;
        if (!read.IsAnswered)
        {
            return false;
        }

        read = default;
        return true;
    }

    public bool TryTake(Tlp tlp)
    {
        if (!_outbound.TryDequeue(out Tlp? next))
        {
            return false;
        }

        tlp.Set(next.Words, hitsBar0: true);
        _free.Push(next);
        return true;
    }

    /// <summary>Takes a completion of the card.</summary>
    public void Complete(ReadOnlySpan<uint> tlp, long cycle)
    {
        byte tag = TlpHeader.CompletionTag(tlp);
        if (TlpHeader.CompletionRequesterId(tlp) != _rootId || tag >= Tags || !_reads[tag].IsActive || _reads[tag].IsAnswered)
        {
            RequestRules.Break("a completion that fits no request of the host (§2.3.2)", tlp, cycle);
        }

        if (TlpHeader.CompleterId(tlp) != _options.CardId)
        {
            RequestRules.Break($"the completer id is not the card's {_options.CardId:x4} (§2.2.9)", tlp, cycle);
        }

        if ((tlp[1] & 0x1000) != 0 || (tlp[2] & 0x80) != 0)
        {
            RequestRules.Break("BCM or a reserved bit is set in a completion (§2.2.9)", tlp, cycle);
        }

        ref Read read = ref _reads[tag];
        CompletionStatus status = TlpHeader.Status(tlp);
        bool success = status == CompletionStatus.Success;
        if (success != TlpHeader.HasData(tlp) || status is not (CompletionStatus.Success or CompletionStatus.UnsupportedRequest or CompletionStatus.CompleterAbort))
        {
            RequestRules.Break("the completion's status does not go with its format (§2.2.9)", tlp, cycle);
        }

        if (success && (read.Words != 1 || TlpHeader.LengthWords(tlp) != 1 || TlpHeader.ByteCount(tlp) != 4 || TlpHeader.LowerAddress(tlp) != read.LowerAddress))
        {
            RequestRules.Break("length, byte count or lower address do not fit the register read (§2.2.9)", tlp, cycle);
        }

        read.IsAnswered = true;
        read.Result = new RegisterReadResult(status, success ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(tlp[3]) : uint.MaxValue);
        _unanswered--;
    }

    /// <summary>Finds a read that the card should have answered by now.</summary>
    public void CheckTime(long cycle)
    {
        for (int tag = 0; tag < Tags; tag++)
        {
            if (_reads[tag].IsActive && !_reads[tag].IsAnswered && cycle > _reads[tag].LastCycle)
            {
                throw new PciProtocolException($"cycle {cycle}: a register read was not answered within {_options.RegisterReadLimit} clocks (§2.8).");
            }
        }
    }

    private Tlp Rent() => _free.TryPop(out Tlp? tlp) ? tlp : new Tlp();

    private struct Read
    {
        public bool IsActive;
        public bool IsAnswered;
        public int Words;
        public int LowerAddress;
        public long LastCycle;
        public RegisterReadResult Result;
    }
}

using System.Numerics;

namespace FpgaNet.Sim.Pci;

/// <summary>
/// The reads of the card that wait for data, and the completions that answer them: after a random time, cut at random legal places,
/// in random order between tags and in address order within one (PCIe Base 4.0 §2.3.1.1, §2.4.1).
/// </summary>
internal sealed unsafe class ReadCompleter
{
    // §2.3.1.1: a completion may end at a multiple of 64 bytes (the root's read completion boundary) or at the request's end.
    private const int Boundary = 64;

    // Clocks between two completions of one read, at most.
    private const int MaximumGap = 12;

    private readonly PciRootOptions _options;
    private readonly PciStatistics _statistics;
    private readonly Random _random;
    private readonly ushort _rootId;
    private readonly Read[] _reads;

    // Tags of _reads that are in use, in the order asked; the first _count count.
    private readonly byte[] _order;
    private int _count;
    private long _nextReady = long.MaxValue;

    // A completion that is to follow the last one at once, for a fault.
    private bool _repeatLast;

    public ReadCompleter(PciRootOptions options, PciStatistics statistics, Random random, ushort rootId)
    {
        _options = options;
        _statistics = statistics;
        _random = random;
        _rootId = rootId;
        _reads = new Read[options.Tags];
        _order = new byte[options.Tags];
    }

    public int Outstanding => _count;

    public bool IsIdle => _count == 0 && !_repeatLast;

    public bool RepeatsLast => _repeatLast;

    public void Clear()
    {
        Array.Clear(_reads);
        _count = 0;
        _repeatLast = false;
        _nextReady = long.MaxValue;
    }

    /// <summary>Takes over a read whose form and place have been checked.</summary>
    public void Add(ReadOnlySpan<uint> tlp, nint hostAddress, ReadFault fault, long cycle)
    {
        byte tag = TlpHeader.RequestTag(tlp);
        ref Read read = ref _reads[tag];
        if (read.IsActive)
        {
            RequestRules.Break($"tag {tag} is used again before its read was answered (§2.2.6.2)", tlp, cycle);
        }

        if (fault != ReadFault.None)
        {
            _statistics.FaultsInjected++;
        }

        (int start, int bytes) = EnabledBytes(TlpHeader.LengthWords(tlp), TlpHeader.FirstBytes(tlp), TlpHeader.LastBytes(tlp));
        ulong address = TlpHeader.Address(tlp) + (ulong)start;
        if (fault == ReadFault.Missing || (fault == ReadFault.Truncated && ToBoundary(address) >= bytes))
        {
            return;
        }

        int latency = _options.MinimumReadLatency;
        if (_options.MaximumReadLatency > latency)
        {
            latency = _random.Next(latency, _options.MaximumReadLatency + 1);
        }

        read = new Read
        {
            IsActive = true,
            Address = address,
            HostAddress = hostAddress + start,
            Remaining = bytes,
            ReadyCycle = cycle + latency,
            Fault = fault,
        };
        _order[_count++] = tag;
        _nextReady = Math.Min(_nextReady, read.ReadyCycle);
        _statistics.MostReadsOutstanding = Math.Max(_statistics.MostReadsOutstanding, _count);
    }

    /// <summary>Builds the next completion that is due.</summary>
    public bool TryTake(long cycle, Tlp tlp)
    {
        if (_repeatLast)
        {
            _statistics.Completions++;
            _repeatLast = false; // the packet still holds it
            return true;
        }

        if (cycle < _nextReady)
        {
            return false;
        }

        int position = Choose(cycle);
        if (position < 0)
        {
            return false;
        }

        Complete(position, cycle, tlp);
        _statistics.Completions++;
        _nextReady = long.MaxValue;
        for (int i = 0; i < _count; i++)
        {
            _nextReady = Math.Min(_nextReady, _reads[_order[i]].ReadyCycle);
        }

        return true;
    }

    // Bytes from the first enabled one to the last enabled one (§2.3.1.1, table 2-39); a read of nothing counts as one byte.
    private static (int Start, int Bytes) EnabledBytes(int words, int first, int last)
    {
        if (words == 1)
        {
            return first == 0 ? (0, 1) : (BitOperations.TrailingZeroCount(first), BitOperations.Log2((uint)first) - BitOperations.TrailingZeroCount(first) + 1);
        }

        int start = BitOperations.TrailingZeroCount(first);
        return (start, (words * 4) - start - (3 - BitOperations.Log2((uint)last)));
    }

    private static int ToBoundary(ulong address) => Boundary - (int)(address % Boundary);

    private int Choose(long cycle)
    {
        if (!_options.ReorderCompletions)
        {
            return _count != 0 && _reads[_order[0]].ReadyCycle <= cycle ? 0 : -1;
        }

        int ready = 0;
        int chosen = -1;
        for (int i = 0; i < _count; i++)
        {
            // Every ready read is as likely as any other: the n-th found replaces the choice with chance 1/n.
            if (_reads[_order[i]].ReadyCycle <= cycle && _random.Next(++ready) == 0)
            {
                chosen = i;
            }
        }

        return chosen;
    }

    private void Complete(int position, long cycle, Tlp tlp)
    {
        byte tag = _order[position];
        ref Read read = ref _reads[tag];
        int lowerAddress = (int)(read.Address & 0x7F);
        switch (read.Fault)
        {
            case ReadFault.UnsupportedRequest:
            case ReadFault.CompleterAbort:
                CompletionStatus status = read.Fault == ReadFault.CompleterAbort ? CompletionStatus.CompleterAbort : CompletionStatus.UnsupportedRequest;
                tlp.SetCompletion(status, 0, _rootId, _options.CardId, tag, read.Remaining, lowerAddress, poisoned: false);
                Remove(position);
                return;
            case ReadFault.Unexpected:
                read.Fault = ReadFault.None;
                tlp.SetCompletion(CompletionStatus.Success, 1, _rootId, _options.CardId, UnusedTag(), 4, 0, poisoned: false);
                tlp.Append([0xDEAD_BEEF]);
                return;
            default:
                CompleteWithData(position, ref read, cycle, tlp);
                return;
        }
    }

    private void CompleteWithData(int position, ref Read read, long cycle, Tlp tlp)
    {
        int skew = (int)(read.Address & 3);
        int bytes = NextPiece(read, skew);
        bool isLast = bytes == read.Remaining;
        int words = (skew + bytes + 3) / 4;
        int extra = read.Fault == ReadFault.Overlong && isLast ? 1 : 0;
        byte tag = _order[position];
        tlp.SetCompletion(
            CompletionStatus.Success, words + extra, _rootId, _options.CardId, tag, read.Remaining, (int)(read.Address & 0x7F), read.Fault == ReadFault.Poisoned);
        tlp.Append(new ReadOnlySpan<uint>((void*)(read.HostAddress - skew), words));
        if (extra != 0)
        {
            tlp.Append([0xDEAD_BEEF]);
        }

        _repeatLast = isLast && read.Fault == ReadFault.Duplicated;
        if (isLast || read.Fault == ReadFault.Truncated)
        {
            Remove(position);
            return;
        }

        read.Address += (ulong)bytes;
        read.HostAddress += bytes;
        read.Remaining -= bytes;
        read.ReadyCycle = cycle + (_options.SplitCompletions ? _random.Next(MaximumGap) : 0);
    }

    // Bytes of the next completion: to the read's end, or to a boundary on the way there, and never more than a payload holds.
    private int NextPiece(in Read read, int skew)
    {
        int most = _options.MaximumPayload - skew;
        int toBoundary = ToBoundary(read.Address);
        bool mayEnd = read.Remaining <= most;
        if (toBoundary >= read.Remaining)
        {
            return read.Remaining;
        }

        if (read.Fault == ReadFault.Truncated)
        {
            return toBoundary;
        }

        // Boundaries within reach: toBoundary, toBoundary + 64, ...
        int boundaries = 1 + ((Math.Min(most, read.Remaining - 1) - toBoundary) / Boundary);
        if (!_options.SplitCompletions)
        {
            return mayEnd ? read.Remaining : toBoundary + ((boundaries - 1) * Boundary);
        }

        int choice = _random.Next(boundaries + (mayEnd ? 1 : 0));
        return choice == boundaries ? read.Remaining : toBoundary + (choice * Boundary);
    }

    private byte UnusedTag()
    {
        int tag = _options.Tags - 1;
        while (tag >= 0 && _reads[tag].IsActive)
        {
            tag--;
        }

        return (byte)tag; // with every tag in use: 255
    }

    private void Remove(int position)
    {
        _reads[_order[position]] = default;
        _count--;
        Array.Copy(_order, position + 1, _order, position, _count - position);
    }

    private struct Read
    {
        public ulong Address;
        public nint HostAddress;
        public int Remaining;
        public long ReadyCycle;
        public ReadFault Fault;
        public bool IsActive;
    }
}

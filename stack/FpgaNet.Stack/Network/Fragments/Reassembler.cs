using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network.Fragments;

/// <summary>What became of a fragment.</summary>
internal enum FragmentVerdict
{
    /// <summary>It waits for the others.</summary>
    Kept,

    /// <summary>It was the last one missing: the datagram is whole.</summary>
    Completed,

    /// <summary>It was here already, byte for byte, and was dropped.</summary>
    Duplicate,

    /// <summary>Dropped: no payload, or payload not in units of 8 bytes although more follows. In IPv6 a parameter problem at the payload length (RFC 8200 §4.5).</summary>
    BadLength,

    /// <summary>Dropped: the datagram would be longer than 65535 bytes. In IPv6 a parameter problem at the fragment offset (RFC 8200 §4.5).</summary>
    TooLong,

    /// <summary>Dropped: a first fragment without all headers (RFC 1858, RFC 3128, RFC 7112). In IPv6 a parameter problem of code 3 may be sent.</summary>
    HeadersIncomplete,

    /// <summary>Dropped, with the whole datagram: it overlaps or contradicts what has come (RFC 5722). Never answered.</summary>
    Inconsistent,

    /// <summary>Dropped: no memory that fragments may use, or too many fragments for one datagram.</summary>
    NoRoom,
}

/// <summary>
/// Puts fragments together again, of IPv4 (RFC 791 §3.2, RFC 815, RFC 1122 §3.3.2) and IPv6 (RFC 8200 §4.5). Overlapping fragments are refused in both families, and
/// with them the datagram (RFC 5722; for IPv4 it is the only reading that cannot be used against who inspects the packets: RFC 3128). An atomic fragment
/// (RFC 6946) is none and never comes here.
/// </summary>
/// <remarks>
/// Fragments stay in the buffers that they came in. A datagram is delivered as one frame that looks as if it had never been cut: by reference when it has no more
/// slices than a frame holds, else copied together once.
/// </remarks>
internal sealed class Reassembler(ReassemblyLimits limits) : IDisposable
{
    private readonly List<PartialDatagram> _datagrams = new(limits.Datagrams); // oldest first
    private readonly Stack<PartialDatagram> _spareDatagrams = new();
    private readonly DatagramAssembly _assembly = new(limits.GatherBuffers);
    private Piece? _sparePieces;
    private int _bytes;

    /// <summary>When <see cref="TryExpire"/> will have something to do.</summary>
    public Instant NextExpiry
    {
        get
        {
            Instant next = Instant.Never;
            foreach (PartialDatagram datagram in _datagrams)
            {
                next = datagram.Expires < next ? datagram.Expires : next;
            }

            return next;
        }
    }

    /// <summary>Datagrams that are being put together.</summary>
    public int Count => _datagrams.Count;

    /// <summary>Bytes of receive buffers that are kept.</summary>
    public int Bytes => _bytes;

    /// <summary>Buffers of its own that are with datagrams which were delivered.</summary>
    public int BuffersInUse => _assembly.BuffersInUse;

    /// <summary>Takes in a fragment.</summary>
    /// <param name="fragment">What it is; its header was checked.</param>
    /// <param name="frame">The frame it came in. When it is kept, the references are taken over and the frame is empty afterwards.</param>
    /// <param name="now">The time.</param>
    /// <param name="datagram">The whole datagram, Ethernet and IP header in front, when it is <see cref="FragmentVerdict.Completed"/>; the caller's.</param>
    public FragmentVerdict Add(in Fragment fragment, ref Frame frame, Instant now, out Frame datagram)
    {
        datagram = default;
        if (fragment.Length <= 0 || (fragment.MoreFragments && (fragment.Length & 7) != 0))
        {
            return FragmentVerdict.BadLength;
        }

        if (DatagramAssembly.IsTooLong(fragment.Key, fragment.PayloadOffset - fragment.NetworkOffset, fragment.Offset + fragment.Length))
        {
            return FragmentVerdict.TooLong;
        }

        if (fragment.Offset == 0 && !HeaderChain.IsWhole(fragment, frame))
        {
            return FragmentVerdict.HeadersIncomplete;
        }

        PartialDatagram partial = Find(fragment.Key) ?? Begin(fragment.Key, now);
        if (partial.IsPoisoned)
        {
            return FragmentVerdict.Inconsistent;
        }

        if (partial.Find(fragment.Offset, fragment.Length, fragment.MoreFragments) is { } twin && SameBytes(twin, fragment, frame))
        {
            return FragmentVerdict.Duplicate;
        }

        if (!partial.TryPlace(fragment.Offset, fragment.Length, fragment.MoreFragments, out Piece? before))
        {
            Poison(partial);
            return FragmentVerdict.Inconsistent;
        }

        if (partial.Count == limits.FragmentsPerDatagram)
        {
            // It can never be completed: what comes yet need not be kept either.
            Poison(partial);
            return FragmentVerdict.NoRoom;
        }

        if (!TryMakeRoom(partial, frame))
        {
            return FragmentVerdict.NoRoom;
        }

        Insert(partial, before, fragment, ref frame);
        return partial.IsComplete ? Complete(partial, out datagram) : FragmentVerdict.Kept;
    }

    /// <summary>Drops one datagram whose time is up; call until it returns false.</summary>
    /// <param name="now">The time.</param>
    /// <param name="first">Its first fragment as it came, the caller's; empty when that has not come. RFC 792 and RFC 4443 §3.3: "time exceeded" code 1 is sent about it alone.</param>
    /// <param name="networkOffset">First byte of the IP header in it.</param>
    public bool TryExpire(Instant now, out Frame first, out int networkOffset)
    {
        first = default;
        networkOffset = 0;
        foreach (PartialDatagram datagram in _datagrams)
        {
            if (datagram.Expires > now)
            {
                continue;
            }

            if (datagram.HasFirstFragment)
            {
                first = datagram.First!.Frame;
                first.AddReferences();
                networkOffset = datagram.First.NetworkOffset;
            }

            Remove(datagram);
            return true;
        }

        return false;
    }

    /// <summary>Drops everything and frees its own buffers.</summary>
    public void Dispose()
    {
        while (_datagrams.Count != 0)
        {
            Remove(_datagrams[^1]);
        }

        _assembly.Dispose();
    }

    private PartialDatagram? Find(in FragmentKey key)
    {
        for (int i = _datagrams.Count - 1; i >= 0; i--)
        {
            if (_datagrams[i].Key == key)
            {
                return _datagrams[i];
            }
        }

        return null;
    }

    private PartialDatagram Begin(in FragmentKey key, Instant now)
    {
        PartialDatagram? oldestOfSource = null;
        int ofSource = 0;
        foreach (PartialDatagram other in _datagrams)
        {
            if (other.Key.Source == key.Source)
            {
                oldestOfSource ??= other;
                ofSource++;
            }
        }

        if (ofSource >= limits.DatagramsPerSource)
        {
            Remove(oldestOfSource!);
        }
        else if (_datagrams.Count >= limits.Datagrams)
        {
            Remove(_datagrams[0]);
        }

        PartialDatagram datagram = _spareDatagrams.TryPop(out PartialDatagram? spare) ? spare : new PartialDatagram();
        datagram.Key = key;
        datagram.Expires = now + (key.Source.IsIPv4 ? limits.IPv4Timeout : limits.IPv6Timeout);
        datagram.Total = -1;
        datagram.EcnSeen = 0;
        datagram.IsPoisoned = false;
        _datagrams.Add(datagram);
        return datagram;
    }

    // Older datagrams give way, as they are the less likely to be completed; but never more than a quarter of the device's buffers must be free for it.
    private bool TryMakeRoom(PartialDatagram forWhom, in Frame frame)
    {
        BufferPool pool = frame.Header.Buffer.Pool;
        int needed = Piece.Footprint(frame);
        while (_bytes + needed > limits.Bytes || pool.Available < pool.BufferCount / 4)
        {
            PartialDatagram? victim = null;
            foreach (PartialDatagram datagram in _datagrams)
            {
                if (datagram != forWhom && datagram.First is not null)
                {
                    victim = datagram;
                    break;
                }
            }

            if (victim is null)
            {
                return false;
            }

            Remove(victim);
        }

        return true;
    }

    private void Insert(PartialDatagram partial, Piece? before, in Fragment fragment, ref Frame frame)
    {
        Piece piece = _sparePieces ?? new Piece();
        _sparePieces = piece.Next;
        piece.Frame = frame;
        piece.NetworkOffset = fragment.NetworkOffset;
        piece.PayloadOffset = fragment.PayloadOffset;
        piece.Offset = fragment.Offset;
        piece.Length = fragment.Length;
        piece.Protocol = fragment.Protocol;
        _bytes += Piece.Footprint(frame);
        frame = default;
        partial.Insert(piece, before);
        partial.EcnSeen |= 1 << fragment.Ecn;
        if (!fragment.MoreFragments)
        {
            partial.Total = piece.End;
        }
    }

    private FragmentVerdict Complete(PartialDatagram partial, out Frame datagram)
    {
        FragmentVerdict verdict = _assembly.Assemble(partial, out datagram);
        Remove(partial);
        return verdict;
    }

    private void Poison(PartialDatagram partial)
    {
        partial.IsPoisoned = true;
        ReleasePieces(partial);
    }

    private void Remove(PartialDatagram partial)
    {
        ReleasePieces(partial);
        _datagrams.Remove(partial);
        _spareDatagrams.Push(partial);
    }

    private void ReleasePieces(PartialDatagram partial)
    {
        while (partial.First is { } piece)
        {
            partial.First = piece.Next;
            _bytes -= Piece.Footprint(piece.Frame);
            piece.Frame.Release();
            piece.Next = _sparePieces;
            _sparePieces = piece;
        }

        partial.Last = null;
        partial.Count = 0;
        partial.Received = 0;
    }

    private static bool SameBytes(Piece twin, in Fragment fragment, in Frame frame)
    {
        Span<byte> mine = stackalloc byte[256];
        Span<byte> other = stackalloc byte[256];
        for (int at = 0; at < fragment.Length; at += mine.Length)
        {
            int count = Math.Min(mine.Length, fragment.Length - at);
            frame.CopyTo(fragment.PayloadOffset + at, mine[..count]);
            twin.Frame.CopyTo(twin.PayloadOffset + at, other[..count]);
            if (!mine[..count].SequenceEqual(other[..count]))
            {
                return false;
            }
        }

        return true;
    }
}

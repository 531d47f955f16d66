using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Transport.Tcp.Recovery;

/// <summary>
/// The records of all that is sent and not acknowledged, in order of sequence, in a ring that grows on demand. Neighbours that cannot be told apart are one record, so that
/// bulk costs one for each burst; a record is split only where a report or a loss ends inside it. What is on its way is counted as marks change, never by looking through.
/// </summary>
/// <param name="rings">Where its ring comes from.</param>
internal sealed class SentSegments(RingPool<SentSegment> rings)
{
    /// <summary>Records at most. A peer that reports every second byte gets no further: reports beyond it are not noted.</summary>
    public const int MaximumCount = 4096;

    /// <summary>Records that only splitting may take.</summary>
    private const int SplitReserve = 1024;

    private Ring<SentSegment> _ring;

    /// <summary>SND.UNA: where the first record begins.</summary>
    public SequenceNumber Start { get; private set; }

    /// <summary>Where the last record ends.</summary>
    public SequenceNumber End => Count == 0 ? Start : this[Count - 1].End;

    /// <summary>Records.</summary>
    public int Count => _ring.Count;

    /// <summary>Whether one more transmission can be recorded; else sending waits for acknowledgements, as with a closed window.</summary>
    public bool HasRoom => Count < MaximumCount - SplitReserve;

    /// <summary>Bytes on their way: neither reported nor lost (RFC 6675 §4, pipe).</summary>
    public int InFlight { get; private set; }

    /// <summary>Bytes of them that were sent again.</summary>
    public int RetransmittedInFlight { get; private set; }

    /// <summary>Bytes that the peer reports to have.</summary>
    public int Sacked { get; private set; }

    /// <summary>Bytes lost and not sent again.</summary>
    public int Lost { get; private set; }

    public ref SentSegment this[int index] => ref _ring[index];

    public SequenceNumber StartOf(int index) => index == 0 ? Start : this[index - 1].End;

    public int LengthOf(int index) => this[index].End - StartOf(index);

    /// <summary>Nothing is on its way, and the next byte is this.</summary>
    public void Reset(SequenceNumber start)
    {
        Start = start;
        _ring.Clear(rings);
        InFlight = RetransmittedInFlight = Sacked = Lost = 0;
    }

    /// <summary>New data was sent.</summary>
    /// <param name="end">Where it ends; it begins at <see cref="End"/>.</param>
    /// <param name="now">Time.</param>
    /// <param name="marks">What is to be known of it.</param>
    /// <returns>The place of its stamp, which is to be filled.</returns>
    public ref DeliveryStamp Push(SequenceNumber end, Instant now, SentMarks marks = SentMarks.None)
    {
        InFlight += end - End;
        if (Count != 0)
        {
            ref SentSegment last = ref this[Count - 1];
            if ((last.Marks | marks) == SentMarks.None && last.SentAt == now)
            {
                last.End = end;
                return ref last.Stamp;
            }
        }

        ref SentSegment added = ref _ring.Add(rings);
        added.End = end;
        added.Marks = marks;
        return ref added.Stamp;
    }

    /// <summary>The record that a byte belongs to; <see cref="Count"/> when there is none.</summary>
    public int Find(SequenceNumber sequence)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (this[middle].End > sequence)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Makes a record begin at a byte inside another one.</summary>
    /// <returns>False when there is no place for one more.</returns>
    public bool TrySplit(int index, SequenceNumber at)
    {
        if (Count == MaximumCount)
        {
            return false;
        }

        SentSegment front = this[index];
        front.End = at;
        _ring.Insert(rings, index, front);
        return true;
    }

    /// <summary>Changes what is known of a record.</summary>
    public void Mark(int index, SentMarks marks)
    {
        int length = LengthOf(index);
        ref SentSegment segment = ref this[index];
        Account(segment.Marks, -length);
        segment.Marks = marks;
        Account(marks, length);
    }

    /// <summary>Makes one record of this one and its neighbours, as far as they are alike.</summary>
    /// <returns>Where the record now is.</returns>
    public int Merge(int index)
    {
        if (index + 1 < Count && AreAlike(this[index], this[index + 1]))
        {
            _ring.RemoveAt(rings, index); // the record behind it takes it in
        }

        if (index > 0 && AreAlike(this[index - 1], this[index]))
        {
            _ring.RemoveAt(rings, --index);
        }

        return index;
    }

    /// <summary>The first record, or the front of it, is acknowledged.</summary>
    /// <param name="to">Where the acknowledged part ends.</param>
    public void RemoveFront(SequenceNumber to)
    {
        ref SentSegment first = ref this[0];
        Account(first.Marks, Start - to);
        Start = to;
        if (first.End <= to)
        {
            _ring.RemoveFirst(rings);
        }
    }

    // What is reported is forgotten but for its extent; of the rest, equals were sent at the same time.
    private static bool AreAlike(in SentSegment one, in SentSegment other) =>
        one.Marks == other.Marks && (one.Is(SentMarks.Sacked) || one.SentAt == other.SentAt);

    private void Account(SentMarks marks, int bytes)
    {
        if ((marks & SentMarks.Sacked) != SentMarks.None)
        {
            Sacked += bytes;
        }
        else if ((marks & SentMarks.Lost) != SentMarks.None)
        {
            Lost += bytes;
        }
        else
        {
            InFlight += bytes;
            RetransmittedInFlight += (marks & SentMarks.Retransmitted) != SentMarks.None ? bytes : 0;
        }
    }
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network.Fragments;

/// <summary>One fragment that waits for the others. The objects are used again and again.</summary>
internal sealed class Piece
{
    public Frame Frame;

    public int NetworkOffset { get; set; }

    public int PayloadOffset { get; set; }

    public int Offset { get; set; }

    public int Length { get; set; }

    public int End => Offset + Length;

    public IpProtocol Protocol { get; set; }

    public Piece? Next { get; set; }

    /// <summary>Bytes of memory that the frame keeps from its pool.</summary>
    public static int Footprint(in Frame frame)
    {
        int bytes = 0;
        for (int i = 0; i < frame.SliceCount; i++)
        {
            bytes += frame[i].Buffer.Capacity;
        }

        return bytes;
    }
}

/// <summary>A datagram of which some fragments have come: its pieces in order of their place, none of which touches another's bytes.</summary>
internal sealed class PartialDatagram
{
    public FragmentKey Key { get; set; }

    public Instant Expires { get; set; }

    public Piece? First { get; set; }

    public Piece? Last { get; set; }

    public int Count { get; set; }

    /// <summary>Bytes of payload that have come.</summary>
    public int Received { get; set; }

    /// <summary>Bytes of payload in all; −1 until the last fragment has come.</summary>
    public int Total { get; set; }

    /// <summary>Bit n: a fragment had ECN field n.</summary>
    public int EcnSeen { get; set; }

    /// <summary>Its fragments contradicted each other: what comes of it yet is dropped too.</summary>
    public bool IsPoisoned { get; set; }

    public bool IsComplete => Received == Total;

    public bool HasFirstFragment => First is { Offset: 0 };

    /// <summary>What the ECN field of the whole is (RFC 3168 §5.3): CE when one has it; null when fragments that may be marked are mixed with ones that may not.</summary>
    public byte? Ecn(byte ofFirst) => EcnSeen switch
    {
        0b0001 => 0,
        _ when (EcnSeen & 0b0001) != 0 => null,
        _ when (EcnSeen & 0b1000) != 0 => 3,
        _ => ofFirst,
    };

    /// <summary>Whether the bytes of a fragment fit in beside those that are here, and where: behind <paramref name="before"/>, or in front when it is null.</summary>
    public bool TryPlace(int offset, int length, bool moreFragments, out Piece? before)
    {
        before = null;
        int end = offset + length;
        if (Total >= 0 ? end > Total || (!moreFragments && end != Total) : !moreFragments && Last is not null && Last.End > end)
        {
            return false;
        }

        if (Last is not null && Last.End <= offset)
        {
            before = Last; // the common order
            return true;
        }

        Piece? after = First;
        while (after is not null && after.Offset < offset)
        {
            before = after;
            after = after.Next;
        }

        return (before is null || before.End <= offset) && (after is null || end <= after.Offset);
    }

    /// <summary>The piece with exactly these bytes' place, if it is here.</summary>
    public Piece? Find(int offset, int length, bool moreFragments)
    {
        for (Piece? piece = First; piece is not null && piece.Offset <= offset; piece = piece.Next)
        {
            if (piece.Offset == offset)
            {
                return piece.Length == length && moreFragments == (piece.End != Total) ? piece : null;
            }
        }

        return null;
    }

    public void Insert(Piece piece, Piece? before)
    {
        if (before is null)
        {
            piece.Next = First;
            First = piece;
        }
        else
        {
            piece.Next = before.Next;
            before.Next = piece;
        }

        if (piece.Next is null)
        {
            Last = piece;
        }

        Count++;
        Received += piece.Length;
    }
}

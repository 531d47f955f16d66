using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace FpgaNet.Packets.Wire;

/// <summary>Kinds of TCP options (IANA "TCP Option Kind Numbers").</summary>
public enum TcpOptionKind : byte
{
    /// <summary>End of the list.</summary>
    End = 0,

    /// <summary>Padding.</summary>
    NoOperation = 1,

    /// <summary>Maximum segment size (RFC 9293 §3.7.1).</summary>
    MaximumSegmentSize = 2,

    /// <summary>Window scale (RFC 7323 §2).</summary>
    WindowScale = 3,

    /// <summary>SACK permitted (RFC 2018 §2).</summary>
    SackPermitted = 4,

    /// <summary>SACK (RFC 2018 §3).</summary>
    Sack = 5,

    /// <summary>Timestamps (RFC 7323 §3).</summary>
    Timestamps = 8,

    /// <summary>User timeout (RFC 5482 §3.1).</summary>
    UserTimeout = 28,

    /// <summary>Fast Open cookie (RFC 7413 §4.1.1).</summary>
    FastOpen = 34,
}

/// <summary>A run of sequence numbers that arrived out of order (RFC 2018 §3).</summary>
/// <param name="Left">First sequence number of the block.</param>
/// <param name="Right">Sequence number just behind the block.</param>
public readonly record struct SackBlock(uint Left, uint Right);

/// <summary>Steps over the options of a TCP header, whatever kind they are.</summary>
public ref struct TcpOptionReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Begins at the first option.</summary>
    /// <param name="options"><see cref="TcpHeader.Options"/>.</param>
    public TcpOptionReader(ReadOnlySpan<byte> options) => _rest = options;

    /// <summary>The option's kind, after <see cref="MoveNext"/>.</summary>
    public TcpOptionKind Kind { get; private set; }

    /// <summary>The option's bytes behind kind and length.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>An option's length was less than two or reached beyond the header (RFC 9293 §3.1, MUST-7).</summary>
    public bool Malformed { get; private set; }

    /// <summary>Goes to the next option that is not padding.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            Kind = (TcpOptionKind)_rest[0];
            if (Kind == TcpOptionKind.NoOperation)
            {
                _rest = _rest[1..];
                continue;
            }

            if (Kind == TcpOptionKind.End)
            {
                break;
            }

            if (_rest.Length < 2 || _rest[1] < 2 || _rest[1] > _rest.Length)
            {
                Malformed = true;
                break;
            }

            Value = _rest[2.._rest[1]];
            _rest = _rest[_rest[1]..];
            return true;
        }

        _rest = default;
        return false;
    }
}

/// <summary>The meaning of a TCP header's options: those that this house understands; the others are passed over.</summary>
public record struct TcpOptions
{
    /// <summary>Most SACK blocks in a header.</summary>
    public const int MaximumSackBlocks = 4;

    // NOP, NOP, Timestamps, length 10: what RFC 7323 appendix A recommends, and nearly every data segment begins its options with.
    private const uint AlignedTimestamps = 0x0101_080A;

    /// <summary>Bytes of options that a header can hold.</summary>
    public const int MaximumLength = TcpHeader.MaximumLength - TcpHeader.MinimumLength;

    /// <summary>Largest segment that the sender wants to receive (RFC 9293 §3.7.1); null: not said.</summary>
    public ushort? MaximumSegmentSize { get; set; }

    /// <summary>Shift count of the window (RFC 7323 §2.2), as it stands there; above 14 it counts as 14. Null: not said.</summary>
    public byte? WindowScale { get; set; }

    /// <summary>The sender can take SACK (RFC 2018 §2).</summary>
    public bool SackPermitted { get; set; }

    /// <summary>There are timestamps.</summary>
    public bool HasTimestamps { get; set; }

    /// <summary>TSval (RFC 7323 §3.2) when <see cref="HasTimestamps"/>.</summary>
    public uint TimestampValue { get; set; }

    /// <summary>TSecr (RFC 7323 §3.2) when <see cref="HasTimestamps"/>.</summary>
    public uint TimestampEchoReply { get; set; }

    /// <summary>The user timeout as it stands there (RFC 5482 §3.1): seconds, or minutes when the highest bit is set; null: not said.</summary>
    public ushort? UserTimeout { get; set; }

    /// <summary>The Fast Open cookie, or the wish for one (RFC 7413 §4.1.1); null: no such option.</summary>
    public FastOpenCookie? FastOpen { get; set; }

    /// <summary>How many of <see cref="Sack"/> count.</summary>
    public int SackBlockCount { get; private set; }

    private SackBlocks _sack;

    /// <summary>Bytes that <see cref="Write"/> will write: a multiple of four.</summary>
    public readonly int EncodedLength =>
        (MaximumSegmentSize.HasValue ? 4 : 0)
        + (HasTimestamps ? SackPermitted ? 10 : 12 : 0)
        + (SackPermitted ? HasTimestamps ? 2 : 4 : 0)
        + (WindowScale.HasValue ? 4 : 0)
        + (UserTimeout.HasValue ? 4 : 0)
        + (FastOpen.HasValue ? FastOpenLength(FastOpen.GetValueOrDefault().Length) : 0)
        + (SackBlockCount > 0 ? 4 + (8 * SackBlockCount) : 0);

    /// <summary>SACK block <paramref name="index"/>; the first is the one that caused the segment (RFC 2018 §4).</summary>
    /// <param name="index">0 to <see cref="SackBlockCount"/> − 1.</param>
    public readonly SackBlock Sack(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)SackBlockCount);
        return _sack[index];
    }

    /// <summary>Appends a SACK block.</summary>
    /// <param name="block">The block.</param>
    /// <returns>False when there is no room for it: four blocks, three beside timestamps.</returns>
    public bool TryAddSack(SackBlock block)
    {
        if (SackBlockCount >= MaximumSackBlocks || EncodedLength + (SackBlockCount == 0 ? 12 : 8) > MaximumLength)
        {
            return false;
        }

        _sack[SackBlockCount++] = block;
        return true;
    }

    /// <summary>Reads options. An option of a known kind whose length is wrong is passed over; of an option that is there twice the last counts.</summary>
    /// <param name="options"><see cref="TcpHeader.Options"/>.</param>
    /// <param name="parsed">Their meaning: what was read before a malformed option, when there is one.</param>
    /// <returns>False when the list is malformed (<see cref="TcpOptionReader.Malformed"/>).</returns>
    public static bool TryParse(ReadOnlySpan<byte> options, out TcpOptions parsed)
    {
        parsed = default;
        if (options.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(options) == AlignedTimestamps)
        {
            parsed.SetTimestamps(options[4..]);
            options = options[12..];
            if (options.IsEmpty)
            {
                return true;
            }
        }

        TcpOptionReader reader = new(options);
        while (reader.MoveNext())
        {
            ReadOnlySpan<byte> value = reader.Value;
            switch (reader.Kind)
            {
                case TcpOptionKind.MaximumSegmentSize when value.Length == 2:
                    parsed.MaximumSegmentSize = BinaryPrimitives.ReadUInt16BigEndian(value);
                    break;
                case TcpOptionKind.WindowScale when value.Length == 1:
                    parsed.WindowScale = value[0];
                    break;
                case TcpOptionKind.SackPermitted when value.IsEmpty:
                    parsed.SackPermitted = true;
                    break;
                case TcpOptionKind.Timestamps when value.Length == 8:
                    parsed.SetTimestamps(value);
                    break;
                case TcpOptionKind.UserTimeout when value.Length == 2:
                    parsed.UserTimeout = BinaryPrimitives.ReadUInt16BigEndian(value);
                    break;
                case TcpOptionKind.FastOpen when FastOpenCookie.IsLegal(value.Length):
                    parsed.FastOpen = new FastOpenCookie(value);
                    break;
                case TcpOptionKind.Sack when (value.Length & 7) == 0:
                    parsed.SackBlockCount = 0;
                    for (; !value.IsEmpty && parsed.SackBlockCount < MaximumSackBlocks; value = value[8..])
                    {
                        parsed._sack[parsed.SackBlockCount++] =
                            new SackBlock(BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt32BigEndian(value[4..]));
                    }

                    break;
            }
        }

        return !reader.Malformed;
    }

    /// <summary>Writes the options in the order and with the padding of RFC 7323 appendix A, aligned to four bytes.</summary>
    /// <param name="destination">Receives them; <see cref="EncodedLength"/> bytes or more.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">They do not fit in 40 bytes.</exception>
    public readonly int Write(Span<byte> destination)
    {
        if (EncodedLength > MaximumLength)
        {
            throw new ArgumentException($"The options take {EncodedLength} bytes; a TCP header holds {MaximumLength}.", nameof(destination));
        }

        int at = 0;
        if (MaximumSegmentSize is { } mss)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, 0x0204_0000u | mss);
            at = 4;
        }

        // SACK permitted takes the place of the two NOPs in front of the timestamps.
        if (SackPermitted || HasTimestamps)
        {
            uint word = (SackPermitted ? 0x0402_0000u : 0x0101_0000u) | (HasTimestamps ? 0x080Au : 0x0101u);
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], word);
            at += 4;
        }

        if (HasTimestamps)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], TimestampValue);
            BinaryPrimitives.WriteUInt32BigEndian(destination[(at + 4)..], TimestampEchoReply);
            at += 8;
        }

        if (WindowScale is { } shift)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], 0x0103_0300u | shift);
            at += 4;
        }

        if (UserTimeout is { } timeout)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], 0x1C04_0000u | timeout);
            at += 4;
        }

        if (FastOpen is { } cookie)
        {
            int end = at + FastOpenLength(cookie.Length);
            destination[at..end].Fill((byte)TcpOptionKind.NoOperation);
            destination[at] = (byte)TcpOptionKind.FastOpen;
            destination[at + 1] = (byte)(2 + cookie.Length);
            cookie.Span.CopyTo(destination[(at + 2)..]);
            at = end;
        }

        if (SackBlockCount > 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[at..], 0x0101_0500u | (uint)(2 + (8 * SackBlockCount)));
            at += 4;
            for (int i = 0; i < SackBlockCount; i++, at += 8)
            {
                BinaryPrimitives.WriteUInt32BigEndian(destination[at..], _sack[i].Left);
                BinaryPrimitives.WriteUInt32BigEndian(destination[(at + 4)..], _sack[i].Right);
            }
        }

        return at;
    }

    private static int FastOpenLength(int cookie) => (2 + cookie + 3) & ~3;

    private void SetTimestamps(ReadOnlySpan<byte> value)
    {
        HasTimestamps = true;
        TimestampValue = BinaryPrimitives.ReadUInt32BigEndian(value);
        TimestampEchoReply = BinaryPrimitives.ReadUInt32BigEndian(value[4..]);
    }

    // As many as 40 bytes of options hold. Inline arrays have no equality of their own, and a record compares its fields.
    [InlineArray(MaximumSackBlocks)]
    private struct SackBlocks : IEquatable<SackBlocks>
    {
        private SackBlock _first;

        public readonly bool Equals(SackBlocks other) => ((ReadOnlySpan<SackBlock>)this).SequenceEqual(other);

        public override readonly bool Equals(object? obj) => obj is SackBlocks other && Equals(other);

        public override readonly int GetHashCode() => HashCode.Combine(this[0], this[1], this[2], this[3]);
    }
}

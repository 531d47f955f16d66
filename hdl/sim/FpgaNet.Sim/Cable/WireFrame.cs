namespace FpgaNet.Sim.Cable;

/// <summary>What is wrong with a frame on the line, on purpose.</summary>
[Flags]
public enum LineDefects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The frame check sequence does not fit the bytes.</summary>
    BadFrameCheck = 1,

    /// <summary>The PHY reports an error inside the frame (RX_ER).</summary>
    PhyError = 2,

    /// <summary>A frame under 60 bytes is not padded.</summary>
    NoPadding = 4,

    /// <summary>The preamble ends without a start delimiter.</summary>
    NoStartDelimiter = 8,

    /// <summary>The preamble lost most of its bytes: one and the delimiter are left, which a receiver must accept.</summary>
    ShortPreamble = 16,

    /// <summary>The carrier falls in the middle: the second half of the frame and its check sequence never come.</summary>
    Cut = 32,
}

/// <summary>A frame on a <see cref="Wire"/>. The objects belong to the wire and are used again.</summary>
public sealed class WireFrame
{
    /// <summary>Longest frame in bytes, without frame check sequence; longer than any card takes, so that oversize can be tested.</summary>
    public const int MaximumLength = 16 * 1024;

    private byte[] _bytes = new byte[2048];

    internal WireFrame()
    {
    }

    /// <summary>From the destination address on, without frame check sequence.</summary>
    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Bytes in the frame.</summary>
    public int Length { get; private set; }

    /// <summary>What is wrong with it.</summary>
    public LineDefects Defects { get; internal set; }

    /// <summary>Makes room for a frame.</summary>
    internal Span<byte> Prepare(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)MaximumLength);
        if (_bytes.Length < length)
        {
            _bytes = new byte[MaximumLength];
        }

        Length = length;
        Defects = LineDefects.None;
        return Bytes;
    }
}

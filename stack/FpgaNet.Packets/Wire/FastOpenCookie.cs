using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FpgaNet.Packets.Wire;

/// <summary>A Fast Open cookie as it stands in the option (RFC 7413 §4.1.1): 4 to 16 bytes, an even number; or none, which asks for one.</summary>
public readonly struct FastOpenCookie : IEquatable<FastOpenCookie>
{
    /// <summary>Most bytes of a cookie.</summary>
    public const int MaximumLength = 16;

    /// <summary>Least bytes of a cookie that is there.</summary>
    public const int MinimumLength = 4;

    private readonly Octets _octets;

    /// <summary>Takes the bytes.</summary>
    /// <param name="cookie">None, or as many as <see cref="IsLegal"/> allows.</param>
    public FastOpenCookie(ReadOnlySpan<byte> cookie)
    {
        if (!IsLegal(cookie.Length))
        {
            throw new ArgumentException($"A cookie does not have {cookie.Length} bytes.", nameof(cookie));
        }

        Length = (byte)cookie.Length;
        cookie.CopyTo(_octets);
    }

    /// <summary>Bytes in it; 0: it asks for a cookie.</summary>
    public byte Length { get; }

    /// <summary>The bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Span => ((ReadOnlySpan<byte>)_octets)[..Length];

    /// <summary>Whether a cookie may have so many bytes.</summary>
    /// <param name="length">Bytes.</param>
    public static bool IsLegal(int length) => length is 0 or (>= MinimumLength and <= MaximumLength) && (length & 1) == 0;

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(FastOpenCookie left, FastOpenCookie right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(FastOpenCookie left, FastOpenCookie right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(FastOpenCookie other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FastOpenCookie other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => Convert.ToHexStringLower(Span);

    [InlineArray(MaximumLength)]
    private struct Octets
    {
        private byte _first;
    }
}

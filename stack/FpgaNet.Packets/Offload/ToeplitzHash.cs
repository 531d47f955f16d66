using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// The receive-side-scaling hash (Microsoft, "RSS hashing functions": Toeplitz) of addresses and ports, with everything that depends on the
/// key alone computed beforehand. The fastest way that the CPU has is chosen once; all give the same number.
/// </summary>
public sealed class ToeplitzHash
{
    /// <summary>Bytes in a key: enough for two IPv6 addresses and two ports.</summary>
    public const int KeyLength = 40;

    /// <summary>Longest input in bytes.</summary>
    public const int MaximumInputLength = KeyLength - 4;

    private readonly byte[] _key;
    private readonly ToeplitzTable _table;
    private readonly ToeplitzClmul _clmul;
    private readonly ToeplitzGfni _gfni;

    /// <summary>Prepares a key.</summary>
    /// <param name="key">Forty bytes.</param>
    /// <exception cref="ArgumentException">The key has another length.</exception>
    public ToeplitzHash(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyLength)
        {
            throw new ArgumentException($"A Toeplitz key has {KeyLength} bytes, not {key.Length}.", nameof(key));
        }

        _key = key.ToArray();
        _table = new ToeplitzTable(key);
        _clmul = new ToeplitzClmul(key);
        _gfni = new ToeplitzGfni(key);
    }

    /// <summary>The key that Microsoft's verification suite for RSS uses, and many drivers by default.</summary>
    public static ReadOnlySpan<byte> DefaultKey =>
    [
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
        0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
    ];

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>The name of the way in use: <c>gfni</c>, <c>pclmulqdq</c> or <c>table</c>.</summary>
    public static string Kernel => ToeplitzGfni.IsSupported ? "gfni" : Pclmulqdq.IsSupported ? "pclmulqdq" : "table";

    /// <summary>Hashes IPv4 addresses.</summary>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The receiver.</param>
    public uint Compute(IPv4Address source, IPv4Address destination)
    {
        Span<byte> input = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(input, source.Value);
        BinaryPrimitives.WriteUInt32BigEndian(input[4..], destination.Value);
        return Compute(input);
    }

    /// <summary>Hashes IPv4 addresses and ports.</summary>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The receiver.</param>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    public uint Compute(IPv4Address source, IPv4Address destination, ushort sourcePort, ushort destinationPort)
    {
        uint ports = ((uint)sourcePort << 16) | destinationPort;
#if NET10_0_OR_GREATER
        if (ToeplitzGfni.Is512Supported)
        {
            return _gfni.Compute512(source.Value, destination.Value, ports);
        }

#endif
        if (Pclmulqdq.IsSupported)
        {
            return _clmul.Compute(source.Value, destination.Value, ports);
        }

        Span<byte> input = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(input, source.Value);
        BinaryPrimitives.WriteUInt32BigEndian(input[4..], destination.Value);
        BinaryPrimitives.WriteUInt32BigEndian(input[8..], ports);
        return Compute(input);
    }

    /// <summary>Hashes IPv6 addresses.</summary>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The receiver.</param>
    public uint Compute(IPv6Address source, IPv6Address destination)
    {
        Span<byte> input = stackalloc byte[32];
        source.Write(input);
        destination.Write(input[16..]);
        return Compute(input);
    }

    /// <summary>Hashes IPv6 addresses and ports.</summary>
    /// <param name="source">The sender.</param>
    /// <param name="destination">The receiver.</param>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    public uint Compute(IPv6Address source, IPv6Address destination, ushort sourcePort, ushort destinationPort)
    {
        Span<byte> input = stackalloc byte[36];
        source.Write(input);
        destination.Write(input[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(input[32..], sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(input[34..], destinationPort);
        return Compute(input);
    }

    /// <summary>Hashes bytes in the order of the specification: source address, destination address, source port, destination port.</summary>
    /// <param name="input">A multiple of four bytes, at most <see cref="MaximumInputLength"/>.</param>
    /// <exception cref="ArgumentException">The length is another one.</exception>
    public uint Compute(ReadOnlySpan<byte> input)
    {
        if (input.Length > MaximumInputLength || (input.Length & 3) != 0)
        {
            throw new ArgumentException($"A Toeplitz input has a multiple of 4 bytes, at most {MaximumInputLength}; not {input.Length}.", nameof(input));
        }

        if (ToeplitzGfni.IsSupported)
        {
            return _gfni.Compute(input);
        }

        return Pclmulqdq.IsSupported ? _clmul.Compute(input) : _table.Compute(input);
    }

    /// <summary>The definition, bit by bit: for every input bit that is 1, the 32 key bits from its position on are added.</summary>
    /// <param name="key">The key, at least four bytes longer than the input.</param>
    /// <param name="input">Any bytes.</param>
    internal static uint Scalar(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input)
    {
        uint hash = 0;
        ulong window = BinaryPrimitives.ReadUInt32BigEndian(key);
        for (int i = 0; i < input.Length; i++)
        {
            window = (window << 8) | (i + 4 < key.Length ? key[i + 4] : 0u);
            for (int bit = 7; bit >= 0; bit--)
            {
                if ((input[i] >> bit & 1) != 0)
                {
                    hash ^= (uint)(window >> (bit + 1));
                }
            }
        }

        return hash;
    }
}

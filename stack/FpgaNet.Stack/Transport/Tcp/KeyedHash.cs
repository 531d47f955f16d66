using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// A secret function of a connection's four-tuple, as RFC 6528 §3, RFC 6056 §3.3.3, RFC 7413 §4.1.2 and SYN cookies want it: whoever does not know the key cannot guess it.
/// SipHash-2-4 (Aumasson and Bernstein, 2012), which is fast enough for every SYN of a flood.
/// </summary>
internal sealed class KeyedHash
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    public KeyedHash(ulong key0, ulong key1)
    {
        _key0 = key0;
        _key1 = key1;
    }

    /// <param name="seed">For simulations; null: a key that nobody knows.</param>
    public KeyedHash(ulong? seed)
    {
        Span<byte> key = stackalloc byte[16];
        key.Clear();
        if (seed is { } fixedSeed)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(key, fixedSeed);
        }
        else
        {
            RandomNumberGenerator.Fill(key);
        }

        _key0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        _key1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
    }

    public uint Compute(byte purpose, IpAddress local, ushort localPort, IpAddress remote, ushort remotePort) =>
        (uint)Compute(purpose, local, localPort, remote, remotePort, 0);

    /// <summary>The function of everything that is given; <paramref name="purpose"/> keeps its uses apart.</summary>
    public ulong Compute(byte purpose, IpAddress local, ushort localPort, IpAddress remote, ushort remotePort, ulong extra) =>
        Compute([local.High, local.Low, remote.High, remote.Low, extra, ((ulong)purpose << 32) | ((uint)localPort << 16) | remotePort]);

    /// <summary>SipHash-2-4 of whole words, which count as little-endian.</summary>
    public ulong Compute(ReadOnlySpan<ulong> words)
    {
        ulong v0 = _key0 ^ 0x736F_6D65_7073_6575;
        ulong v1 = _key1 ^ 0x646F_7261_6E64_6F6D;
        ulong v2 = _key0 ^ 0x6C79_6765_6E65_7261;
        ulong v3 = _key1 ^ 0x7465_6462_7974_6573;
        foreach (ulong word in words)
        {
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
        }

        ulong length = (ulong)words.Length * sizeof(ulong) << 56;
        v3 ^= length;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= length;
        v2 ^= 0xFF;
        for (int i = 0; i < 4; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>A secret function of a connection's four-tuple, as RFC 6528 §3 and RFC 6056 §3.3.3 want it: whoever does not know the key cannot guess it.</summary>
internal sealed class KeyedHash
{
    private readonly byte[] _key = new byte[32];

    public KeyedHash(ulong? seed)
    {
        if (seed is { } fixedSeed)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_key, fixedSeed);
        }
        else
        {
            RandomNumberGenerator.Fill(_key);
        }
    }

    public uint Compute(byte purpose, IpAddress local, ushort localPort, IpAddress remote, ushort remotePort)
    {
        Span<byte> input = stackalloc byte[37];
        local.IPv6.Write(input);
        remote.IPv6.Write(input[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(input[32..], localPort);
        BinaryPrimitives.WriteUInt16BigEndian(input[34..], remotePort);
        input[36] = purpose;
        Span<byte> output = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, input, output);
        return BinaryPrimitives.ReadUInt32LittleEndian(output);
    }
}

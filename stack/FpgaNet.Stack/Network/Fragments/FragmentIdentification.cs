using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Fragments;

/// <summary>
/// Identifications of datagrams that are cut: unique for as long as two of the same addresses can be on their way together (RFC 6864 §4.3), and not to be guessed
/// from those that another host sees (RFC 7739 §5.3: counters behind one secret hash, from a start that is another).
/// </summary>
internal sealed class FragmentIdentification(ulong? seed)
{
    private const int Counters = 1024;

    private readonly SipHash _hash = SipHash.Create(seed);
    private readonly uint[] _counters = new uint[Counters];

    /// <summary>The next number from one address to another; IPv4 takes its low 16 bits.</summary>
    public uint Next(IpAddress source, IpAddress destination, IpProtocol protocol)
    {
        Span<byte> input = stackalloc byte[33];
        MemoryMarshal.Write(input, source);
        MemoryMarshal.Write(input[16..], destination);
        input[32] = (byte)protocol;
        ulong hash = _hash.Compute(input);
        return (uint)(hash >> 32) + _counters[hash & (Counters - 1)]++;
    }
}

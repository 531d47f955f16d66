using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// A secret function of a connection's four-tuple, as RFC 6528 §3, RFC 6056 §3.3.3, RFC 7413 §4.1.2 and SYN cookies want it: whoever does not know the key cannot guess it,
/// and it is fast enough for every SYN of a flood.
/// </summary>
internal sealed class KeyedHash(SipHash function)
{
    public uint Compute(byte purpose, IpAddress local, ushort localPort, IpAddress remote, ushort remotePort) =>
        (uint)Compute(purpose, local, localPort, remote, remotePort, 0);

    /// <summary>The function of everything that is given; <paramref name="purpose"/> keeps its uses apart.</summary>
    public ulong Compute(byte purpose, IpAddress local, ushort localPort, IpAddress remote, ushort remotePort, ulong extra) =>
        Compute([local.High, local.Low, remote.High, remote.Low, extra, ((ulong)purpose << 32) | ((uint)localPort << 16) | remotePort]);

    public ulong Compute(ReadOnlySpan<ulong> words) => function.Compute(MemoryMarshal.AsBytes(words));
}

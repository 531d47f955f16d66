using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>What a packet is to have that its destination does not say. <c>default</c> is what most packets have.</summary>
internal readonly struct PacketOptions
{
    /// <summary>Differentiated services code point and ECN (RFC 2474, RFC 3168).</summary>
    public byte TrafficClass { get; init; }

    /// <summary>Time to live or hop limit; 0: the interface's.</summary>
    public byte HopLimit { get; init; }

    /// <summary>Routers may cut it: DF is not set (IPv4).</summary>
    public bool MayBeCut { get; init; }

    /// <summary>A group's members on this host get it too, as if it had come through the interface that it leaves by.</summary>
    public bool Loops { get; init; }

    /// <summary>It does not leave the host: only members here get it.</summary>
    public bool StaysHere { get; init; }

    /// <summary>When it leaves; <c>default</c>: at once. A time that the device keeps stands in the frame instead.</summary>
    public Instant Launch { get; init; }
}

using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation.Fuzzing;

/// <summary>Whom frames are made for, and what an attacker knows of it: everything, so that what lies just beside the permitted is met often.</summary>
internal sealed class FuzzTarget
{
    public required MacAddress Mac { get; init; }

    public required IPv4Address Address { get; init; }

    public required IPv6Address Address6 { get; init; }

    /// <summary>The honest peer, in whose name the attacker speaks blindly.</summary>
    public required IPv4Address Peer { get; init; }

    public required IPv6Address Peer6 { get; init; }

    /// <summary>The attacker's own addresses, whose connections it may do with what it likes.</summary>
    public required IPv4Address Attacker { get; init; }

    public required IPv6Address Attacker6 { get; init; }

    public required MacAddress AttackerMac { get; init; }

    /// <summary>Ports where somebody listens for TCP.</summary>
    public required IReadOnlyList<ushort> TcpPorts { get; init; }

    /// <summary>Ports with a UDP socket.</summary>
    public required IReadOnlyList<ushort> UdpPorts { get; init; }

    /// <summary>The victim's connections now.</summary>
    public required Func<IReadOnlyList<TcpConnection>> Connections { get; init; }
}

using System.Net;

namespace FpgaNet.Sockets;

/// <summary>Where a datagram was sent to and by which interface it came, as System.Net.Sockets has it (whose own type cannot be made by others).</summary>
/// <param name="Address">The destination address that it carried.</param>
/// <param name="Interface">Index of the interface.</param>
public readonly record struct IPPacketInformation(IPAddress Address, int Interface);

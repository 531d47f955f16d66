using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Driver.Flows;

/// <summary>What tells a flow from all others, as its received packets show it.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Source">The sender's address.</param>
/// <param name="Destination">The receiver's address, of the same family.</param>
/// <param name="SourcePort">The sender's port.</param>
/// <param name="DestinationPort">The receiver's port.</param>
public readonly record struct FlowKey(
    TransportProtocol Protocol, IpAddress Source, IpAddress Destination, ushort SourcePort, ushort DestinationPort);

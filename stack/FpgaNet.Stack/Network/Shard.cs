using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>Which flows a stack serves that is one of several on a device with several queues.</summary>
/// <param name="Steering">The device's rule.</param>
/// <param name="Index">The stack's queue.</param>
internal sealed record Shard(FlowSteering Steering, int Index)
{
    /// <summary>Whether a connection's segments arrive here.</summary>
    public bool OwnsTcp(IpAddress local, IpAddress remote, ushort localPort, ushort remotePort) =>
        Steering.QueueOf(remote, local, remotePort, localPort) == Index;

    /// <summary>Whether a port's datagrams arrive here.</summary>
    public bool OwnsUdp(ushort localPort) => Steering.QueueOfUdp(localPort) == Index;
}

using FpgaNet.Packets.Devices;

namespace FpgaNet.Stack.Network;

/// <summary>Who sees all frames of all interfaces: packet sockets. The stack has one while somebody looks, and none else.</summary>
internal interface IFrameObserver
{
    /// <summary>A frame came in. Who keeps it takes further references.</summary>
    void Received(NetworkInterface network, in RxFrame frame);

    /// <summary>A frame is on its way out; what is owed to it is not paid yet. Who keeps it takes further references.</summary>
    void Sent(NetworkInterface network, in TxFrame frame);
}

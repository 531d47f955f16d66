namespace FpgaNet.Stack.Network;

/// <summary>Who sees the IP packets for this host whatever they carry: raw sockets. The network layer has one while somebody looks, and none else.</summary>
internal interface IPacketObserver
{
    /// <summary>A packet came whose IP headers were checked; what it carries was not.</summary>
    /// <param name="packet">The packet; who keeps it takes further references.</param>
    /// <returns>Whether somebody speaks its protocol.</returns>
    bool Observe(in IpPacket packet);

    /// <summary>As <see cref="ITransportProtocol.HasSent"/>.</summary>
    bool HasSent(in SentPacket packet);

    /// <summary>As <see cref="ITransportProtocol.Undeliverable"/>.</summary>
    void Undeliverable(in SentPacket packet, DeliveryFailure reason);
}

using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Dhcp;

/// <summary>What the protocol needs of the interface that it configures.</summary>
internal interface IDhcpLink
{
    /// <summary>Sends a message from port 68 to port 67.</summary>
    /// <param name="message">The message.</param>
    /// <param name="source">From this address; 0.0.0.0 while there is none.</param>
    /// <param name="destination">To this address; 255.255.255.255 to all.</param>
    void Send(ReadOnlySpan<byte> message, IPv4Address source, IPv4Address destination);

    /// <summary>Asks the link whether somebody has an address; the answer goes to <see cref="DhcpProtocol.Probed"/>.</summary>
    void Probe(IPv4Address address);

    /// <summary>The address may be used from now on; also when a lease was prolonged, perhaps with other parameters.</summary>
    void Bound(DhcpLease lease);

    /// <summary>The address must not be used any more.</summary>
    void Lost();
}

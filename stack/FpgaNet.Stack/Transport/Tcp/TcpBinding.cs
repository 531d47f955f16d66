using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// A local port that is taken (Linux's <c>struct inet_bind_bucket</c>): by a socket that was bound, by a listener, and by all connections that came of either, TIME-WAIT included. The
/// port is free again once nobody holds it any more.
/// </summary>
/// <param name="tcp">What it belongs to.</param>
/// <param name="localAddress">Our address, 0.0.0.0 or ::.</param>
/// <param name="port">The port; 0: <see cref="TcpProtocol.TryBind"/> chooses one.</param>
internal sealed class TcpBinding(TcpProtocol tcp, IpAddress localAddress, ushort port) : IPortUser<TcpBinding>
{
    private int _holders;
    private int _owners;

    /// <inheritdoc/>
    public IpAddress LocalAddress { get; } = localAddress;

    /// <inheritdoc/>
    public ushort Port { get; set; } = port;

    /// <inheritdoc/>
    public TcpBinding? NextOnPort { get; set; }

    /// <inheritdoc/>
    public bool IsIPv6Only { get; init; }

    /// <inheritdoc/>
    public int Interface { get; set; }

    /// <inheritdoc/>
    public PortSharing Sharing { get; set; }

    /// <inheritdoc/>
    public uint UserId { get; init; }

    /// <summary>Who accepts connections on it; null: nobody.</summary>
    public TcpListener? Listener { get; set; }

    /// <inheritdoc/>
    public bool IsListening => Listener is not null;

    /// <summary>A socket is bound to it, or listens. Otherwise connections alone hold it, each with an address of its own.</summary>
    public bool IsOwned => _owners > 0;

    /// <summary>One more holds it.</summary>
    /// <param name="owns">A socket or a listener; otherwise a connection.</param>
    public void Hold(bool owns = false)
    {
        _holders++;
        _owners += owns ? 1 : 0;
    }

    /// <summary>One less holds it.</summary>
    /// <param name="owns">As with <see cref="Hold"/>.</param>
    /// <returns>Whether it was the last.</returns>
    public bool Release(bool owns)
    {
        _owners -= owns ? 1 : 0;
        return --_holders == 0;
    }

    /// <inheritdoc/>
    public bool Holds(TcpBinding other) => PortTable<TcpBinding>.Overlap(this, other) && (IsOwned || tcp.HasConnection(this, other));

    /// <inheritdoc/>
    public int Fit(IpAddress remote, ushort remotePort, int network) =>
        Listener is null || (Interface != 0 && Interface != network) ? -1 : Interface != 0 ? 1 : 0;
}

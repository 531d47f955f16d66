using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Listeners and connections to be opened: their ports (RFC 6056) and initial numbers (RFC 6528, RFC 7323 §5.4).</summary>
internal sealed partial class TcpProtocol
{
    // RFC 6056 §3.2: as many as possible.
    private const int FirstEphemeralPort = 1024;

    // Room for what of an earlier connection may still be on its way.
    private const int ReuseDistance = 65536;

    private uint _ephemeralCounter;

    /// <summary>Begins to listen.</summary>
    /// <returns>Null when the port is in use.</returns>
    public TcpListener? TryListen(IpAddress local, ushort port, int backlog)
    {
        if (port == 0)
        {
            for (int i = 0; i < 65536 - FirstEphemeralPort && (port == 0 || _listeners.IsUsed(port)); i++)
            {
                port = EphemeralPort(local, default, 0, i);
            }
        }

        TcpListener listener = new(this, local, port, Math.Max(backlog, 1));
        return _listeners.TryAdd(listener) ? listener : null;
    }

    /// <summary>Makes a connection to be opened.</summary>
    /// <returns>Null when no port is free, or the one asked for is in use.</returns>
    /// <param name="path">How to reach the peer.</param>
    /// <param name="remotePort">The peer's port.</param>
    /// <param name="localPort">Ours; 0: a free one.</param>
    public TcpConnection? TryCreate(Destination path, ushort remotePort, ushort localPort)
    {
        if (IsFull)
        {
            return null;
        }

        for (int i = 0; i < 65536 - FirstEphemeralPort; i++)
        {
            ushort port = localPort != 0 ? localPort : EphemeralPort(path.Source, path.Address, remotePort, i);
            if (Context.Options.Shard is { } shard && !shard.OwnsTcp(path.Source, path.Address, port, remotePort))
            {
                if (localPort != 0)
                {
                    break;
                }

                continue; // the answers would arrive elsewhere
            }

            int scope = path.Address.NeedsScope ? path.Interface.Index : 0;
            FlowKey key = new(path.Source, path.Address, ((uint)remotePort << 16) | port, scope);
            TcpConnection? old = _listeners.IsUsed(port) ? null : _flows.Find(key);
            if (!_listeners.IsUsed(port) && old is null or { MayBeReplaced: true })
            {
                _ephemeralCounter++;
                SequenceNumber iss = InitialSequence(key, old?.HighestSent);
                old?.Fail(SocketError.Success);
                TcpConnection connection = new(this, path, remotePort, port, iss);
                Add(connection);
                return connection;
            }

            if (localPort != 0)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>RFC 6528 §3: ISN = M + F(four-tuple, secret key), where M counts 4 µs; beyond what an earlier connection of the four-tuple has used (RFC 9293 §3.6.1, MAY-2).</summary>
    public SequenceNumber InitialSequence(in FlowKey key, SequenceNumber? used = null)
    {
        SequenceNumber iss = new((uint)(Context.Now.Ticks / 40) + _secret.Compute(0, key.Local, key.LocalPort, key.Remote, key.RemotePort));
        return used is { } last && iss <= last ? last + ReuseDistance : iss;
    }

    /// <summary>RFC 7323 §5.4: time stamps begin somewhere else for every pair of hosts.</summary>
    public uint TimestampOffset(in FlowKey key) => _secret.Compute(1, key.Local, 0, key.Remote, 0);

    /// <summary>Our time stamp.</summary>
    public uint TimestampNow(in FlowKey key) => (uint)Context.Now.Milliseconds + TimestampOffset(key);

    // RFC 6056 §3.3.3, algorithm 3: a counter, offset by a secret function of the destination.
    private ushort EphemeralPort(IpAddress local, IpAddress remote, ushort remotePort, int attempt)
    {
        uint offset = _secret.Compute(2, local, 0, remote, remotePort);
        return (ushort)(FirstEphemeralPort + ((offset + _ephemeralCounter + (uint)attempt) % (65536 - FirstEphemeralPort)));
    }
}

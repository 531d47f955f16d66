using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Connections to be opened: their ports (RFC 6056) and initial numbers (RFC 6528, RFC 7323 §5.4).</summary>
internal sealed partial class TcpProtocol
{
    // RFC 6056 §3.2: as many as possible.
    private const int FirstEphemeralPort = 1024;

    // Room for what of an earlier connection may still be on its way.
    private const int ReuseDistance = 65536;

    private uint _ephemeralCounter;

    /// <summary>Makes a connection to be opened.</summary>
    /// <param name="path">How to reach the peer.</param>
    /// <param name="remotePort">The peer's port.</param>
    /// <param name="localPort">Ours; 0: a free one.</param>
    /// <param name="sharing">Who may be bound to the port beside it.</param>
    /// <returns>Null when no port is free, or the one asked for is in use.</returns>
    public TcpConnection? TryCreate(Destination path, ushort remotePort, ushort localPort, PortSharing sharing)
    {
        int scope = ScopeOf(path);
        for (int i = 0; i < 65536 - FirstEphemeralPort; i++)
        {
            ushort port = localPort != 0 ? localPort : EphemeralPort(path.Source, path.Address, remotePort, i);
            FlowKey key = new(path.Source, path.Address, ((uint)remotePort << 16) | port, scope);
            TcpBinding? binding = _bindings.First(port);
            if (MayConnect(binding, isChosen: localPort != 0) && CanAdd(key, out TcpConnection? old))
            {
                _ephemeralCounter++;
                return Create(path, key, old, TakeAutomatic(binding, port, sharing));
            }

            if (localPort != 0)
            {
                break; // else the answers might arrive elsewhere, or somebody has the port
            }
        }

        return null;
    }

    /// <summary>Makes a connection to be opened from a port that was taken before; others may go from there to other peers.</summary>
    /// <param name="path">How to reach the peer.</param>
    /// <param name="remotePort">The peer's port.</param>
    /// <param name="binding">Our port.</param>
    /// <returns>Null when there is a connection between the same ends, or the answers would arrive at another shard.</returns>
    public TcpConnection? TryCreate(Destination path, ushort remotePort, TcpBinding binding)
    {
        FlowKey key = new(path.Source, path.Address, ((uint)remotePort << 16) | binding.Port, ScopeOf(path));
        return CanAdd(key, out TcpConnection? old) ? Create(path, key, old, binding) : null;
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

    private static int ScopeOf(Destination path) => path.Address.NeedsScope ? path.Interface.Index : 0;

    // What connections have chosen for themselves is open to others; what somebody is bound to is so only when the caller insists, and nobody listens there.
    private static bool MayConnect(TcpBinding? first, bool isChosen)
    {
        for (TcpBinding? binding = first; binding is not null; binding = binding.NextOnPort)
        {
            if (isChosen ? binding.IsListening : binding.IsOwned)
            {
                return false;
            }
        }

        return true;
    }

    private bool CanAdd(in FlowKey key, out TcpConnection? old)
    {
        old = _flows.Find(key);
        return !IsFull && old is null or { MayBeReplaced: true }
            && Context.Options.Shard?.OwnsTcp(key.Local, key.Remote, key.LocalPort, key.RemotePort) != false; // else the answers would arrive elsewhere
    }

    private TcpConnection Create(Destination path, in FlowKey key, TcpConnection? old, TcpBinding binding)
    {
        SequenceNumber iss = InitialSequence(key, old?.HighestSent);
        binding.Hold(); // it may be the old one's
        old?.Fail(SocketError.Success);
        TcpConnection connection = new(this, path, key.RemotePort, key.LocalPort, iss);
        Add(connection, binding);
        Release(binding, owns: false);
        return connection;
    }
}

using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Which ports are taken, by whom, and who listens there.</summary>
internal sealed partial class TcpProtocol
{
    private readonly PortTable<TcpBinding> _bindings;

    /// <summary>Takes a port for a socket.</summary>
    /// <param name="binding">What is wanted; with port 0 one is chosen that nobody has.</param>
    /// <returns>False when it is in use. Otherwise the caller owns it, until <see cref="Release"/>.</returns>
    public bool TryBind(TcpBinding binding)
    {
        if (binding.Port == 0)
        {
            for (int i = 0; i < 65536 - FirstEphemeralPort && (binding.Port == 0 || _bindings.IsUsed(binding.Port)); i++)
            {
                binding.Port = EphemeralPort(binding.LocalAddress, default, 0, i);
            }

            _ephemeralCounter++;
        }

        if (!_bindings.TryAdd(binding))
        {
            return false;
        }

        binding.Hold(owns: true);
        return true;
    }

    /// <summary>Begins to listen on a port that is taken already.</summary>
    /// <param name="binding">The port.</param>
    /// <param name="backlog">Established connections that may wait to be accepted.</param>
    /// <returns>Null when somebody else listens there: sharing an address (<see cref="PortSharing.Address"/>) does not go that far.</returns>
    public TcpListener? TryListen(TcpBinding binding, int backlog)
    {
        if (_bindings.IsTaken(binding))
        {
            return null;
        }

        binding.Hold(owns: true);
        binding.Listener = new TcpListener(this, binding, backlog);
        return binding.Listener;
    }

    /// <summary>Takes a port and begins to listen, beside connections that are there (RFC 9293 §3.9.1.1, MUST-42).</summary>
    /// <returns>Null when somebody else listens there or is bound to it.</returns>
    public TcpListener? TryListen(IpAddress local, ushort port, int backlog)
    {
        TcpBinding binding = new(this, local, port) { Sharing = PortSharing.Address };
        if (!TryBind(binding))
        {
            return null;
        }

        TcpListener? listener = TryListen(binding, Math.Max(backlog, 1));
        Release(binding, owns: true);
        return listener;
    }

    /// <summary>Somebody gives a port up; others may keep it.</summary>
    /// <param name="binding">The port.</param>
    /// <param name="owns">A socket or a listener; otherwise a connection.</param>
    public void Release(TcpBinding binding, bool owns)
    {
        if (binding.Release(owns))
        {
            _bindings.Remove(binding);
        }
    }

    /// <summary>Nobody listens there any more.</summary>
    public void Remove(TcpListener listener)
    {
        TcpBinding binding = listener.Binding;
        binding.Listener = null;
        Release(binding, owns: true);
    }

    /// <summary>Whether a connection on a port has one of the addresses that are wanted there.</summary>
    public bool HasConnection(TcpBinding binding, TcpBinding wanted)
    {
        foreach (TcpConnection? connection in _flows.Places)
        {
            if (connection?.Binding == binding && PortTable<TcpBinding>.Covers(wanted, connection.LocalAddress))
            {
                return true;
            }
        }

        return false;
    }

    // The port of connections that did not ask for one: as many as go to different peers have the same.
    private TcpBinding TakeAutomatic(TcpBinding? there, ushort port, PortSharing sharing)
    {
        if (there is not null)
        {
            there.Sharing &= there.IsOwned ? there.Sharing : sharing;
            return there;
        }

        TcpBinding binding = new(this, IpAddress.Any, port) { Sharing = sharing };
        _bindings.Add(binding);
        return binding;
    }

    /// <summary>Who listens for a connection.</summary>
    private TcpListener? FindListener(in FlowKey key, int network)
    {
        TcpListener? listener = _bindings.Find(key.Local, key.LocalPort, key.Remote, key.RemotePort, network)?.Listener;
        if (listener is null || (listener.Binding.Sharing & PortSharing.Port) == PortSharing.None)
        {
            return listener;
        }

        // Who shares the port may have come or gone since the SYN: whoever answered it goes on.
        for (TcpBinding? other = _bindings.First(key.LocalPort); other is not null; other = other.NextOnPort)
        {
            if (other.Listener is { } answered && answered.HasHalfOpen(key))
            {
                return answered;
            }
        }

        return listener;
    }
}

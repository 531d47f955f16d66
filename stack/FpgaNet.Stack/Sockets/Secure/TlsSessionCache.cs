using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>Sessions of clients, by the server's address and name, so that the next handshake with it is shorter (TLS_SESSION_CACHE). It may be used from any thread.</summary>
internal sealed class TlsSessionCache
{
    private const int Capacity = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<(SockAddr Peer, string? Name), nint> _sessions = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>Keeps a session for the next connection, in the place of an earlier one.</summary>
    public void Put(in SockAddr peer, string? name, TlsSession session)
    {
        nint resumption = session.TakeResumption();
        if (resumption == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_sessions.Remove((peer, name), out nint earlier))
            {
                OpenSsl.SSL_SESSION_free(earlier);
            }

            if (_sessions.Count == Capacity)
            {
                PurgeLocked();
            }

            _sessions[(peer, name)] = resumption;
        }
    }

    /// <summary>Lets a new connection go on with an earlier session, if there is one.</summary>
    public void Resume(in SockAddr peer, string? name, TlsSession session)
    {
        lock (_gate)
        {
            if (_sessions.TryGetValue((peer, name), out nint resumption))
            {
                session.Resume(resumption);
            }
        }
    }

    /// <summary>Forgets all (TLS_SESSION_CACHE_PURGE).</summary>
    public void Purge()
    {
        lock (_gate)
        {
            PurgeLocked();
        }
    }

    private void PurgeLocked()
    {
        foreach (nint resumption in _sessions.Values)
        {
            OpenSsl.SSL_SESSION_free(resumption);
        }

        _sessions.Clear();
    }
}

using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>By what a connection is known.</summary>
/// <param name="Local">Our address.</param>
/// <param name="Remote">The peer's.</param>
/// <param name="Ports">The peer's port in the upper half, ours in the lower.</param>
/// <param name="Scope">Index of the interface when the peer's address means something on one link only, else 0.</param>
internal readonly record struct FlowKey(IpAddress Local, IpAddress Remote, uint Ports, int Scope)
{
    public ushort RemotePort => (ushort)(Ports >> 16);

    public ushort LocalPort => (ushort)Ports;
}

/// <summary>
/// Finds a segment's connection without allocating: open addressing over a hash of the four-tuple, and before it a table by the device's own
/// hash (<see cref="RxOffload.Hash"/>). What key a device hashes with need not be known: the place is learnt from the first segment.
/// </summary>
internal sealed class FlowTable
{
    private const int LearntPlaces = 4096;

    private readonly ulong _seed;
    private readonly TcpConnection?[] _learnt = new TcpConnection?[LearntPlaces];
    private TcpConnection?[] _places = new TcpConnection?[64];
    private TcpConnection? _last; // the one found last: what comes next is often its as well

    public FlowTable(ulong seed) => _seed = seed;

    /// <summary>Connections in the table.</summary>
    public int Count { get; private set; }

    /// <summary>All connections, and places where none is.</summary>
    public ReadOnlySpan<TcpConnection?> Places => _places;

    /// <summary>The connection of a segment, or null.</summary>
    public TcpConnection? Find(in FlowKey key, in RxOffload offload)
    {
        int place = -1;
        if (offload.HashType is RssHashType.TcpIPv4 or RssHashType.TcpIPv6)
        {
            place = (int)(offload.Hash & (LearntPlaces - 1));
            TcpConnection? learnt = _learnt[place];
            if (learnt is not null && learnt.Key == key)
            {
                return learnt;
            }
        }

        TcpConnection? found = Find(key);
        if (found is not null && place >= 0)
        {
            Forget(found);
            if (_learnt[place] is { } other)
            {
                other.HashPlace = -1;
            }

            _learnt[place] = found;
            found.HashPlace = place;
        }

        return found;
    }

    /// <summary>The connection of a four-tuple, or null.</summary>
    public TcpConnection? Find(in FlowKey key)
    {
        if (_last is { } last && last.Key == key)
        {
            return last;
        }

        int mask = _places.Length - 1;
        for (int i = Home(key); ; i = (i + 1) & mask)
        {
            TcpConnection? connection = _places[i];
            if (connection is null)
            {
                return null;
            }

            if (connection.Key == key)
            {
                return _last = connection;
            }
        }
    }

    /// <summary>Adds a connection that is not there yet.</summary>
    public void Add(TcpConnection connection)
    {
        if ((Count + 1) * 2 > _places.Length)
        {
            TcpConnection?[] old = _places;
            _places = new TcpConnection?[old.Length * 2];
            foreach (TcpConnection? moved in old)
            {
                if (moved is not null)
                {
                    Place(moved);
                }
            }
        }

        Place(connection);
        Count++;
    }

    /// <summary>Takes a connection out.</summary>
    public void Remove(TcpConnection connection)
    {
        Forget(connection);
        _last = _last == connection ? null : _last;
        int mask = _places.Length - 1;
        int hole = Home(connection.Key);
        while (_places[hole] != connection)
        {
            if (_places[hole] is null)
            {
                return;
            }

            hole = (hole + 1) & mask;
        }

        // Knuth 6.4, algorithm R: what follows moves up, so that no search ends too early.
        for (int i = (hole + 1) & mask; _places[i] is { } next; i = (i + 1) & mask)
        {
            int home = Home(next.Key);
            if (((i - home) & mask) >= ((i - hole) & mask))
            {
                _places[hole] = next;
                hole = i;
            }
        }

        _places[hole] = null;
        Count--;
    }

    /// <summary>All connections, for those who end them all.</summary>
    public List<TcpConnection> ToList()
    {
        List<TcpConnection> all = new(Count);
        foreach (TcpConnection? connection in _places)
        {
            if (connection is not null)
            {
                all.Add(connection);
            }
        }

        return all;
    }

    private void Forget(TcpConnection connection)
    {
        if (connection.HashPlace >= 0)
        {
            _learnt[connection.HashPlace] = null;
            connection.HashPlace = -1;
        }
    }

    private void Place(TcpConnection connection)
    {
        int i = Home(connection.Key);
        while (_places[i] is not null)
        {
            i = (i + 1) & (_places.Length - 1);
        }

        _places[i] = connection;
    }

    private int Home(in FlowKey key)
    {
        // The two halves are multiplied, not added: whoever chooses an address must not be able to cancel one with the other.
        ulong high = Math.BigMul(key.Remote.High ^ _seed, key.Remote.Low ^ 0xA076_1D64_78BD_642F, out ulong low);
        ulong mixed = (high ^ low ^ key.Ports ^ (key.Local.Low << 17)) * 0x9E37_79B9_7F4A_7C15;
        mixed ^= mixed >> 32;
        mixed *= 0xD6E8_FEB8_6659_FD93;
        return (int)(mixed >> 33) & (_places.Length - 1);
    }
}

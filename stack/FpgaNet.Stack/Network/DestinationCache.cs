namespace FpgaNet.Stack.Network;

/// <summary>
/// The destinations that were used lately (RFC 4861 §5.1). Entries that somebody holds stay; of the others there are so many at most, and the one used longest
/// ago is taken for a new address, so that a flood of addresses neither grows the cache nor allocates.
/// </summary>
internal sealed class DestinationCache(int capacity)
{
    private readonly Dictionary<DestinationKey, Destination> _entries = [];
    private readonly LinkedList<Destination> _idle = new();

    /// <summary>Entries, held or not.</summary>
    public int Count => _entries.Count;

    /// <summary>All entries.</summary>
    public IEnumerable<Destination> Entries => _entries.Values;

    /// <summary>The entry for a key, or null. It counts as used.</summary>
    public Destination? Find(in DestinationKey key)
    {
        Destination? entry = Peek(key);
        if (entry?.IdleNode is { List: not null } node && node != _idle.Last)
        {
            _idle.Remove(node);
            _idle.AddLast(node);
        }

        return entry;
    }

    /// <summary>The entry for a key, or null, without counting it as used.</summary>
    public Destination? Peek(in DestinationKey key) => _entries.TryGetValue(key, out Destination? entry) ? entry : null;

    /// <summary>Adds an entry for a key that has none.</summary>
    public Destination Add(in DestinationKey key, NetworkInterface network)
    {
        Destination entry;
        if (_idle.Count >= capacity && _idle.First is { } oldest)
        {
            entry = oldest.Value;
            _entries.Remove(entry.Key);
            _idle.Remove(oldest);
            entry.Interface = network;
        }
        else
        {
            entry = new Destination { Interface = network };
            entry.IdleNode = new LinkedListNode<Destination>(entry);
        }

        entry.Assign(key, key.Address);
        _entries.Add(key, entry);
        _idle.AddLast(entry.IdleNode!);
        return entry;
    }

    /// <summary>Keeps an entry until <see cref="Release"/>.</summary>
    public void Hold(Destination entry)
    {
        if (entry.Users++ == 0)
        {
            _idle.Remove(entry.IdleNode!);
        }
    }

    /// <summary>Gives a hold back.</summary>
    public void Release(Destination entry)
    {
        if (--entry.Users != 0)
        {
            return;
        }

        if (_idle.Count >= capacity)
        {
            _entries.Remove(entry.Key);
        }
        else
        {
            _idle.AddLast(entry.IdleNode!);
        }
    }
}

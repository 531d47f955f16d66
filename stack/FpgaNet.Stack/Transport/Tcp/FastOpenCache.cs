using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>A client's Fast Open cookies (RFC 7413 §4.1.3), and where Fast Open does not work (§4.1.3.1, §7.3). Bounded: the entry that was made first goes.</summary>
internal sealed class FastOpenCache(int capacity)
{
    private readonly Dictionary<IpAddress, Entry> _entries = [];
    private readonly Queue<IpAddress> _order = new();

    public int Count => _entries.Count;

    /// <summary>The cookie for a server and the segment size that it had said; none: a cookie may be asked for; null: Fast Open is not to be tried there now.</summary>
    public (FastOpenCookie Cookie, int SegmentSize)? Find(IpAddress server, Instant now)
    {
        if (!_entries.TryGetValue(server, out Entry entry))
        {
            return (default, 0);
        }

        return now < entry.AvoidedUntil ? null : (entry.Cookie, entry.SegmentSize);
    }

    /// <summary>Whether there is a cookie for a server.</summary>
    public bool HasCookie(IpAddress server, Instant now) => Find(server, now) is { Cookie.Length: > 0 };

    /// <summary>A server has given a cookie.</summary>
    public void Learn(IpAddress server, FastOpenCookie cookie, int segmentSize) => Set(server, new Entry(cookie, segmentSize, default));

    /// <summary>A SYN with the option got no answer, and one without it did.</summary>
    public void Avoid(IpAddress server, Instant until) => Set(server, new Entry(default, 0, until));

    private void Set(IpAddress server, Entry entry)
    {
        if (!_entries.ContainsKey(server))
        {
            if (_order.Count >= capacity)
            {
                _entries.Remove(_order.Dequeue());
            }

            _order.Enqueue(server);
        }

        _entries[server] = entry;
    }

    private readonly record struct Entry(FastOpenCookie Cookie, int SegmentSize, Instant AvoidedUntil);
}

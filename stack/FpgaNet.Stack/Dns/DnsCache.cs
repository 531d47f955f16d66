using System.Net.Sockets;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Dns;

/// <summary>
/// Answers that are remembered for as long as they say (RFC 1034 §4.3.4, RFC 2308), bounded in number and size: who was not asked for the longest goes first.
/// Not safe for several threads.
/// </summary>
/// <param name="maximumEntries">Answers at most.</param>
/// <param name="maximumBytes">Bytes at most, roughly counted.</param>
internal sealed class DnsCache(int maximumEntries, int maximumBytes)
{
    private const int EntryOverhead = 200;
    private const int RecordOverhead = 100;

    private readonly Dictionary<(string Name, DnsRecordType Type), LinkedListNode<Entry>> _entries = new(new KeyComparer());
    private readonly LinkedList<Entry> _order = new(); // the one asked for last at the end

    /// <summary>Answers.</summary>
    public int Count => _entries.Count;

    /// <summary>Their size.</summary>
    public int Bytes { get; private set; }

    /// <summary>The answer to a question, when it is known.</summary>
    public DnsAnswer? Find(string name, DnsRecordType type, Instant now)
    {
        // RFC 2308 §5: that a name does not exist holds for all types, and is kept under none.
        return Find((name, default), now) ?? Find((name, type), now);
    }

    /// <summary>Remembers an answer.</summary>
    public void Add(string name, DnsRecordType type, DnsAnswer answer, Instant now)
    {
        if (answer.TimeToLive <= TimeSpan.Zero)
        {
            return;
        }

        (string, DnsRecordType) key = (name, answer.Error == SocketError.HostNotFound ? default : type);
        if (_entries.TryGetValue(key, out LinkedListNode<Entry>? old))
        {
            Remove(old);
        }

        Entry entry = new(key, answer, now + answer.TimeToLive, EntryOverhead + (2 * name.Length) + answer.Records.Sum(SizeOf));
        if (entry.Bytes > maximumBytes)
        {
            return;
        }

        while (_entries.Count >= maximumEntries || Bytes + entry.Bytes > maximumBytes)
        {
            Remove(_order.First!);
        }

        _entries.Add(key, _order.AddLast(entry));
        Bytes += entry.Bytes;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _entries.Clear();
        _order.Clear();
        Bytes = 0;
    }

    private DnsAnswer? Find((string, DnsRecordType) key, Instant now)
    {
        if (!_entries.TryGetValue(key, out LinkedListNode<Entry>? node))
        {
            return null;
        }

        if (node.Value.Expires <= now)
        {
            Remove(node);
            return null;
        }

        _order.Remove(node);
        _order.AddLast(node);
        return node.Value.Answer;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _order.Remove(node);
        Bytes -= node.Value.Bytes;
    }

    private static int SizeOf(DnsRecord record) => RecordOverhead + (2 * record.Name.Length) + record switch
    {
        NameRecord named => 2 * named.Target.Length,
        MailExchangeRecord mail => 2 * mail.Exchange.Length,
        ServiceRecord service => 2 * service.Target.Length,
        TextRecord text => text.Strings.Sum(static s => 32 + (2 * s.Length)),
        _ => 0,
    };

    private sealed record Entry((string Name, DnsRecordType Type) Key, DnsAnswer Answer, Instant Expires, int Bytes);

    private sealed class KeyComparer : IEqualityComparer<(string Name, DnsRecordType Type)>
    {
        public bool Equals((string Name, DnsRecordType Type) x, (string Name, DnsRecordType Type) y) =>
            x.Type == y.Type && DomainName.Comparer.Equals(x.Name, y.Name);

        public int GetHashCode((string Name, DnsRecordType Type) key) => HashCode.Combine(DomainName.Comparer.GetHashCode(key.Name), key.Type);
    }
}

using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// A listener's half-open connections (RFC 4987 §3.4): what SYN-RECEIVED does (RFC 9293 §3.10.7.4) as long as nobody has shown that he is there. Bounded; whoever
/// waits longest stands first among those of as many retries, so that one timer and a list for each number of retries suffice.
/// </summary>
internal sealed class SynQueue
{
    private readonly TcpProtocol _tcp;
    private readonly TcpListener _listener;
    private readonly Dictionary<FlowKey, int> _places = [];
    private readonly StackTimer _timer;
    private readonly int[] _first;
    private readonly int[] _last;
    private HalfOpen[] _entries = [];
    private int _free = -1;

    public SynQueue(TcpProtocol tcp, TcpListener listener)
    {
        _tcp = tcp;
        _listener = listener;
        _timer = new StackTimer(tcp.Context.Timers, OnTimer);
        _first = new int[tcp.Settings.SynRetries + 1];
        _last = new int[tcp.Settings.SynRetries + 1];
        _first.AsSpan().Fill(-1);
        _last.AsSpan().Fill(-1);
    }

    public int Count => _places.Count;

    public bool IsFull => Count >= _tcp.Settings.HalfOpenConnections;

    /// <summary>Answers a SYN and remembers it.</summary>
    public void Add(Destination path, in HalfOpen entry)
    {
        if (IsFull)
        {
            RemoveOldest();
        }

        int place = _free;
        if (place < 0)
        {
            place = Count;
            if (place == _entries.Length)
            {
                Array.Resize(ref _entries, Math.Max(4, 2 * place));
            }
        }
        else
        {
            _free = _entries[place].Next;
        }

        _entries[place] = entry;
        _entries[place].ReturnPath = path.SourceRoute is null ? null : path;
        _places.Add(entry.Key, place);
        Append(place);
        Answer(path, entry);
    }

    /// <summary>A segment of a half-open connection (RFC 9293 §3.10.7.4, SYN-RECEIVED).</summary>
    /// <returns>False when there is none for this key.</returns>
    public bool Arrive(in FlowKey key, Destination path, ref TcpSegment segment)
    {
        if (!_places.TryGetValue(key, out int place))
        {
            return false;
        }

        ref HalfOpen entry = ref _entries[place];
        path = entry.ReturnPath ?? path;
        int offset = segment.Sequence - (entry.PeerIss + 1);
        int window = _listener.Window;
        if (segment.Has(TcpFlags.Syn) && offset == -1 && !segment.Has(TcpFlags.Ack | TcpFlags.Rst))
        {
            entry.Flags = segment.Flags; // RFC 3168 §6.1.1.1: it may have given up explicit congestion notification
            Answer(path, entry); // our answer was lost
        }
        else if (offset + segment.PayloadLength < 0 || (offset < 0 && segment.PayloadLength <= -offset) || offset >= window)
        {
            if (!segment.Has(TcpFlags.Rst))
            {
                Acknowledge(path, entry);
            }
        }
        else if (segment.Has(TcpFlags.Rst))
        {
            // RFC 5961 §3.2: only exactly at RCV.NXT is it believed.
            if (offset == 0)
            {
                _tcp.Context.Counters.Add(StackCounter.TcpResetsReceived);
                Remove(place);
            }
            else
            {
                Acknowledge(path, entry);
            }
        }
        else if (segment.Has(TcpFlags.Syn))
        {
            Remove(place); // back to LISTEN
        }
        else if (segment.Has(TcpFlags.Ack))
        {
            if (segment.Acknowledgment != entry.Iss + 1)
            {
                ControlSegment.Reset(_tcp, path, key, segment.Acknowledgment);
            }
            else if (segment.PayloadLength == 0 && !segment.Has(TcpFlags.Fin) && entry.Retries < _listener.DeferRetries)
            {
                entry.IsAcknowledged = true; // nobody is to be woken before there is something to do
            }
            else if (_listener.HasRoom)
            {
                HalfOpen taken = entry;
                Remove(place);
                _listener.Complete(path, taken, ref segment);
            }
            else
            {
                _tcp.Context.Counters.Add(StackCounter.TcpListenDropped); // as if lost: the peer or our timer will try again
            }
        }

        return true;
    }

    /// <summary>Whether a handshake is under way between them.</summary>
    public bool Has(in FlowKey key) => _places.ContainsKey(key);

    /// <summary>Whether an answer of ours with that number is on its way (RFC 5927 §4.1).</summary>
    public bool HasSent(in FlowKey key, SequenceNumber sequence) => _places.TryGetValue(key, out int place) && _entries[place].Iss == sequence;

    /// <summary>The network says that our answer cannot arrive.</summary>
    public void Unreachable(in FlowKey key, SequenceNumber sequence)
    {
        if (HasSent(key, sequence))
        {
            Remove(_places[key]);
        }
    }

    /// <summary>Resets them all.</summary>
    public void Clear()
    {
        foreach ((FlowKey key, int place) in _places)
        {
            if (PathTo(_entries[place]) is { } path)
            {
                ControlSegment.Reset(_tcp, path, key, _entries[place].Iss + 1);
            }
        }

        _places.Clear();
        _entries = [];
        _timer.Remove();
    }

    private Destination? PathTo(in HalfOpen entry) => entry.ReturnPath ?? _tcp.Ip.Find(entry.Key.Remote, entry.Key.Local, entry.Key.Scope);

    private void Answer(Destination path, in HalfOpen entry) => ControlSegment.Send(_tcp, _listener, path, entry.Key, entry.Iss, entry.Syn);

    private void Acknowledge(Destination path, in HalfOpen entry) => ControlSegment.Acknowledge(_tcp, _listener, path, entry);

    private void RemoveOldest()
    {
        _tcp.Context.Counters.Add(StackCounter.TcpListenDropped);
        for (int retries = _first.Length - 1; retries >= 0; retries--)
        {
            if (_first[retries] >= 0)
            {
                Remove(_first[retries]);
                return;
            }
        }
    }

    private void OnTimer()
    {
        Instant now = _tcp.Context.Now;
        for (int retries = _first.Length - 1; retries >= 0; retries--)
        {
            while (_first[retries] is >= 0 and int place && _entries[place].Due <= now)
            {
                ref HalfOpen entry = ref _entries[place];
                if (retries == _first.Length - 1 || PathTo(entry) is not { } path)
                {
                    Remove(place);
                    continue;
                }

                Unlink(place);
                entry.Retries++;
                Append(place);
                if (!entry.IsAcknowledged || entry.Retries >= _listener.DeferRetries)
                {
                    _tcp.Context.Counters.Add(StackCounter.TcpTimeouts);
                    Answer(path, entry); // of one that was acknowledged, to hear of it again (TCP_DEFER_ACCEPT)
                }
            }
        }

        SetTimer();
    }

    private void Append(int place)
    {
        ref HalfOpen entry = ref _entries[place];
        int retries = entry.Retries;
        entry.Due = _tcp.Context.Now + Delay(retries);
        entry.Next = -1;
        entry.Previous = _last[retries];
        if (entry.Previous >= 0)
        {
            _entries[entry.Previous].Next = place;
        }
        else
        {
            _first[retries] = place;
        }

        _last[retries] = place;
        if (entry.Due < _timer.Due)
        {
            _timer.Set(entry.Due);
        }
    }

    private void Unlink(int place)
    {
        ref HalfOpen entry = ref _entries[place];
        if (entry.Previous >= 0)
        {
            _entries[entry.Previous].Next = entry.Next;
        }
        else
        {
            _first[entry.Retries] = entry.Next;
        }

        if (entry.Next >= 0)
        {
            _entries[entry.Next].Previous = entry.Previous;
        }
        else
        {
            _last[entry.Retries] = entry.Previous;
        }
    }

    private void Remove(int place)
    {
        Unlink(place);
        _places.Remove(_entries[place].Key);
        _entries[place].ReturnPath = null;
        _entries[place].Next = _free;
        _free = place;
    }

    private void SetTimer()
    {
        Instant due = Instant.Never;
        foreach (int place in _first)
        {
            due = place >= 0 && _entries[place].Due < due ? _entries[place].Due : due;
        }

        if (due != Instant.Never)
        {
            _timer.Set(due);
        }
    }

    private TimeSpan Delay(int retries)
    {
        TimeSpan delay = _tcp.Settings.InitialRetransmissionTimeout * (1L << Math.Min(retries, 16));
        return delay < _tcp.Settings.MaximumRetransmissionTimeout ? delay : _tcp.Settings.MaximumRetransmissionTimeout;
    }
}

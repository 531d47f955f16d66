using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>ARP (RFC 826), with the cache rules of RFC 1122 §2.3.2 and the address defence of RFC 5227 §2.4.</summary>
internal sealed class NeighborCache
{
    private const int MaximumAttempts = 3;

    private static readonly TimeSpan s_retryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_reachableTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_defendInterval = TimeSpan.FromSeconds(10); // RFC 5227 §1.1: DEFEND_INTERVAL

    private readonly NetworkInterface _interface;
    private readonly Dictionary<IpAddress, Neighbor> _entries = [];
    private readonly List<Neighbor> _unanswered = [];
    private readonly StackTimer _timer;
    private Instant _nextDefence;

    public NeighborCache(NetworkInterface networkInterface)
    {
        _interface = networkInterface;
        _timer = new StackTimer(networkInterface.Context.Timers, OnTimer);
    }

    /// <summary>Frames that could not be delivered because a neighbour did not answer; the receiver only looks at them.</summary>
    public Action<NetworkInterface, TxFrame>? Undeliverable { get; set; }

    /// <summary>Entries in the cache.</summary>
    public int Count => _entries.Count;

    /// <summary>The entry for an address, made when there is none.</summary>
    public Neighbor Find(IpAddress address)
    {
        if (!_entries.TryGetValue(address, out Neighbor? neighbor))
        {
            neighbor = Add(address);
            neighbor.State = NeighborState.Incomplete;
            neighbor.NextAttempt = _interface.Context.Now;
        }

        return neighbor;
    }

    /// <summary>Sends a frame to a neighbour, or keeps it until the address is known. Takes over the frame's references.</summary>
    public void Transmit(Neighbor neighbor, ref TxFrame frame)
    {
        neighbor.LastUsed = _interface.Context.Now;
        switch (neighbor.State)
        {
            case NeighborState.Reachable when _interface.Context.Now - neighbor.Confirmed > s_reachableTime:
                neighbor.State = NeighborState.Probing;
                neighbor.Attempts = 0;
                Ask(neighbor);
                goto case NeighborState.Probing;
            case NeighborState.Reachable:
            case NeighborState.Probing:
                neighbor.MacAddress.Write(frame.Frame.Header.Span);
                _interface.Output.Enqueue(ref frame);
                break;
            case NeighborState.Incomplete:
                if (neighbor.AddPending(frame))
                {
                    _interface.Context.Counters.Add(StackCounter.ArpPendingDropped);
                }

                if (neighbor.Attempts == 0)
                {
                    Ask(neighbor);
                }

                break;
            default:
                _interface.Context.Counters.Add(StackCounter.ArpPendingDropped);
                frame.Frame.Release();
                break;
        }
    }

    /// <summary>Takes in an ARP packet.</summary>
    public void Receive(ReadOnlySpan<byte> packet)
    {
        if (!ArpPacket.TryParse(packet, out ArpPacket arp))
        {
            _interface.Context.Counters.Add(StackCounter.RxMalformed);
            return;
        }

        ArpFields fields = arp.Fields;
        if (fields.SenderHardware.IsMulticast || fields.SenderHardware.Value == 0 || _interface.IsBroadcast(fields.SenderProtocol)
            || fields.SenderProtocol.IsMulticast || fields.SenderHardware == _interface.Device.MacAddress)
        {
            _interface.Context.Counters.Add(StackCounter.RxMartian);
            return;
        }

        if (_interface.FindAddress(fields.SenderProtocol) is not null)
        {
            Defend(fields.SenderProtocol);
            return;
        }

        bool forUs = _interface.FindAddress(fields.TargetProtocol) is not null;
        if (fields.SenderProtocol != IPv4Address.Any && _interface.FindAddressOnLinkWith(fields.SenderProtocol) is not null)
        {
            Learn(fields, mayAdd: forUs && fields.Operation == ArpOperation.Request);
        }

        if (forUs && fields.Operation == ArpOperation.Request)
        {
            _interface.Context.Counters.Add(StackCounter.ArpRequestsAnswered);
            Send(fields.SenderHardware, new ArpFields(
                ArpOperation.Reply, _interface.Device.MacAddress, fields.TargetProtocol, fields.SenderHardware, fields.SenderProtocol));
        }
    }

    /// <summary>Tells the link who we are (RFC 5227 §3: an announcement is a request for the own address).</summary>
    public void Announce(IPv4Address address) => Send(
        MacAddress.Broadcast,
        new ArpFields(ArpOperation.Request, _interface.Device.MacAddress, address, default, address));

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        foreach (Neighbor neighbor in _entries.Values)
        {
            Drop(neighbor, report: false);
        }

        _entries.Clear();
        _unanswered.Clear();
        _timer.Remove();
    }

    private void Learn(in ArpFields fields, bool mayAdd)
    {
        if (!_entries.TryGetValue(fields.SenderProtocol, out Neighbor? neighbor))
        {
            if (!mayAdd)
            {
                // A reply that nobody asked for must not fill the cache.
                if (fields.Operation == ArpOperation.Reply)
                {
                    _interface.Context.Counters.Add(StackCounter.ArpUnsolicited);
                }

                return;
            }

            neighbor = Add(fields.SenderProtocol);
        }

        neighbor.MacAddress = fields.SenderHardware;
        neighbor.State = NeighborState.Reachable;
        neighbor.Confirmed = _interface.Context.Now;
        neighbor.Attempts = 0;
        while (neighbor.PendingCount != 0)
        {
            TxFrame frame = neighbor.TakePending();
            Transmit(neighbor, ref frame);
        }
    }

    private Neighbor Add(IpAddress address)
    {
        if (_entries.Count >= _interface.Context.Options.NeighborCacheEntries)
        {
            Evict();
        }

        Neighbor neighbor = new(address) { LastUsed = _interface.Context.Now };
        _entries.Add(address, neighbor);
        return neighbor;
    }

    private void Evict()
    {
        Neighbor? oldest = null;
        foreach (Neighbor neighbor in _entries.Values)
        {
            if (oldest is null || neighbor.LastUsed < oldest.LastUsed)
            {
                oldest = neighbor;
            }
        }

        if (oldest is not null)
        {
            _entries.Remove(oldest.Address);
            _unanswered.Remove(oldest);
            Drop(oldest, report: false);
        }
    }

    private void Ask(Neighbor neighbor)
    {
        if (neighbor.Attempts++ == 0)
        {
            _unanswered.Add(neighbor);
        }

        IPv4Address source = _interface.FindAddressOnLinkWith(neighbor.Address)?.Address.IPv4 ?? _interface.Addresses.FirstOrDefault(a => a.Address.IsIPv4)?.Address.IPv4 ?? default;
        neighbor.NextAttempt = _interface.Context.Now + s_retryInterval;
        if (neighbor.NextAttempt < _timer.Due)
        {
            _timer.Set(neighbor.NextAttempt);
        }

        Send(
            neighbor.State == NeighborState.Probing ? neighbor.MacAddress : MacAddress.Broadcast,
            new ArpFields(ArpOperation.Request, _interface.Device.MacAddress, source, default, neighbor.Address.IPv4));
    }

    private void OnTimer()
    {
        Instant next = Instant.Never;
        for (int i = _unanswered.Count - 1; i >= 0; i--)
        {
            Neighbor neighbor = _unanswered[i];
            if (neighbor.State is NeighborState.Reachable or NeighborState.Removed)
            {
                _unanswered.RemoveAt(i);
                continue;
            }

            if (neighbor.NextAttempt <= _interface.Context.Now)
            {
                if (neighbor.Attempts >= MaximumAttempts)
                {
                    _unanswered.RemoveAt(i);
                    _entries.Remove(neighbor.Address);
                    _interface.Context.Counters.Add(StackCounter.ArpFailures);
                    Drop(neighbor, report: true);
                    continue;
                }

                Ask(neighbor);
            }

            if (neighbor.NextAttempt < next)
            {
                next = neighbor.NextAttempt;
            }
        }

        if (next != Instant.Never)
        {
            _timer.Set(next);
        }
    }

    private void Drop(Neighbor neighbor, bool report)
    {
        neighbor.State = NeighborState.Removed;
        while (neighbor.PendingCount != 0)
        {
            TxFrame frame = neighbor.TakePending();
            if (report)
            {
                Undeliverable?.Invoke(_interface, frame);
            }

            frame.Frame.Release();
        }
    }

    private void Defend(IPv4Address address)
    {
        _interface.Context.Counters.Add(StackCounter.ArpConflicts);
        if (_interface.Context.Now >= _nextDefence)
        {
            _nextDefence = _interface.Context.Now + s_defendInterval;
            Announce(address);
        }
    }

    private void Send(MacAddress to, in ArpFields fields)
    {
        if (_interface.Output.TryRentHeader() is not { } buffer)
        {
            return;
        }

        EthernetHeader.Write(buffer.Span, to, _interface.Device.MacAddress, EtherType.Arp);
        ArpPacket.Write(buffer.Span[EthernetHeader.Length..], fields);
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, EthernetHeader.Length + ArpPacket.Length)) };
        _interface.Output.Enqueue(ref frame);
    }
}

using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>
/// The neighbours on a link and whether they can be reached: neighbour unreachability detection (RFC 4861 §7.3) for both families, whose solicitations ARP and
/// Neighbour Discovery send. It is bounded, and who makes us look for many neighbours that do not exist only displaces others that do not answer (RFC 6583 §6).
/// </summary>
internal sealed partial class NeighborCache
{
    // RFC 4861 §10 has three tries; RFC 7048 §3 found that too impatient, and with one frame in five lost it is.
    private const int MaximumSolicitations = 6;
    private const int MaximumProbes = 3; // RFC 4861 §10: MAX_UNICAST_SOLICIT

    // RFC 1122 §2.3.2.2: at least the latest packet is kept. This is enough for the fragments of one long datagram; and all together must not keep what others need.
    private const int MaximumPending = 64;
    private const int MaximumPendingOfAll = 256;

    private static readonly TimeSpan s_delayFirstProbe = TimeSpan.FromSeconds(5); // RFC 4861 §10: DELAY_FIRST_PROBE_TIME

    private readonly NetworkInterface _interface;
    private readonly StackContext _context;
    private readonly Dictionary<IpAddress, Neighbor> _entries = [];
    private readonly List<Neighbor> _watched = []; // those whose Due counts
    private readonly StackTimer _timer;
    private int _incomplete;
    private int _pending;

    public NeighborCache(NetworkInterface networkInterface)
    {
        _interface = networkInterface;
        _context = networkInterface.Context;
        _timer = new StackTimer(_context.Timers, OnTimer);
    }

    /// <summary>Frames that could not be delivered because a neighbour did not answer; the receiver only looks at them.</summary>
    public required Action<NetworkInterface, TxFrame> Undeliverable { get; init; }

    /// <summary>A gateway has stopped answering, answers again, or is none any more: destinations may need another way.</summary>
    public required Action GatewayChanged { get; init; }

    /// <summary>Asks for a neighbour's station address: at that address when it is known (PROBE), else all stations that may be it.</summary>
    public required Action<Neighbor> Solicit { get; init; }

    /// <summary>Base of the time for which a neighbour counts as reachable (RFC 4861 §6.3.2); advertisements may change it.</summary>
    public TimeSpan BaseReachableTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between solicitations (RFC 4861 §10: RETRANS_TIMER); advertisements may change it.</summary>
    public TimeSpan RetransmitTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Entries in the cache.</summary>
    public int Count => _entries.Count;

    /// <summary>The entry for an address, made when there is none.</summary>
    public Neighbor Find(IpAddress address)
    {
        if (_entries.TryGetValue(address, out Neighbor? neighbor))
        {
            return neighbor;
        }

        neighbor = Add(address);
        neighbor.State = NeighborState.Incomplete;
        _incomplete++;
        return neighbor;
    }

    /// <summary>The entry for an address, or null.</summary>
    public Neighbor? Peek(IpAddress address) => _entries.GetValueOrDefault(address);

    /// <summary>Sends a frame to a neighbour, or keeps it until the address is known. Takes over the frame's references.</summary>
    public void Transmit(Neighbor neighbor, ref TxFrame frame)
    {
        Instant now = _context.Now;
        neighbor.LastUsed = now;
        if (neighbor.State != NeighborState.Reachable || neighbor.ReachableUntil < now)
        {
            switch (neighbor.State)
            {
                case NeighborState.Incomplete:
                    Keep(neighbor, ref frame);
                    return;
                case NeighborState.Removed:
                    _context.Counters.Add(StackCounter.NeighborPendingDropped);
                    frame.Frame.Release();
                    return;
                case NeighborState.Reachable or NeighborState.Stale:
                    neighbor.State = NeighborState.Delay;
                    Watch(neighbor, now + s_delayFirstProbe);
                    break;
            }
        }

        neighbor.MacAddress.Write(frame.Frame.Header.Span);
        _interface.Output.Enqueue(ref frame);
    }

    /// <summary>The layers above know that packets arrive there (RFC 4861 §7.3.1).</summary>
    public void Confirm(Neighbor neighbor)
    {
        if (neighbor.State is not (NeighborState.Incomplete or NeighborState.Removed))
        {
            neighbor.State = NeighborState.Reachable;
            neighbor.ReachableUntil = _context.Now + BaseReachableTime;
            neighbor.Due = Instant.Never;
        }
    }

    /// <summary>The layers above believe that packets do not arrive: it is asked when it is used next, or now when it was to be asked soon.</summary>
    public void Doubt(Neighbor neighbor)
    {
        if (neighbor.State is NeighborState.Reachable or NeighborState.Stale or NeighborState.Delay)
        {
            BeginProbe(neighbor);
        }
    }

    /// <summary>A neighbour has told its station address without being asked, in a solicitation or a request (RFC 4861 §7.2.3, RFC 826).</summary>
    /// <param name="address">The neighbour.</param>
    /// <param name="mac">Its station address.</param>
    /// <param name="mayAdd">It may be remembered when it is not known: it wants something of us.</param>
    /// <returns>Whether it was known or is now.</returns>
    public bool Heard(IpAddress address, MacAddress mac, bool mayAdd)
    {
        if (!_entries.TryGetValue(address, out Neighbor? neighbor))
        {
            if (mayAdd)
            {
                neighbor = Add(address);
                neighbor.MacAddress = mac;
                neighbor.State = NeighborState.Stale;
            }

            return mayAdd;
        }

        if (neighbor.State == NeighborState.Incomplete || neighbor.MacAddress != mac)
        {
            Learn(neighbor, mac, NeighborState.Stale);
        }

        return true;
    }

    /// <summary>A neighbour advertises its station address: an advertisement or an ARP reply (RFC 4861 §7.2.5).</summary>
    /// <param name="address">The neighbour.</param>
    /// <param name="mac">Its station address; null: not told.</param>
    /// <param name="isSolicited">It answers us.</param>
    /// <param name="mayOverride">An address that is known may be replaced.</param>
    /// <param name="isRouter">It says that it is a router; null: it does not say.</param>
    /// <returns>Whether it was known.</returns>
    public bool Advertised(IpAddress address, MacAddress? mac, bool isSolicited, bool mayOverride, bool? isRouter)
    {
        if (!_entries.TryGetValue(address, out Neighbor? neighbor))
        {
            return false; // §7.2.5: nobody has asked, and nobody wants to know
        }

        if (neighbor.State == NeighborState.Incomplete)
        {
            if (mac is { } first)
            {
                neighbor.IsRouter = isRouter ?? false;
                Learn(neighbor, first, isSolicited ? NeighborState.Reachable : NeighborState.Stale);
            }

            return true;
        }

        bool differs = mac is { } told && told != neighbor.MacAddress;
        if (differs && !mayOverride)
        {
            if (neighbor.State == NeighborState.Reachable)
            {
                neighbor.State = NeighborState.Stale;
            }

            return true;
        }

        if (differs || isSolicited)
        {
            Learn(neighbor, mac ?? neighbor.MacAddress, isSolicited ? NeighborState.Reachable : NeighborState.Stale);
        }

        if (isRouter is { } says)
        {
            bool wasRouter = neighbor.IsRouter;
            neighbor.IsRouter = says;
            if (wasRouter && !says)
            {
                GatewayChanged(); // §7.2.5: what went through it must go another way
            }
        }

        return true;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        foreach (Neighbor neighbor in _entries.Values)
        {
            Drop(neighbor, report: false);
        }

        _entries.Clear();
        _watched.Clear();
        _timer.Remove();
    }

    private TxFrame TakePending(Neighbor neighbor)
    {
        _pending--;
        return neighbor.TakePending();
    }

    private void Keep(Neighbor neighbor, ref TxFrame frame)
    {
        if (neighbor.PendingCount == MaximumPending || (_pending >= MaximumPendingOfAll && neighbor.PendingCount != 0))
        {
            // RFC 4861 §7.2.2: the oldest goes. One has room always, whoever else is looked for.
            _context.Counters.Add(StackCounter.NeighborPendingDropped);
            TakePending(neighbor).Frame.Release();
        }

        neighbor.AddPending(frame);
        _pending++;
        if (neighbor.Attempts == 0)
        {
            Ask(neighbor);
        }
    }

    private void Learn(Neighbor neighbor, MacAddress mac, NeighborState state)
    {
        if (neighbor.State == NeighborState.Incomplete)
        {
            _incomplete--;
        }

        Suspect(neighbor, false);
        neighbor.MacAddress = mac;
        neighbor.State = state;
        neighbor.Attempts = 0;
        neighbor.Due = Instant.Never;

        // RFC 4861 §6.3.2: between half and one and a half of the base, so that hosts do not ask in step.
        neighbor.ReachableUntil = _context.Now + (BaseReachableTime * (0.5 + _context.Random.NextDouble()));
        while (neighbor.PendingCount != 0)
        {
            TxFrame frame = TakePending(neighbor);
            Transmit(neighbor, ref frame);
        }
    }

    private Neighbor Add(IpAddress address)
    {
        if (_entries.Count >= _context.Options.NeighborCacheEntries)
        {
            Evict();
        }

        Neighbor neighbor = new(address) { LastUsed = _context.Now };
        _entries.Add(address, neighbor);
        return neighbor;
    }

    // Those that do not answer first, once they are many; then whichever was used longest ago.
    private void Evict()
    {
        bool onlyIncomplete = _incomplete > _context.Options.NeighborCacheEntries / 4;
        Neighbor? oldest = null;
        foreach (Neighbor neighbor in _entries.Values)
        {
            if ((!onlyIncomplete || neighbor.State == NeighborState.Incomplete) && (oldest is null || neighbor.LastUsed < oldest.LastUsed))
            {
                oldest = neighbor;
            }
        }

        if (oldest is not null)
        {
            Remove(oldest, report: false);
        }
    }

    private void Remove(Neighbor neighbor, bool report)
    {
        _entries.Remove(neighbor.Address);
        if (neighbor.IsWatched)
        {
            neighbor.IsWatched = false;
            _watched.Remove(neighbor);
        }

        Drop(neighbor, report);
    }

    private void Drop(Neighbor neighbor, bool report)
    {
        if (neighbor.State == NeighborState.Incomplete)
        {
            _incomplete--;
        }

        neighbor.State = NeighborState.Removed;
        DropPending(neighbor, report);
    }

    private void DropPending(Neighbor neighbor, bool report)
    {
        while (neighbor.PendingCount != 0)
        {
            TxFrame frame = TakePending(neighbor);
            if (report)
            {
                Undeliverable(_interface, frame);
            }

            frame.Frame.Release();
        }
    }
}

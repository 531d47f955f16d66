using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>Asking: solicitations while nothing is known, probes while it is doubted, and what becomes of those that do not answer (RFC 4861 §7.3.3, RFC 7048).</summary>
internal sealed partial class NeighborCache
{
    private void Suspect(Neighbor neighbor, bool isSuspect)
    {
        if (neighbor.IsSuspect != isSuspect)
        {
            neighbor.IsSuspect = isSuspect;
            if (neighbor.IsGateway)
            {
                GatewayChanged();
            }
        }
    }

    // A gateway stays, so that it is remembered that it does not answer; it is asked again when somebody has nothing better.
    private void Fail(Neighbor neighbor)
    {
        _context.Counters.Add(StackCounter.NeighborFailures);
        if (!neighbor.IsGateway)
        {
            Remove(neighbor, report: true);
            return;
        }

        neighbor.Attempts = 0;
        neighbor.Due = Instant.Never;
        DropPending(neighbor, report: true);
    }

    private void Ask(Neighbor neighbor)
    {
        neighbor.Attempts++;
        Watch(neighbor, _context.Now + RetransmitTime);
        Solicit(neighbor);
    }

    private void BeginProbe(Neighbor neighbor)
    {
        neighbor.State = NeighborState.Probe;
        neighbor.Attempts = 0;
        Ask(neighbor);
    }

    private void Watch(Neighbor neighbor, Instant due)
    {
        neighbor.Due = due;
        if (!neighbor.IsWatched)
        {
            neighbor.IsWatched = true;
            _watched.Add(neighbor);
        }

        if (due < _timer.Due)
        {
            _timer.Set(due);
        }
    }

    private void OnTimer()
    {
        Instant now = _context.Now;
        for (int i = _watched.Count - 1; i >= 0; i--)
        {
            Neighbor neighbor = _watched[i];
            if (neighbor.Due == Instant.Never)
            {
                neighbor.IsWatched = false;
                _watched.RemoveAt(i);
            }
            else if (neighbor.Due <= now)
            {
                Advance(neighbor);
            }
        }

        // Not while the list was walked: what was asked or dropped there may have changed other entries.
        Instant next = Instant.Never;
        foreach (Neighbor neighbor in _watched)
        {
            next = neighbor.Due < next ? neighbor.Due : next;
        }

        if (next != Instant.Never)
        {
            _timer.Set(next);
        }
    }

    private void Advance(Neighbor neighbor)
    {
        switch (neighbor.State)
        {
            case NeighborState.Delay:
                BeginProbe(neighbor);
                break;
            case NeighborState.Probe when neighbor.Attempts >= MaximumProbes:
                // RFC 7048 §3: it may have a new station address; only when nobody answers at all is it gone.
                neighbor.State = NeighborState.Incomplete;
                _incomplete++;
                Suspect(neighbor, true);
                Ask(neighbor);
                break;
            case NeighborState.Incomplete when neighbor.Attempts >= MaximumSolicitations:
                Fail(neighbor);
                break;
            default:
                Suspect(neighbor, neighbor.Attempts >= MaximumProbes);
                Ask(neighbor);
                break;
        }
    }
}

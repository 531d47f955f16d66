using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>
/// Duplicate address detection (RFC 4862 §5.4): before an IPv6 address is used, the link is asked whether anybody has it. An address made here that is taken is made
/// anew (RFC 7217 §6); one that somebody asked for stays unused.
/// </summary>
internal sealed class DuplicateAddressDetection
{
    private static readonly TimeSpan s_maximumDelay = TimeSpan.FromSeconds(1); // RFC 4861 §10: MAX_RTR_SOLICITATION_DELAY

    private readonly NetworkInterface _network;
    private readonly IpLayer _ip;
    private readonly StackTimer _timer;
    private readonly ulong _nonce;

    public DuplicateAddressDetection(NetworkInterface network, IpLayer ip)
    {
        _network = network;
        _ip = ip;
        _timer = new StackTimer(network.Context.Timers, OnTimer);
        _nonce = (ulong)network.Context.Random.NextInt64(1, 1L << 48);
    }

    /// <summary>Whether a question about one of our addresses is our own, come back (RFC 7527 §4.2).</summary>
    public bool IsOwnProbe(ulong nonce) => nonce == _nonce;

    /// <summary>Begins.</summary>
    /// <param name="address">A new address of the interface.</param>
    /// <param name="mayWait">Many hosts may have been given a reason to ask at the same time: wait a random time first (RFC 4862 §5.4.2).</param>
    public void Begin(InterfaceAddress address, bool mayWait)
    {
        if (_network.Options.DuplicateAddressTransmits == 0)
        {
            Succeed(address);
            return;
        }

        address.State = AddressState.Tentative;
        TimeSpan delay = mayWait ? s_maximumDelay * _network.Context.Random.NextDouble() : TimeSpan.Zero;
        address.DadDue = _network.Context.Now + delay;
        Advance(address);
        SetTimer();
    }

    /// <summary>Another host has one of our addresses, or wants it.</summary>
    public void Conflict(InterfaceAddress address)
    {
        _network.Context.Counters.Add(StackCounter.AddressConflicts);
        if (address.State != AddressState.Tentative)
        {
            return; // RFC 4862 §5.4: the detection is over; who came later should have found us
        }

        address.DadDue = Instant.Never;
        address.State = AddressState.Duplicate;
        if (address.Origin is AddressOrigin.LinkLocal or AddressOrigin.RouterAdvertisement)
        {
            _ip.RemoveAddress(_network, address.Address);
            if (address.DadCounter + 1 < StableAddress.Retries)
            {
                _ip.AddStableAddress(_network, address.Address.Prefix(StableAddress.PrefixLength), address, address.DadCounter + 1);
            }
        }

        _network.AddressSettled?.Invoke();
    }

    private void OnTimer()
    {
        foreach (InterfaceAddress address in _network.Addresses)
        {
            Advance(address);
        }

        SetTimer();
    }

    private void Advance(InterfaceAddress address)
    {
        if (address.DadDue > _network.Context.Now)
        {
            return;
        }

        if (address.DadTransmits == _network.Options.DuplicateAddressTransmits)
        {
            address.DadDue = Instant.Never;
            Succeed(address);
            return;
        }

        address.DadTransmits++;
        address.DadDue = _network.Context.Now + _network.Neighbors.RetransmitTime;
        _network.NeighborDiscovery.SolicitForDuplicates(address.Address.IPv6, _nonce);
    }

    private void Succeed(InterfaceAddress address)
    {
        address.State = AddressState.Preferred;
        _ip.Routes.Invalidate();
        if (_network.Options.Announce)
        {
            _network.NeighborDiscovery.Announce(address.Address);
        }

        if (address.Origin == AddressOrigin.LinkLocal)
        {
            _network.RouterDiscovery.Begin();
        }

        _network.AddressSettled?.Invoke();
    }

    private void SetTimer()
    {
        Instant next = Instant.Never;
        foreach (InterfaceAddress address in _network.Addresses)
        {
            next = address.DadDue < next ? address.DadDue : next;
        }

        if (next != Instant.Never)
        {
            _timer.Set(next);
        }
    }
}

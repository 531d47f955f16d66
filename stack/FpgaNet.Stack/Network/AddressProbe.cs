using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>
/// IPv4 address conflict detection (RFC 5227): asks the link whether anybody has an address before it is used, and notices when somebody insists on it later.
/// </summary>
internal sealed class AddressProbe
{
    private const int Probes = 3; // §1.1: PROBE_NUM

    private static readonly TimeSpan s_maximumWait = TimeSpan.FromSeconds(1); // PROBE_WAIT
    private static readonly TimeSpan s_leastInterval = TimeSpan.FromSeconds(1); // PROBE_MIN; PROBE_MAX is twice that
    private static readonly TimeSpan s_lastWait = TimeSpan.FromSeconds(2); // ANNOUNCE_WAIT
    private static readonly TimeSpan s_defendInterval = TimeSpan.FromSeconds(10); // DEFEND_INTERVAL

    private readonly NetworkInterface _network;
    private readonly Action<bool> _done;
    private readonly StackTimer _timer;
    private IPv4Address _address;
    private int _sent;
    private Instant _patienceUntil;

    /// <summary>Makes one for an interface.</summary>
    /// <param name="network">The interface.</param>
    /// <param name="done">Called with true when somebody has the address, at any time; with false when nobody has said so.</param>
    public AddressProbe(NetworkInterface network, Action<bool> done)
    {
        _network = network;
        _done = done;
        _timer = new StackTimer(network.Context.Timers, OnTimer);
    }

    /// <summary>Begins to ask.</summary>
    public void Begin(IPv4Address address)
    {
        _address = address;
        _sent = 0;
        _patienceUntil = default;
        _network.AddressProbe = this;
        _timer.Set(_network.Context.Now + (s_maximumWait * _network.Context.Random.NextDouble()));
    }

    /// <summary>The address is not used any more.</summary>
    public void End()
    {
        _timer.Remove();
        _network.AddressProbe = null;
    }

    /// <summary>An ARP packet of another station has come.</summary>
    public void Heard(in ArpFields fields)
    {
        if (_timer.IsSet)
        {
            // §2.1.1: somebody uses it, or somebody else is about to.
            if (fields.SenderProtocol == _address || (fields.SenderProtocol == IPv4Address.Any && fields.TargetProtocol == _address))
            {
                Conflict();
            }
        }
        else if (fields.SenderProtocol == _address)
        {
            // §2.4 (b): the address is defended once (ArpProtocol does); against one who insists it is given up.
            if (_network.Context.Now < _patienceUntil)
            {
                Conflict();
            }
            else
            {
                _patienceUntil = _network.Context.Now + s_defendInterval;
            }
        }
    }

    private void OnTimer()
    {
        if (_sent == Probes)
        {
            _done(false);
            return;
        }

        _network.Arp.Probe(_address);
        _timer.Set(_network.Context.Now + (++_sent == Probes ? s_lastWait : s_leastInterval * (1 + _network.Context.Random.NextDouble())));
    }

    private void Conflict()
    {
        _network.Context.Counters.Add(StackCounter.AddressConflicts);
        End();
        _done(true);
    }
}

using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Dhcp;

/// <summary>States of a client (RFC 2131 figure 5).</summary>
public enum DhcpState
{
    /// <summary>Not started, or stopped.</summary>
    Stopped,

    /// <summary>Waits before it begins again, after an address turned out to be in use (RFC 2131 §3.1 step 5).</summary>
    Init,

    /// <summary>Asks all servers for an address.</summary>
    Selecting,

    /// <summary>Asks a server for the address it offered.</summary>
    Requesting,

    /// <summary>Asks whether the address of an earlier run may be used again.</summary>
    Rebooting,

    /// <summary>The server gave an address; the link is asked whether somebody has it.</summary>
    Probing,

    /// <summary>The address is used.</summary>
    Bound,

    /// <summary>Asks the server to prolong the lease.</summary>
    Renewing,

    /// <summary>Asks all servers to prolong the lease.</summary>
    Rebinding,
}

/// <summary>The client's part of DHCP (RFC 2131 §4.4): messages and points in time in, messages and leases out.</summary>
internal sealed class DhcpProtocol
{
    /// <summary>Port of clients.</summary>
    public const ushort ClientPort = 68;

    /// <summary>Port of servers.</summary>
    public const ushort ServerPort = 67;

    // RFC 2131 §4.1: 4, 8, 16 ... 64 seconds, each a second more or less; §3.1 step 5: a request is repeated for about a minute.
    private const int RequestAttempts = 4;

    /// <summary>What we can take in one message; RFC 2131 §4.1 has 576 as the least.</summary>
    public const int MaximumMessageLength = 1472;

    private static readonly TimeSpan s_firstTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_lastTimeout = TimeSpan.FromSeconds(64);
    private static readonly TimeSpan s_leastRenewal = TimeSpan.FromSeconds(60); // §4.4.5
    private static readonly TimeSpan s_afterConflict = TimeSpan.FromSeconds(10); // §3.1 step 5

    private readonly IDhcpLink _link;
    private readonly MacAddress _hardware;
    private readonly DhcpSettings _settings;
    private readonly Random _random;
    private readonly byte[] _clientIdentifier;
    private readonly byte[] _message = new byte[576];
    private DhcpLease? _candidate; // offered, acknowledged and probed, or remembered
    private uint _transactionId;
    private Instant _started;
    private Instant _requested; // RFC 2131 §4.4.1: a lease runs from when it was asked for
    private Instant _bound;
    private int _attempts;

    public DhcpProtocol(IDhcpLink link, MacAddress hardware, DhcpSettings settings, Random random)
    {
        _link = link;
        _hardware = hardware;
        _settings = settings;
        _random = random;
        _clientIdentifier = settings.ClientIdentifier.IsEmpty ? MakeIdentifier(hardware) : settings.ClientIdentifier.ToArray();
    }

    public DhcpState State { get; private set; }

    /// <summary>The lease that is used.</summary>
    public DhcpLease? Lease { get; private set; }

    /// <summary>When <see cref="Run"/> has something to do.</summary>
    public Instant Next { get; private set; } = Instant.Never;

    /// <summary>Begins.</summary>
    public void Start(Instant now)
    {
        if (_settings.Previous is { } previous)
        {
            _candidate = previous;
            Begin(DhcpState.Rebooting, now);
            SendRequest(now);
        }
        else
        {
            Discover(now);
        }
    }

    /// <summary>Ends; gives the address back when that is wanted.</summary>
    public void Stop(Instant now)
    {
        if (Lease is { } lease)
        {
            if (_settings.ReleaseOnDispose)
            {
                DhcpWriter writer = Begin(DhcpMessageType.Release, lease.Address.Address.IPv4, now);
                writer.Add(DhcpOption.ServerIdentifier, lease.Server);
                _link.Send(writer.Finish(), lease.Address.Address.IPv4, lease.Server);
            }

            Lose();
        }

        State = DhcpState.Stopped;
        Next = Instant.Never;
    }

    /// <summary>Takes in what came to port 68.</summary>
    /// <returns>Whether it is an answer to us that could be used.</returns>
    public bool Receive(ReadOnlySpan<byte> bytes, Instant now)
    {
        if (!DhcpMessage.TryParse(bytes, out DhcpMessage message) || !message.IsReply || message.TransactionId != _transactionId || message.Hardware != _hardware)
        {
            return false;
        }

        switch (message.Type)
        {
            case DhcpMessageType.Offer when State == DhcpState.Selecting && DhcpLease.Read(message) is { } offer:
                _candidate = offer;
                State = DhcpState.Requesting;
                _attempts = 0;
                SendRequest(now);
                return true;

            case DhcpMessageType.Ack when IsAsking && DhcpLease.Read(message) is { } lease && IsFromChosen(lease):
                Acknowledged(lease, now);
                return true;

            // RFC 2131 §3.1 step 4, §4.4.5: start from the beginning, without the address.
            case DhcpMessageType.Nak when IsAsking && message.TryGetUInt32(DhcpOption.ServerIdentifier, out uint server)
                && (State != DhcpState.Requesting || server == _candidate!.Server.Value):
                Lose();
                Discover(now);
                return true;

            default:
                return false;
        }
    }

    /// <summary>The link has said whether somebody has the address, or somebody has claimed it while it was used.</summary>
    public void Probed(bool inUse, Instant now)
    {
        if (State is not (DhcpState.Probing or DhcpState.Bound or DhcpState.Renewing or DhcpState.Rebinding))
        {
            return;
        }

        if (!inUse)
        {
            if (State == DhcpState.Probing)
            {
                Bind(now);
            }

            return;
        }

        // RFC 2131 §4.4.4, table 5: no client address in it, and to all.
        DhcpLease lease = _candidate!;
        DhcpWriter writer = Begin(DhcpMessageType.Decline, IPv4Address.Any, now);
        writer.Add(DhcpOption.RequestedAddress, lease.Address.Address.IPv4);
        writer.Add(DhcpOption.ServerIdentifier, lease.Server);
        _link.Send(writer.Finish(), IPv4Address.Any, IPv4Address.Broadcast);
        Lose();
        State = DhcpState.Init;
        Next = now + s_afterConflict;
    }

    /// <summary>Does what is due.</summary>
    public void Run(Instant now)
    {
        if (now < Next)
        {
            return;
        }

        Next = Instant.Never;
        switch (State)
        {
            case DhcpState.Init:
                Discover(now);
                break;
            case DhcpState.Selecting:
                SendDiscover(now);
                break;
            case DhcpState.Requesting or DhcpState.Rebooting:
                if (_attempts == RequestAttempts)
                {
                    Discover(now);
                }
                else
                {
                    SendRequest(now);
                }

                break;
            case DhcpState.Bound:
                Begin(DhcpState.Renewing, now);
                Prolong(now);
                break;
            case DhcpState.Renewing or DhcpState.Rebinding:
                Prolong(now);
                break;
        }
    }

    private bool IsAsking => State is DhcpState.Requesting or DhcpState.Rebooting or DhcpState.Renewing or DhcpState.Rebinding;

    // The server that was asked, with the address that was asked for.
    private bool IsFromChosen(DhcpLease lease) =>
        lease.Address.Address == _candidate!.Address.Address && (State != DhcpState.Requesting || lease.Server == _candidate.Server);

    private void Discover(Instant now)
    {
        Begin(DhcpState.Selecting, now);
        SendDiscover(now);
    }

    private void Begin(DhcpState state, Instant now)
    {
        State = state;
        _transactionId = (uint)_random.NextInt64(1L << 32);
        _started = now;
        _attempts = 0;
    }

    private void SendDiscover(Instant now)
    {
        DhcpWriter writer = Begin(DhcpMessageType.Discover, IPv4Address.Any, now);
        AddWishes(ref writer);
        _link.Send(writer.Finish(), IPv4Address.Any, IPv4Address.Broadcast);
        Next = now + Backoff();
    }

    private void SendRequest(Instant now)
    {
        // RFC 2131 §4.3.2: which options are there tells the server what state we are in.
        DhcpWriter writer = Begin(DhcpMessageType.Request, IPv4Address.Any, now);
        writer.Add(DhcpOption.RequestedAddress, _candidate!.Address.Address.IPv4);
        if (State == DhcpState.Requesting)
        {
            writer.Add(DhcpOption.ServerIdentifier, _candidate.Server);
        }

        AddWishes(ref writer);
        _requested = _attempts == 0 ? now : _requested;
        _link.Send(writer.Finish(), IPv4Address.Any, IPv4Address.Broadcast);
        Next = now + Backoff();
    }

    private void Prolong(Instant now)
    {
        DhcpLease lease = Lease!;
        Instant end = _bound + lease.Duration;
        Instant rebinding = _bound + lease.RebindingTime;
        if (now >= end)
        {
            Lose();
            Discover(now);
            return;
        }

        State = now >= rebinding ? DhcpState.Rebinding : DhcpState.Renewing;
        IPv4Address address = lease.Address.Address.IPv4;
        DhcpWriter writer = Begin(DhcpMessageType.Request, address, now);
        AddWishes(ref writer);
        _requested = now;
        _link.Send(writer.Finish(), address, State == DhcpState.Rebinding ? IPv4Address.Broadcast : lease.Server);

        // RFC 2131 §4.4.5: again after half of what is left, but not within a minute.
        Instant limit = State == DhcpState.Rebinding ? end : rebinding;
        TimeSpan half = (limit - now) / 2;
        Instant next = now + (half > s_leastRenewal ? half : s_leastRenewal);
        Next = next < limit ? next : limit;
    }

    private void Acknowledged(DhcpLease lease, Instant now)
    {
        bool isNew = State is DhcpState.Requesting or DhcpState.Rebooting;
        _candidate = lease;
        if (isNew && _settings.DetectConflicts)
        {
            State = DhcpState.Probing;
            Next = Instant.Never;
            _link.Probe(lease.Address.Address.IPv4);
        }
        else
        {
            Bind(now);
        }
    }

    private void Bind(Instant now)
    {
        Lease = _candidate!;
        State = DhcpState.Bound;
        _bound = _requested;
        Next = Lease.Duration == Timeout.InfiniteTimeSpan ? Instant.Never : _bound + Lease.RenewalTime;
        if (Next < now)
        {
            Next = now; // a lease so short that finding out took longer
        }

        _link.Bound(Lease);
    }

    private void Lose()
    {
        if (Lease is not null)
        {
            Lease = null;
            _link.Lost();
        }
    }

    private DhcpWriter Begin(DhcpMessageType type, IPv4Address clientAddress, Instant now)
    {
        DhcpWriter writer = new(_message, DhcpMessage.BootRequest, type, _transactionId, _hardware)
        {
            Elapsed = now - _started,
            ClientAddress = clientAddress,

            // Without an address of our own nothing that is addressed to one would reach us (RFC 2131 §4.1).
            WantsBroadcast = clientAddress == IPv4Address.Any,
        };
        writer.Add(DhcpOption.ClientIdentifier, _clientIdentifier);
        return writer;
    }

    private void AddWishes(ref DhcpWriter writer)
    {
        writer.Add(DhcpOption.MaximumMessageSize, [MaximumMessageLength >> 8, MaximumMessageLength & 0xFF]);

        // RFC 3442: classless routes in front of the routers.
        writer.Add(DhcpOption.ParameterRequestList,
        [
            (byte)DhcpOption.SubnetMask, (byte)DhcpOption.ClasslessStaticRoutes, (byte)DhcpOption.Routers, (byte)DhcpOption.DomainNameServers,
            (byte)DhcpOption.DomainName, (byte)DhcpOption.DomainSearch, (byte)DhcpOption.InterfaceMtu, (byte)DhcpOption.RenewalTime, (byte)DhcpOption.RebindingTime,
        ]);
        if (_settings.HostName is { Length: > 0 and <= 63 } name)
        {
            writer.Add(DhcpOption.HostName, System.Text.Encoding.ASCII.GetBytes(name));
        }
    }

    private TimeSpan Backoff()
    {
        TimeSpan timeout = s_firstTimeout * (1 << Math.Min(_attempts++, 4));
        timeout = timeout < s_lastTimeout ? timeout : s_lastTimeout;
        return timeout + TimeSpan.FromMilliseconds(_random.Next(-1000, 1001));
    }

    // RFC 4361 §6.1: type 255, an identifier of the interface, and that of the host: here DUID-LL (RFC 8415 §11.4).
    private static byte[] MakeIdentifier(MacAddress hardware)
    {
        byte[] identifier = [255, 0, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0, 0, 0, 0];
        hardware.Write(identifier.AsSpan(9));
        identifier.AsSpan(11, 4).CopyTo(identifier.AsSpan(1));
        return identifier;
    }
}

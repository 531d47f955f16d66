using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport;

/// <summary>With whom a port may be shared (socket(7)).</summary>
[Flags]
internal enum PortSharing
{
    /// <summary>Only with who is bound to another address.</summary>
    None = 0,

    /// <summary>SO_REUSEADDR: with everybody who says so too, unless he listens.</summary>
    Address = 1,

    /// <summary>SO_REUSEPORT: with everybody of the same user who says so too; what comes is spread over them.</summary>
    Port = 2,
}

/// <summary>Something that waits for packets on a port.</summary>
internal interface IPortUser<T>
    where T : class
{
    /// <summary>Our address that it is bound to; 0.0.0.0: any of IPv4; ::, any of both families.</summary>
    IpAddress LocalAddress { get; }

    /// <summary>The port.</summary>
    ushort Port { get; }

    /// <summary>The next one on the same port.</summary>
    T? NextOnPort { get; set; }

    /// <summary>Bound to ::, it has no part in IPv4 (IPV6_V6ONLY).</summary>
    bool IsIPv6Only => false;

    /// <summary>Index of the one interface that it uses (SO_BINDTODEVICE); 0: any.</summary>
    int Interface { get; }

    /// <summary>With whom it shares the port.</summary>
    PortSharing Sharing => PortSharing.None;

    /// <summary>Whose it is, for <see cref="PortSharing.Port"/>.</summary>
    uint UserId => 0;

    /// <summary>It accepts connections: <see cref="PortSharing.Address"/> does not count against it.</summary>
    bool IsListening => false;

    /// <summary>Whether it has what <paramref name="other"/> wants, as far as addresses go.</summary>
    bool Holds(T other);

    /// <summary>How well a packet from there suits it, apart from its local address: less than 0, it is not for it; up to <see cref="PortTable{T}.GreatestFit"/>.</summary>
    int Fit(IpAddress remote, ushort remotePort, int network);
}

/// <summary>
/// Who has which port. Several may have one when they are bound to different addresses or interfaces or say that they share it (<see cref="PortSharing"/>); the most special of them gets
/// a packet, and among equals that share the port the hash of the flow decides.
/// </summary>
/// <param name="seed">Makes the spreading hard to foresee.</param>
internal sealed class PortTable<T>(ulong seed)
    where T : class, IPortUser<T>
{
    /// <summary>The greatest value of <see cref="IPortUser{T}.Fit"/>.</summary>
    public const int GreatestFit = 7;

    private readonly Dictionary<ushort, T> _first = [];

    /// <summary>All of them.</summary>
    public IEnumerable<T> All
    {
        get
        {
            foreach (T first in _first.Values)
            {
                for (T? user = first; user is not null; user = user.NextOnPort)
                {
                    yield return user;
                }
            }
        }
    }

    /// <summary>Whether two may not both be bound, as far as their addresses go.</summary>
    public static bool Overlap(T left, T right) => Covers(left, right.LocalAddress) || Covers(right, left.LocalAddress);

    /// <summary>Whether what comes to an address of ours would reach somebody there.</summary>
    public static bool Covers(T user, IpAddress address) => user.LocalAddress == address
        || (user.LocalAddress.IsUnspecified && (user.LocalAddress.IsIPv4 ? address.IsIPv4 : !(user.IsIPv6Only && address.IsIPv4)));

    /// <summary>Whether anybody has a port.</summary>
    public bool IsUsed(ushort port) => _first.ContainsKey(port);

    /// <summary>The youngest of those who have a port, or null; the others follow by <see cref="IPortUser{T}.NextOnPort"/>.</summary>
    public T? First(ushort port) => _first.GetValueOrDefault(port);

    /// <summary>Who gets a packet, or null.</summary>
    /// <param name="address">Our address that it came to.</param>
    /// <param name="port">The port that it came to.</param>
    /// <param name="remote">Who sent it.</param>
    /// <param name="remotePort">From which port.</param>
    /// <param name="network">Index of the interface that it came through.</param>
    public T? Find(IpAddress address, ushort port, IpAddress remote, ushort remotePort, int network)
    {
        T? best = null;
        int most = -1;
        int equals = 0;
        T? first = _first.GetValueOrDefault(port);
        for (T? user = first; user is not null; user = user.NextOnPort)
        {
            int score = Score(user, address, remote, remotePort, network);
            if (score > most)
            {
                best = user;
                most = score;
                equals = 1;
            }
            else if (score == most)
            {
                equals++;
            }
        }

        if (equals < 2 || most < 0 || (best!.Sharing & PortSharing.Port) == PortSharing.None)
        {
            return best;
        }

        // As Linux's reciprocal_scale().
        int chosen = (int)(((ulong)Hash(address, port, remote, remotePort) * (uint)equals) >> 32);
        for (T? user = best; user is not null; user = user.NextOnPort)
        {
            if (Score(user, address, remote, remotePort, network) == most && chosen-- == 0)
            {
                return user;
            }
        }

        return best;
    }

    /// <summary>Whether somebody has what it wants (inet_csk_bind_conflict() and udp_lib_lport_inuse() of Linux).</summary>
    public bool IsTaken(T user)
    {
        for (T? other = _first.GetValueOrDefault(user.Port); other is not null; other = other.NextOnPort)
        {
            if (other != user && !MayShare(other, user) && other.Holds(user))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds one, unless somebody has what it wants.</summary>
    public bool TryAdd(T user)
    {
        if (IsTaken(user))
        {
            return false;
        }

        Add(user);
        return true;
    }

    /// <summary>Adds one beside whoever is there.</summary>
    public void Add(T user)
    {
        user.NextOnPort = _first.GetValueOrDefault(user.Port);
        _first[user.Port] = user;
    }

    /// <summary>Takes one away.</summary>
    public void Remove(T user)
    {
        T? previous = null;
        for (T? other = _first.GetValueOrDefault(user.Port); other is not null; previous = other, other = other.NextOnPort)
        {
            if (other != user)
            {
                continue;
            }

            if (previous is not null)
            {
                previous.NextOnPort = user.NextOnPort;
            }
            else if (user.NextOnPort is { } next)
            {
                _first[user.Port] = next;
            }
            else
            {
                _first.Remove(user.Port);
            }

            user.NextOnPort = null;
            return;
        }
    }

    /// <summary>Takes all away.</summary>
    public void Clear() => _first.Clear();


    private static bool MayShare(T there, T user) =>
        (there.Interface != 0 && user.Interface != 0 && there.Interface != user.Interface)
        || (!there.IsListening && (there.Sharing & user.Sharing & PortSharing.Address) != PortSharing.None)
        || ((there.Sharing & user.Sharing & PortSharing.Port) != PortSharing.None && there.UserId == user.UserId);

    // An exact address before 0.0.0.0 before ::, since it says more.
    private static int Score(T user, IpAddress address, IpAddress remote, ushort remotePort, int network)
    {
        IpAddress bound = user.LocalAddress;
        int rank = bound == address ? 2
            : !bound.IsUnspecified ? -1
            : bound.IsIPv4 ? (address.IsIPv4 ? 1 : -1)
            : address.IsIPv4 && user.IsIPv6Only ? -1 : 0;
        int fit = rank < 0 ? -1 : user.Fit(remote, remotePort, network);
        return fit < 0 ? -1 : (rank * (GreatestFit + 1)) + fit;
    }

    private uint Hash(IpAddress address, ushort port, IpAddress remote, ushort remotePort)
    {
        ulong high = Math.BigMul(remote.High ^ seed, remote.Low ^ 0xA076_1D64_78BD_642F, out ulong low);
        ulong mixed = (high ^ low ^ ((ulong)remotePort << 16) ^ port ^ (address.Low << 17)) * 0x9E37_79B9_7F4A_7C15;
        mixed ^= mixed >> 32;
        return (uint)((mixed * 0xD6E8_FEB8_6659_FD93) >> 32);
    }
}

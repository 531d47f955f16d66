using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport;

/// <summary>Something that waits for packets on a port.</summary>
internal interface IPortUser<T>
    where T : class
{
    /// <summary>Our address that it is bound to; 0.0.0.0: any of IPv4; ::, any of both families.</summary>
    IpAddress LocalAddress { get; }

    /// <summary>The port.</summary>
    ushort Port { get; }

    /// <summary>The next one on the same port, bound to another address.</summary>
    T? NextOnPort { get; set; }
}

/// <summary>Who waits on which port. Several may share one when they are bound to different addresses; the most special of them gets a packet.</summary>
internal sealed class PortTable<T>
    where T : class, IPortUser<T>
{
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

    /// <summary>Whether anybody waits on a port.</summary>
    public bool IsUsed(ushort port) => _first.ContainsKey(port);

    /// <summary>Who gets what is sent to an address and a port, or null.</summary>
    public T? Find(IpAddress address, ushort port)
    {
        T? best = null;
        for (T? user = _first.GetValueOrDefault(port); user is not null; user = user.NextOnPort)
        {
            IpAddress bound = user.LocalAddress;
            if (bound == address)
            {
                return user;
            }

            // 0.0.0.0 before ::, since it says more.
            if (bound.IsUnspecified && (!bound.IsIPv4 || address.IsIPv4) && (best is null || bound.IsIPv4))
            {
                best = user;
            }
        }

        return best;
    }

    /// <summary>Adds one, unless somebody on the port is bound to the same address, or to all of them.</summary>
    public bool TryAdd(T user)
    {
        T? first = _first.GetValueOrDefault(user.Port);
        for (T? other = first; other is not null; other = other.NextOnPort)
        {
            if (Overlap(other.LocalAddress, user.LocalAddress))
            {
                return false;
            }
        }

        user.NextOnPort = first;
        _first[user.Port] = user;
        return true;
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

    private static bool Overlap(IpAddress left, IpAddress right) => left == right
        || (left.IsUnspecified && (!left.IsIPv4 || right.IsIPv4))
        || (right.IsUnspecified && (!right.IsIPv4 || left.IsIPv4));
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>The routers that IPv4 packets pass on their way to a destination, chosen by the sender (RFC 791 §3.1). See <see cref="NetworkOptions.SourceRouting"/>.</summary>
public sealed class SourceRoute
{
    /// <summary>Most routers: the first stands in the header, and of the option's nine addresses the last is the destination.</summary>
    public const int MaximumHops = 9;

    private readonly byte[] _hops; // four bytes each

    /// <param name="hops">Addresses of the routers in the order in which they are passed; 1 to <see cref="MaximumHops"/>.</param>
    /// <param name="isStrict">Each must be the neighbour of the next; otherwise any way may lead there.</param>
    /// <exception cref="ArgumentException">None, too many, or one that is no host's IPv4 address.</exception>
    public SourceRoute(ReadOnlySpan<IPAddress> hops, bool isStrict = false)
    {
        if (hops.Length is 0 or > MaximumHops)
        {
            throw new ArgumentException("A source route has 1 to 9 hops.", nameof(hops));
        }

        _hops = new byte[4 * hops.Length];
        for (int i = 0; i < hops.Length; i++)
        {
            if (hops[i].AddressFamily != AddressFamily.InterNetwork || !hops[i].TryWriteBytes(_hops.AsSpan(4 * i), out _) || !IsHost(_hops.AsSpan(4 * i)))
            {
                throw new ArgumentException("A hop is an IPv4 address of one host.", nameof(hops));
            }
        }

        IsStrict = isStrict;
    }

    private SourceRoute(ReadOnlySpan<byte> hops, bool isStrict)
    {
        _hops = hops.ToArray();
        IsStrict = isStrict;
    }

    /// <summary>Each hop is the neighbour of the next.</summary>
    public bool IsStrict { get; }

    /// <summary>The routers in the order in which they are passed.</summary>
    public IReadOnlyList<IPAddress> Hops => [.. _hops.Chunk(4).Select(static hop => new IPAddress(hop))];

    /// <summary>Where packets are sent to first.</summary>
    internal IPv4Address FirstHop => IPv4Address.Read(_hops);

    /// <summary>The way back over a route that is complete: the recorded addresses from the last to the first.</summary>
    /// <param name="option">The option as it came.</param>
    /// <param name="source">Who sent it.</param>
    /// <param name="known">Returned when it is the same way, so that nothing is allocated for each segment.</param>
    /// <returns>Null when there is none to be taken: the peer's neighbours are ours.</returns>
    internal static SourceRoute? Reverse(in SourceRouteOption option, IPv4Address source, SourceRoute? known)
    {
        ReadOnlySpan<byte> recorded = option.Addresses;
        if (recorded.Length >= 4 && IPv4Address.Read(recorded) == source)
        {
            recorded = recorded[4..]; // RFC 1122 §3.2.1.8 (c): some senders begin with themselves
        }

        Span<byte> hops = stackalloc byte[4 * MaximumHops];
        hops = hops[..recorded.Length];
        for (int i = 0; i < recorded.Length; i += 4)
        {
            recorded.Slice(i, 4).CopyTo(hops[^(i + 4)..]);
        }

        return hops.IsEmpty ? null
            : known is not null && known.IsStrict == option.IsStrict && hops.SequenceEqual(known._hops) ? known
            : new SourceRoute(hops, option.IsStrict);
    }

    /// <summary>Whether an address may stand in a route (RFC 1122 §3.2.1.3): no group, no broadcast, no loopback.</summary>
    internal static bool IsHost(ReadOnlySpan<byte> address) => address[0] is not (0 or 127 or >= 224);

    /// <summary>The option, padded to a multiple of four bytes: what comes behind the first hop, then the destination.</summary>
    internal byte[] OptionTo(IPv4Address destination)
    {
        byte[] option = new byte[SourceRouteOption.HeaderLength + _hops.Length + 1];
        option[0] = IsStrict ? SourceRouteOption.StrictType : SourceRouteOption.LooseType;
        option[1] = (byte)(option.Length - 1);
        option[2] = SourceRouteOption.HeaderLength + 1;
        _hops.AsSpan(4).CopyTo(option.AsSpan(SourceRouteOption.HeaderLength));
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(_hops.Length - 1), destination.Value);
        return option;
    }
}

using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>An address of ours that may become a source.</summary>
internal readonly record struct SourceCandidate
{
    /// <summary>The address.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>Bits of it that name the net, counted in its own family.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The interface that has it.</summary>
    public int Interface { get; init; }

    /// <summary>Its preferred lifetime is over (RFC 4862 §5.5.4).</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>It is a temporary one (RFC 8981).</summary>
    public bool IsTemporary { get; init; }

    /// <summary>The router that advertised its prefix; unspecified: none.</summary>
    public IpAddress Router { get; init; }
}

/// <summary>A destination with the source that would be used for it.</summary>
internal readonly record struct DestinationCandidate
{
    /// <summary>The destination.</summary>
    public required IpAddress Address { get; init; }

    /// <summary>There is a route and a source.</summary>
    public bool IsUsable { get; init; }

    /// <summary>The source, when usable.</summary>
    public SourceCandidate Source { get; init; }

    /// <summary>It is reached through a tunnel.</summary>
    public bool IsEncapsulated { get; init; }
}

/// <summary>
/// Default address selection (RFC 6724): which of our addresses a packet leaves from, and which of a peer's addresses is tried first. Rule 4 of both lists is about
/// mobile hosts, which we are not.
/// </summary>
internal static class AddressSelection
{
    private const int LinkLocalScope = 2;
    private const int SiteLocalScope = 5;
    private const int GlobalScope = 14;
    private const int MappedBits = 96;

    /// <summary>Chooses a source address (§5).</summary>
    /// <param name="candidates">Our addresses: for a link-local or multicast destination only those of the outgoing interface (§4); others than the destination's family are not looked at.</param>
    /// <param name="destination">Where the packet goes.</param>
    /// <param name="outgoing">The interface it leaves by.</param>
    /// <param name="nextHop">The router it is sent to; unspecified: none.</param>
    /// <param name="policy">The policy table.</param>
    /// <returns>The place of the best in <paramref name="candidates"/>; −1: none is of that family.</returns>
    public static int SelectSource(ReadOnlySpan<SourceCandidate> candidates, IpAddress destination, int outgoing, IpAddress nextHop, PolicyTable policy)
    {
        int best = -1;
        for (int i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].Address.IsIPv4 == destination.IsIPv4
                && (best < 0 || IsBetter(candidates[i], candidates[best], destination, outgoing, nextHop, policy)))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Brings destinations into the order in which they should be tried (§6). Equals stay in the order in which they came.</summary>
    /// <param name="destinations">The destinations.</param>
    /// <param name="policy">The policy table.</param>
    public static void Order(Span<DestinationCandidate> destinations, PolicyTable policy)
    {
        for (int i = 1; i < destinations.Length; i++)
        {
            DestinationCandidate moved = destinations[i];
            int at = i;
            for (; at > 0 && Compare(moved, destinations[at - 1], policy) > 0; at--)
            {
                destinations[at] = destinations[at - 1];
            }

            destinations[at] = moved;
        }
    }

    /// <summary>The scope of an address (§3.1, §3.2): the number that IPv6 groups have in their addresses.</summary>
    public static int Scope(IpAddress address)
    {
        if (address.IsIPv4)
        {
            // §3.2: loopback counts as link-local, private addresses as global; RFC 5771 §4: 224.0.0.0/24 stays on the link.
            return address.IsLoopback || address.IsLinkLocal || address.IPv4.Value >> 8 == 0xE0_0000 ? LinkLocalScope : GlobalScope;
        }

        if (address.IsMulticast)
        {
            return (int)(address.High >> 48) & 0xF;
        }

        return address.IsLinkLocal || address.IsLoopback ? LinkLocalScope
            : address.High >> 54 == 0x3FB ? SiteLocalScope // fec0::/10
            : GlobalScope;
    }

    private static bool IsBetter(in SourceCandidate a, in SourceCandidate b, IpAddress destination, int outgoing, IpAddress nextHop, PolicyTable policy)
    {
        // Rule 1: the same address.
        if (a.Address == destination || b.Address == destination)
        {
            return a.Address == destination;
        }

        // Rule 2: the smallest scope that still reaches the destination.
        int scopeA = Scope(a.Address);
        int scopeB = Scope(b.Address);
        if (scopeA != scopeB)
        {
            return scopeA < scopeB ? scopeA >= Scope(destination) : scopeB < Scope(destination);
        }

        // Rule 3: not a deprecated one.
        if (a.IsDeprecated != b.IsDeprecated)
        {
            return b.IsDeprecated;
        }

        // Rule 5: the outgoing interface's.
        if ((a.Interface == outgoing) != (b.Interface == outgoing))
        {
            return a.Interface == outgoing;
        }

        // Rule 5.5: in a prefix that the next hop advertised.
        if (!nextHop.IsUnspecified && (a.Router == nextHop) != (b.Router == nextHop))
        {
            return a.Router == nextHop;
        }

        // Rule 6: the destination's label.
        int label = policy.Find(destination).Label;
        bool labelA = policy.Find(a.Address).Label == label;
        bool labelB = policy.Find(b.Address).Label == label;
        if (labelA != labelB)
        {
            return labelA;
        }

        // Rule 7: temporary ones.
        if (a.IsTemporary != b.IsTemporary)
        {
            return a.IsTemporary;
        }

        // Rule 8: the longest prefix in common.
        return CommonPrefixLength(a, destination) > CommonPrefixLength(b, destination);
    }

    // More than 0: a goes first.
    private static int Compare(in DestinationCandidate a, in DestinationCandidate b, PolicyTable policy)
    {
        // Rule 1: not one that cannot be reached.
        if (a.IsUsable != b.IsUsable || !a.IsUsable)
        {
            return a.IsUsable.CompareTo(b.IsUsable);
        }

        // Rule 2: source and destination of one scope.
        int scopeA = Scope(a.Address);
        int scopeB = Scope(b.Address);
        int order = (scopeA == Scope(a.Source.Address)).CompareTo(scopeB == Scope(b.Source.Address));
        if (order != 0)
        {
            return order;
        }

        // Rule 3: not from a deprecated source.
        if (a.Source.IsDeprecated != b.Source.IsDeprecated)
        {
            return b.Source.IsDeprecated ? 1 : -1;
        }

        // Rule 5: source and destination with one label.
        ref readonly Policy policyA = ref policy.Find(a.Address);
        ref readonly Policy policyB = ref policy.Find(b.Address);
        order = (policyA.Label == policy.Find(a.Source.Address).Label).CompareTo(policyB.Label == policy.Find(b.Source.Address).Label);
        if (order != 0)
        {
            return order;
        }

        // Rule 6: the higher precedence. Rule 7: not through a tunnel. Rule 8: the smaller scope.
        order = policyA.Precedence.CompareTo(policyB.Precedence);
        order = order != 0 ? order : b.IsEncapsulated.CompareTo(a.IsEncapsulated);
        order = order != 0 ? order : scopeB.CompareTo(scopeA);
        if (order != 0 || a.Address.IsIPv4 != b.Address.IsIPv4)
        {
            return order;
        }

        // Rule 9: the longest prefix in common. Rule 10: as they came.
        return CommonPrefixLength(a.Source, a.Address).CompareTo(CommonPrefixLength(b.Source, b.Address));
    }

    // §2.2: never more than the source's own prefix.
    private static int CommonPrefixLength(in SourceCandidate source, IpAddress destination) => Math.Min(
        PolicyTable.CommonPrefixLength(source.Address, destination), (source.Address.IsIPv4 ? MappedBits : 0) + source.PrefixLength);
}

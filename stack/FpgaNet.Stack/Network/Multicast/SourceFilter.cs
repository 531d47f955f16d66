using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Multicast;

/// <summary>How a list of sources is meant (RFC 3376 §2).</summary>
public enum FilterMode
{
    /// <summary>Packets are wanted from the listed sources only; from none when the list is empty.</summary>
    Include,

    /// <summary>Packets are wanted from all sources but the listed ones.</summary>
    Exclude,
}

/// <summary>Which sources of a group are wanted (RFC 3376 §3, RFC 3810 §4). It never changes: a new state is a new filter.</summary>
internal sealed class SourceFilter(FilterMode mode, IReadOnlyList<IpAddress> sources)
{
    /// <summary>No packet of the group is wanted: the same as not being a member.</summary>
    public static SourceFilter Nothing { get; } = new(FilterMode.Include, []);

    public FilterMode Mode => mode;

    public IReadOnlyList<IpAddress> Sources => sources;

    public bool IsNothing => mode == FilterMode.Include && sources.Count == 0;

    public bool Accepts(IpAddress source) => Lists(source) == (mode == FilterMode.Include);

    public bool Lists(IpAddress source)
    {
        // By hand: this runs for every packet of a group, and an enumerator would be allocated.
        for (int i = 0; i < sources.Count; i++)
        {
            if (sources[i] == source)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The interface's filter from those of all sockets (RFC 3376 §3.2): what at least one of them wants.</summary>
    public static SourceFilter Combine(IEnumerable<SourceFilter> filters)
    {
        List<IpAddress> included = [];
        List<IpAddress>? excluded = null;
        foreach (SourceFilter filter in filters)
        {
            if (filter.Mode == FilterMode.Include)
            {
                included = [.. included.Union(filter.Sources)];
            }
            else
            {
                excluded = [.. excluded is null ? filter.Sources : excluded.Intersect(filter.Sources)];
            }
        }

        return excluded is null ? new SourceFilter(FilterMode.Include, included) : new SourceFilter(FilterMode.Exclude, [.. excluded.Except(included)]);
    }
}

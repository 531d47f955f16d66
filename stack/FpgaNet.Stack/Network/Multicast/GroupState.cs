using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network.Multicast;

/// <summary>What an interface knows of one group: who wants what of it, what routers have still to be told, and what they have asked.</summary>
internal sealed class GroupState(IpAddress address)
{
    private readonly List<(object User, SourceFilter Filter)> _users = [];
    private readonly Dictionary<IpAddress, int> _untoldSources = [];

    public IpAddress Address { get; } = address;

    /// <summary>What all users together want.</summary>
    public SourceFilter Filter { get; private set; } = SourceFilter.Nothing;

    /// <summary>How often the filter mode, or, in the older versions, being a member at all, has still to be told.</summary>
    public int UntoldMode { get; set; }

    /// <summary>When it is told next.</summary>
    public Instant ChangeDue { get; set; } = Instant.Never;

    /// <summary>When a query is answered.</summary>
    public Instant ResponseDue { get; set; } = Instant.Never;

    /// <summary>The sources asked about; empty: the whole group.</summary>
    public List<IpAddress> Queried { get; } = [];

    public bool HasUntold => UntoldMode != 0 || _untoldSources.Count != 0;

    /// <summary>Nobody wants anything of it and there is nothing left to say.</summary>
    public bool IsForgotten => Filter.IsNothing && _users.Count == 0 && !HasUntold;

    /// <summary>What one user wants.</summary>
    public SourceFilter FilterOf(object user)
    {
        foreach ((object other, SourceFilter filter) in _users)
        {
            if (ReferenceEquals(other, user))
            {
                return filter;
            }
        }

        return SourceFilter.Nothing;
    }

    /// <summary>One user wants something else from now on.</summary>
    /// <returns>The interface's filter as it was.</returns>
    public SourceFilter Set(object user, SourceFilter filter)
    {
        _users.RemoveAll(entry => ReferenceEquals(entry.User, user));
        if (!filter.IsNothing)
        {
            _users.Add((user, filter));
        }

        SourceFilter before = Filter;
        Filter = SourceFilter.Combine(_users.Select(static entry => entry.Filter));
        return before;
    }

    /// <summary>Notes what routers have to be told of a change (RFC 3376 §5.1, RFC 3810 §6.1).</summary>
    public void NoteChange(SourceFilter before, int robustness)
    {
        if (before.Mode != Filter.Mode)
        {
            UntoldMode = robustness;
            _untoldSources.Clear(); // a record of the mode says it all
            return;
        }

        foreach (IpAddress source in before.Sources.Except(Filter.Sources).Concat(Filter.Sources.Except(before.Sources)))
        {
            _untoldSources[source] = robustness;
        }
    }

    /// <summary>Nothing is to be told any more.</summary>
    public void CancelUntold()
    {
        UntoldMode = 0;
        _untoldSources.Clear();
        ChangeDue = Instant.Never;
    }

    /// <summary>Adds the records of the next state-change report, which tells each thing once less.</summary>
    public void AddChanges(MembershipReport report)
    {
        if (UntoldMode != 0)
        {
            UntoldMode--;
            report.Add(Filter.Mode == FilterMode.Include ? GroupRecordType.ChangeToInclude : GroupRecordType.ChangeToExclude, Address, Filter.Sources);
        }
        else
        {
            List<IpAddress> allow = [.. _untoldSources.Keys.Where(Filter.Accepts)];
            List<IpAddress> block = [.. _untoldSources.Keys.Where(source => !Filter.Accepts(source))];
            if (allow.Count != 0)
            {
                report.Add(GroupRecordType.AllowNewSources, Address, allow);
            }

            if (block.Count != 0)
            {
                report.Add(GroupRecordType.BlockOldSources, Address, block);
            }
        }

        foreach (IpAddress source in _untoldSources.Keys.ToList())
        {
            if (--_untoldSources[source] == 0)
            {
                _untoldSources.Remove(source);
            }
        }
    }

    /// <summary>Adds the record that answers a query (RFC 3376 §5.2, RFC 3810 §6.2), if there is something to say.</summary>
    public void AddCurrent(MembershipReport report)
    {
        if (Filter.IsNothing)
        {
            return;
        }

        if (Queried.Count == 0)
        {
            report.Add(Filter.Mode == FilterMode.Include ? GroupRecordType.ModeIsInclude : GroupRecordType.ModeIsExclude, Address, Filter.Sources);
            return;
        }

        List<IpAddress> wanted = [.. Queried.Where(Filter.Accepts)];
        if (wanted.Count != 0)
        {
            report.Add(GroupRecordType.ModeIsInclude, Address, wanted);
        }
    }
}

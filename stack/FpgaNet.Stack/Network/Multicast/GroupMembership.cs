using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network.Multicast;

/// <summary>
/// The groups that one interface is a member of in one family, and what it tells its routers of them: the host's part of IGMPv3 (RFC 3376, RFC 9776) and MLDv2 (RFC 3810,
/// RFC 9777), and of the older versions while a router speaks no newer one (RFC 3376 §7, RFC 3810 §8).
/// </summary>
/// <param name="protocol">IGMP or MLD.</param>
/// <param name="link">The way out.</param>
/// <param name="random">Decides delays.</param>
/// <param name="maximumGroups">Groups at most.</param>
/// <param name="maximumSources">Sources at most in one user's filter.</param>
/// <param name="addresses">Where the device is told which groups' frames to hand up; null: it hands up all.</param>
internal sealed class GroupMembership(MembershipProtocol protocol, IMembershipLink link, Random random, int maximumGroups = 64, int maximumSources = 64, IAddressFilter? addresses = null)
{
    private const int CurrentVersion = 3;
    private const int DefaultRobustness = 2; // RFC 3376 §8.1

    private static readonly TimeSpan s_defaultInterval = TimeSpan.FromSeconds(125); // §8.2
    private static readonly TimeSpan s_unsolicitedInterval = TimeSpan.FromSeconds(1); // §8.11

    private readonly Dictionary<IpAddress, GroupState> _groups = [];
    private readonly MembershipReport _report = new(protocol, link);
    private readonly byte[] _shortMessage = new byte[protocol.ShortLength];
    private int _robustness = DefaultRobustness;
    private TimeSpan _interval = s_defaultInterval;
    private Instant _generalDue = Instant.Never;
    private Instant _firstVersionUntil;
    private Instant _secondVersionUntil;
    private int _version = CurrentVersion;

    /// <summary>When <see cref="Run"/> has something to do.</summary>
    public Instant Next
    {
        get
        {
            Instant next = _generalDue;
            foreach (GroupState group in _groups.Values)
            {
                next = group.ChangeDue < next ? group.ChangeDue : next;
                next = group.ResponseDue < next ? group.ResponseDue : next;
            }

            return next;
        }
    }

    /// <summary>Groups that somebody is a member of, or that were left and routers have still to hear so.</summary>
    public int Count => _groups.Count;

    /// <summary>
    /// States what one user wants of a group: RFC 3376 §2's IPMulticastListen. Joining is to exclude nobody, leaving to include nobody.
    /// </summary>
    /// <param name="user">Who: a socket.</param>
    /// <param name="group">The group.</param>
    /// <param name="filter">From whom.</param>
    /// <param name="now">The time.</param>
    /// <returns>False when that would be too many groups or sources.</returns>
    public bool Listen(object user, IpAddress group, SourceFilter filter, Instant now)
    {
        if (!_groups.TryGetValue(group, out GroupState? state))
        {
            if (filter.IsNothing)
            {
                return true;
            }

            if (_groups.Count >= maximumGroups)
            {
                return false;
            }

            state = new GroupState(group);
            _groups.Add(group, state);
            addresses?.Join(MacAddress.ForGroup(group));
        }

        if (filter.Sources.Count > maximumSources)
        {
            Forget(state);
            return false;
        }

        UpdateVersion(now);
        Note(state, state.Set(user, filter), now);
        Run(now);
        return true;
    }

    /// <summary>A user wants nothing of any group any more.</summary>
    public void Leave(object user, Instant now)
    {
        UpdateVersion(now);
        foreach (GroupState state in _groups.Values)
        {
            if (!state.FilterOf(user).IsNothing)
            {
                Note(state, state.Set(user, SourceFilter.Nothing), now);
            }
        }

        Run(now);
    }

    /// <summary>Whether anybody here wants packets of a group from a source. Everybody is a member of all hosts.</summary>
    public bool Accepts(IpAddress group, IpAddress source) =>
        group == protocol.AllHosts || (_groups.TryGetValue(group, out GroupState? state) && state.Filter.Accepts(source));

    /// <summary>What one user wants of a group.</summary>
    public SourceFilter FilterOf(object user, IpAddress group) => _groups.TryGetValue(group, out GroupState? state) ? state.FilterOf(user) : SourceFilter.Nothing;

    /// <summary>
    /// Takes in a message of the protocol. Its IP layer has checked the checksum and that it comes from this link: TTL or hop limit 1, for MLD a link-local source too
    /// (RFC 3376 §9.1, RFC 3810 §5.1.14, §6.2).
    /// </summary>
    /// <returns>Whether it was understood.</returns>
    public bool Receive(ReadOnlySpan<byte> message, Instant now)
    {
        if (MembershipQuery.TryParse(protocol, message, out MembershipQuery query))
        {
            ReceiveQuery(query, now);
            return true;
        }

        if (message.Length < protocol.ShortLength || (message[0] != protocol.FirstReportType && message[0] != protocol.SecondReportType))
        {
            return false;
        }

        // RFC 2236 §3, RFC 2710 §4: in the older versions one member's answer is enough.
        UpdateVersion(now);
        if (_version < CurrentVersion && _groups.TryGetValue(protocol.ReadAddress(message[protocol.FixedLength..]), out GroupState? state))
        {
            state.ResponseDue = Instant.Never;
        }

        return true;
    }

    /// <summary>Does what is due.</summary>
    public void Run(Instant now)
    {
        UpdateVersion(now);
        foreach (GroupState group in _groups.Values)
        {
            if (group.ChangeDue <= now)
            {
                SendChange(group, now);
            }
        }

        bool general = _generalDue <= now;
        foreach (GroupState group in _groups.Values)
        {
            if (general)
            {
                group.Queried.Clear(); // RFC 3376 §5.2: the general answer covers the group's own
            }

            if (general || group.ResponseDue <= now)
            {
                SendResponse(group);
            }
        }

        if (general)
        {
            _generalDue = Instant.Never;
        }

        _report.Send();
    }

    private void ReceiveQuery(in MembershipQuery query, Instant now)
    {
        if (query.Version == CurrentVersion)
        {
            // RFC 3376 §4.1.6, §4.1.7: the querier's numbers become ours.
            _robustness = query.Robustness == 0 ? DefaultRobustness : query.Robustness;
            _interval = query.Interval == TimeSpan.Zero ? s_defaultInterval : query.Interval;
        }
        else if (query.IsGeneral)
        {
            // RFC 3376 §7.2.1, §8.12: so long the older version is spoken.
            Instant until = now + (_robustness * _interval) + query.MaximumDelay;
            _firstVersionUntil = query.Version == 1 ? until : _firstVersionUntil;
            _secondVersionUntil = query.Version == 2 ? until : _secondVersionUntil;
        }

        UpdateVersion(now);
        if (!query.IsGeneral)
        {
            if (_groups.TryGetValue(query.Group, out GroupState? state))
            {
                Schedule(state, query, now);
            }

            return;
        }

        if (_version == CurrentVersion)
        {
            Instant due = now + Delay(query.MaximumDelay);
            _generalDue = due < _generalDue ? due : _generalDue;
            return;
        }

        foreach (GroupState state in _groups.Values)
        {
            Schedule(state, query, now);
        }
    }

    private void Schedule(GroupState state, in MembershipQuery query, Instant now)
    {
        Instant due = now + Delay(query.MaximumDelay);
        if (_generalDue <= due)
        {
            return; // RFC 3376 §5.2 rule 1: the answer to everything comes sooner
        }

        // Rules 3 to 5: one answer that covers both questions, at the earlier time.
        bool pending = state.ResponseDue != Instant.Never;
        bool whole = query.SourceCount == 0 || (pending && state.Queried.Count == 0) || state.Queried.Count + query.SourceCount > maximumSources;
        if (whole)
        {
            state.Queried.Clear();
        }
        else
        {
            for (int i = 0; i < query.SourceCount; i++)
            {
                IpAddress source = query.Source(i);
                if (!state.Queried.Contains(source))
                {
                    state.Queried.Add(source);
                }
            }
        }

        state.ResponseDue = due < state.ResponseDue ? due : state.ResponseDue;
    }

    private void Note(GroupState state, SourceFilter before, Instant now)
    {
        if (!protocol.IsReported(state.Address))
        {
            Forget(state);
            return;
        }

        if (_version == CurrentVersion)
        {
            state.NoteChange(before, _robustness);
        }
        else if (before.IsNothing != state.Filter.IsNothing)
        {
            // RFC 2236 §3: joining is told again in case it was lost, leaving once.
            state.UntoldMode = state.Filter.IsNothing ? 1 : _robustness;
        }

        if (state.HasUntold)
        {
            state.ChangeDue = now;
        }
    }

    private void SendChange(GroupState group, Instant now)
    {
        if (_version == CurrentVersion)
        {
            group.AddChanges(_report);
        }
        else
        {
            group.UntoldMode--;
            if (!group.Filter.IsNothing)
            {
                SendShort(_version == 1 ? protocol.FirstReportType : protocol.SecondReportType, group.Address, group.Address);
            }
            else if (_version == 2)
            {
                SendShort(protocol.LeaveType, group.Address, protocol.AllRouters); // version 1 leaves without a word
            }
        }

        group.ChangeDue = group.HasUntold ? now + Delay(s_unsolicitedInterval) : Instant.Never;
        Forget(group);
    }

    private void SendResponse(GroupState group)
    {
        group.ResponseDue = Instant.Never;
        if (protocol.IsReported(group.Address))
        {
            if (_version == CurrentVersion)
            {
                group.AddCurrent(_report);
            }
            else if (!group.Filter.IsNothing)
            {
                SendShort(_version == 1 ? protocol.FirstReportType : protocol.SecondReportType, group.Address, group.Address);
            }
        }

        group.Queried.Clear();
    }

    private void SendShort(byte type, IpAddress group, IpAddress destination)
    {
        int length = protocol.WriteShort(_shortMessage, type, group);
        link.SendMembership(destination, _shortMessage.AsSpan(0, length));
    }

    private void Forget(GroupState group)
    {
        if (group.IsForgotten)
        {
            _groups.Remove(group.Address);
            addresses?.Leave(MacAddress.ForGroup(group.Address));
        }
    }

    // RFC 3376 §7.2.1: with the version that is spoken everything changes that was still to be said.
    private void UpdateVersion(Instant now)
    {
        int version = now < _firstVersionUntil ? 1 : now < _secondVersionUntil ? 2 : CurrentVersion;
        if (version == _version)
        {
            return;
        }

        _version = version;
        _generalDue = Instant.Never;
        foreach (GroupState group in _groups.Values)
        {
            group.CancelUntold();
            group.ResponseDue = Instant.Never;
            group.Queried.Clear();
            Forget(group);
        }
    }

    // More than nothing, as RFC 3376 §5.1 and §5.2 have it.
    private TimeSpan Delay(TimeSpan maximum) => TimeSpan.FromTicks(random.NextInt64(maximum.Ticks) + 1);
}

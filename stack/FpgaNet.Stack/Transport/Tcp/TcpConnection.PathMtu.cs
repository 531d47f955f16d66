using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// How large segments may be: what the peer takes (RFC 9293 §3.7.1), what routers say (RFC 1191, RFC 8201; RFC 5927 §7 on whom to believe), and what is found out by
/// sending when routers say nothing (RFC 4821, <see cref="PathMtuSearch"/>). Packets are never cut on their way: DF is set always.
/// </summary>
internal sealed partial class TcpConnection
{
    // Timeouts in a row until the size of segments is suspected; at every further so many it goes down once more.
    private const int BlackHoleTimeouts = 3;
    private const int LeastSegment = 32;
    private const int LeastIPv6Mtu = 1280; // RFC 8200 §5

    private PathMtuSearch? _mtuSearch; // made when packets cannot be as large as interface and peer would have them
    private int _largestSegment; // by the peer's MSS and our interface
    private int _mtu; // of the packets that are sent now
    private int _knownPathMtu; // the path's when it was last looked at
    private int _mtuProbe; // bytes of the probe packet on its way; 0: none
    private bool _sendsMtuProbe;

    private bool ProbesMtu => _settings.PathMtuDiscovery == PathMtuMode.Probing && _sack; // a probe's loss is told from others by reports only

    private int SegmentHeaders => _path.HeaderLength + TcpHeader.MinimumLength + (_timestamps ? TimestampsLength : 0);

    /// <summary>Whether a segment that begins here is on its way: an ICMP error about any other is forged or too late (RFC 5927 §4.1).</summary>
    public bool HasSent(SequenceNumber sequence) => sequence >= _una && sequence < _max;

    /// <summary>A router says that the path carries packets of so many bytes.</summary>
    /// <param name="sequence">Where the segment begins that was too large.</param>
    /// <param name="mtu">What fits.</param>
    public void PathMtuChanged(SequenceNumber sequence, int mtu)
    {
        if (_settings.PathMtuDiscovery == PathMtuMode.Off || mtu >= _mtu || _recovery is null)
        {
            return;
        }

        if (mtu < _path.PathMtu)
        {
            _tcp.Ip.PathMtu.Found(_path, mtu); // a path that is ours alone: over a source route
        }

        _knownPathMtu = _path.PathMtu;
        Reduce(mtu);

        // RFC 1191 §6.5, RFC 8201 §5.4: what was dropped goes again at once, and that it was dropped says nothing of congestion.
        _recovery.LoseLarger(sequence, _segment);
        _tcp.MakePending(this);
    }

    // The peer's SYN has come.
    private void StartPathMtu(int largestSegment)
    {
        _largestSegment = Math.Max(largestSegment, LeastSegment);
        _knownPathMtu = _path.PathMtu;
        _mtu = _largestSegment + SegmentHeaders;
        _segment = _largestSegment;
        if (_settings.PathMtuDiscovery != PathMtuMode.Off && _knownPathMtu < _mtu)
        {
            UseMtu(_knownPathMtu);
        }
    }

    /// <summary>Somebody else has learnt of the path, or what was known of it is forgotten after its time (RFC 1191 §6.3).</summary>
    private void FollowPathMtu()
    {
        if (_path.PathMtu == _knownPathMtu || _settings.PathMtuDiscovery == PathMtuMode.Off)
        {
            return;
        }

        _knownPathMtu = _path.PathMtu;
        if (_knownPathMtu < _mtu)
        {
            Reduce(_knownPathMtu);
        }
        else if (_mtu < _largestSegment + SegmentHeaders)
        {
            if (ProbesMtu)
            {
                Search.Raise();
            }
            else
            {
                UseMtu(_knownPathMtu);
            }
        }
    }

    private PathMtuSearch Search => _mtuSearch ??= new PathMtuSearch(_largestSegment + SegmentHeaders, _mtu);

    private void Reduce(int mtu)
    {
        if (ProbesMtu)
        {
            Search.Reduce(mtu, _net.Now);
        }

        UseMtu(mtu);
    }

    private void UseMtu(int mtu)
    {
        _mtu = Math.Min(mtu, _largestSegment + SegmentHeaders);
        int segment = Math.Max(_mtu - SegmentHeaders, LeastSegment);
        if (segment != _segment)
        {
            _segment = segment;
            if (IsSynchronized)
            {
                _congestion.SegmentSizeChanged(segment);
            }
        }
    }

    // RFC 4821 §7.7, full-stop timeout; RFC 8899 §4.3, black hole detection.
    private void SuspectBlackHole()
    {
        if (_retries % BlackHoleTimeouts != 0 || _settings.PathMtuDiscovery != PathMtuMode.Probing)
        {
            return;
        }

        // Without probes there is no way up again: then not so far down.
        int mtu = _retries == BlackHoleTimeouts || !ProbesMtu ? _settings.BasePathMtu : _settings.LeastPathMtu;
        mtu = _path.IsIPv4 ? mtu : Math.Max(mtu, LeastIPv6Mtu);
        int length = Math.Min(_next - _una, _segment);

        // A peer that has closed its window does not acknowledge either.
        if (mtu < _mtu && length > mtu - SegmentHeaders && length <= _sendWindow)
        {
            _net.Counters.Add(StackCounter.TcpBlackHoles);
            Search.Fall(mtu);
            UseMtu(mtu);
        }
    }

    /// <summary>Sends new data in a segment that is larger than others, to see whether it arrives.</summary>
    private bool TryProbeMtu(SequenceNumber end)
    {
        if (_mtuSearch is null || !ProbesMtu || _mtuProbe != 0 || SendsUrgent || _recovery!.IsWatching || _mtuSearch.Next(_net.Now) is not (> 0 and int size))
        {
            return false;
        }

        // RFC 4821 §7.4: so much behind it that its loss is noticed by reports. What is not there yet may be later.
        int length = size - SegmentHeaders;
        int needed = length + (3 * _segment);
        if (end - _next < needed || _una + _sendWindow - _next < needed || _congestion.CongestionWindow < needed || _recovery.Room < length
            || _send.Fit(_next - _una, length) < length || !MayLeave())
        {
            return false;
        }

        _sendsMtuProbe = true;
        bool isSent = TrySendData(_next, length, fin: false, push: false, isNew: true);
        _sendsMtuProbe = false;
        if (isSent)
        {
            _net.Counters.Add(StackCounter.TcpMtuProbes);
            _mtuProbe = size;
            AdvanceNext(length, fin: false, isMtuProbe: true);
        }

        return isSent;
    }

    private void ConcludeMtuProbe()
    {
        if (_mtuProbe == 0 || _recovery!.TakeMtuProbe() is var result && result == MtuProbeResult.None)
        {
            return;
        }

        int probe = _mtuProbe;
        _mtuProbe = 0;
        if (result == MtuProbeResult.Delivered)
        {
            _mtuSearch!.Succeeded(probe);
            UseMtu(_mtuSearch.Size);
            Share(isRaise: true);
        }
        else if (_mtuSearch!.Failed(probe))
        {
            Share(isRaise: false);
        }
    }

    // RFC 4821 §5.2: what is proven is told to the network layer, for others to the same destination.
    private void Share(bool isRaise)
    {
        if (isRaise ? _mtu > _path.PathMtu : _mtu < _path.PathMtu)
        {
            _tcp.Ip.PathMtu.Found(_path, _mtu);
            _knownPathMtu = _path.PathMtu;
        }
    }
}

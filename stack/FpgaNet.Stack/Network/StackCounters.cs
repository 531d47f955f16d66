using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using FpgaNet.Packets.Devices;

namespace FpgaNet.Stack.Network;

/// <summary>What a stack counts.</summary>
public enum StackCounter
{
    /// <summary>Frames received.</summary>
    RxFrames,

    /// <summary>Of the frames received those that we sent to ourselves, which no device saw.</summary>
    LoopbackFrames,

    /// <summary>Bytes received, Ethernet header included.</summary>
    RxBytes,

    /// <summary>Frames handed to the device; a frame that is cut later counts once.</summary>
    TxFrames,

    /// <summary>Bytes handed to the device.</summary>
    TxBytes,

    /// <summary>Frames not sent because the output queue or the header pool was full.</summary>
    TxQueueFull,

    /// <summary>Dropped: not for this station's address.</summary>
    RxNotForUs,

    /// <summary>Dropped: EtherType or VLAN that nobody takes.</summary>
    RxUnknownType,

    /// <summary>Dropped: a length or version in a header is wrong.</summary>
    RxMalformed,

    /// <summary>Dropped: IPv4 header checksum wrong.</summary>
    RxBadNetworkChecksum,

    /// <summary>Dropped: TCP, UDP or ICMP checksum wrong.</summary>
    RxBadTransportChecksum,

    /// <summary>Dropped: an address that cannot be there (RFC 1122 §3.2.1.3, RFC 4291 §2.5).</summary>
    RxMartian,

    /// <summary>Dropped: an IPv4 source route that is not complete, or leads over what is no host (RFC 1122 §3.2.1.8).</summary>
    RxSourceRouteRefused,

    /// <summary>Fragments received.</summary>
    RxFragments,

    /// <summary>Datagrams put together from fragments.</summary>
    RxReassembled,

    /// <summary>Fragments dropped: malformed, contradictory, too many, or twice.</summary>
    RxFragmentDropped,

    /// <summary>Datagrams whose fragments did not all come in time.</summary>
    RxReassemblyTimeouts,

    /// <summary>Fragments sent.</summary>
    TxFragments,

    /// <summary>Dropped: an IPv6 extension header or option that is refused (RFC 8200 §4).</summary>
    RxExtensionRefused,

    /// <summary>Dropped: a protocol that nobody takes.</summary>
    RxUnknownProtocol,

    /// <summary>ARP packets received that make sense.</summary>
    ArpReceived,

    /// <summary>ARP requests for our address, answered.</summary>
    ArpRequestsAnswered,

    /// <summary>Neighbour solicitations for our address, answered.</summary>
    NdpSolicitationsAnswered,

    /// <summary>Neighbour Discovery messages that break a rule (RFC 4861 §6.1, §7.1, §8.1), ignored.</summary>
    NdpInvalid,

    /// <summary>Router advertisements taken.</summary>
    NdpRouterAdvertisements,

    /// <summary>Redirects taken.</summary>
    NdpRedirects,

    /// <summary>Somebody else claims an address of ours.</summary>
    AddressConflicts,

    /// <summary>Answers about neighbours that nobody had asked for, ignored.</summary>
    NeighborUnsolicited,

    /// <summary>Neighbours that did not answer.</summary>
    NeighborFailures,

    /// <summary>Frames dropped while their neighbour's address was asked for.</summary>
    NeighborPendingDropped,

    /// <summary>IGMP messages received.</summary>
    IgmpReceived,

    /// <summary>IGMP and MLD messages that make no sense.</summary>
    GroupMessagesInvalid,

    /// <summary>ICMP messages received, of both families, whole and with a good checksum.</summary>
    IcmpReceived,

    /// <summary>Echo requests answered.</summary>
    IcmpEchoReplies,

    /// <summary>ICMP messages not sent because of the rate limit.</summary>
    IcmpRateLimited,

    /// <summary>ICMP errors sent.</summary>
    IcmpErrorsSent,

    /// <summary>ICMP errors received for a packet of ours.</summary>
    IcmpErrorsReceived,

    /// <summary>ICMP errors ignored: about nothing that we may have sent (RFC 5927), or with news that cannot be.</summary>
    IcmpErrorsIgnored,

    /// <summary>Paths found to carry smaller packets than was thought.</summary>
    PathMtuReduced,

    /// <summary>UDP datagrams delivered.</summary>
    UdpReceived,

    /// <summary>UDP datagrams sent.</summary>
    UdpSent,

    /// <summary>UDP datagrams to a port without a socket.</summary>
    UdpNoSocket,

    /// <summary>UDP datagrams dropped because their socket's queue was full.</summary>
    UdpQueueFull,

    /// <summary>TCP segments received whose header and options make sense.</summary>
    TcpSegmentsReceived,

    /// <summary>TCP segments handed down; a super-frame counts once.</summary>
    TcpSegmentsSent,

    /// <summary>TCP segments that took the short way (header prediction).</summary>
    TcpPredicted,

    /// <summary>Bytes sent again.</summary>
    TcpBytesRetransmitted,

    /// <summary>Retransmission timeouts.</summary>
    TcpTimeouts,

    /// <summary>Fast retransmits: recoveries entered.</summary>
    TcpFastRetransmits,

    /// <summary>Tail loss probes sent (RFC 8985 §7).</summary>
    TcpTailLossProbes,

    /// <summary>Recoveries and timeouts that turned out to have been for nothing, and were undone.</summary>
    TcpSpuriousRecoveries,

    /// <summary>What peers report to have received twice (RFC 2883).</summary>
    TcpDuplicatesReported,

    /// <summary>Echoes of marked congestion that the window was reduced for (RFC 3168).</summary>
    TcpCongestionEchoes,

    /// <summary>Segments out of order, kept.</summary>
    TcpOutOfOrder,

    /// <summary>Segments or parts dropped for want of memory or window.</summary>
    TcpReceiveDropped,

    /// <summary>Times that data out of order was given up because memory was full.</summary>
    TcpPruned,

    /// <summary>Segments outside the window or with an old time stamp.</summary>
    TcpUnacceptable,

    /// <summary>Challenge ACKs sent (RFC 5961).</summary>
    TcpChallengeAcks,

    /// <summary>Resets sent.</summary>
    TcpResetsSent,

    /// <summary>Resets received and honoured.</summary>
    TcpResetsReceived,

    /// <summary>SYNs, and half-open connections, dropped because a listener's queues were full.</summary>
    TcpListenDropped,

    /// <summary>SYNs answered with a cookie (RFC 4987 §3.6).</summary>
    TcpSynCookiesSent,

    /// <summary>Connections opened by a cookie that came back.</summary>
    TcpSynCookiesAccepted,

    /// <summary>Acknowledgements that were no cookie of ours, or too old, while cookies were out.</summary>
    TcpSynCookiesRefused,

    /// <summary>SYNs sent with a Fast Open cookie (RFC 7413).</summary>
    TcpFastOpensTried,

    /// <summary>Connections opened by a SYN with a Fast Open cookie of ours.</summary>
    TcpFastOpensAccepted,

    /// <summary>Peers to which SYNs with the Fast Open option got lost.</summary>
    TcpFastOpenBlackHoles,

    /// <summary>Connections that reached ESTABLISHED.</summary>
    TcpEstablished,

    /// <summary>Zero-window probes sent.</summary>
    TcpWindowProbes,

    /// <summary>Segments larger than others sent to find out what the path carries (RFC 4821).</summary>
    TcpMtuProbes,

    /// <summary>Times that segments were suspected to be too large for a path that says nothing.</summary>
    TcpBlackHoles,

    /// <summary>Keep-alive probes sent (RFC 9293 §3.8.4).</summary>
    TcpKeepAlives,
}

/// <summary>A stack's counters. They are written under the stack's lock and may be read at any time.</summary>
public sealed class StackCounters
{
    private static readonly string[] s_names = [.. Enum.GetNames<StackCounter>().Select(ToSnakeCase)];

    private Values _values; // not an array: a counter's place is a constant, and segments are counted a dozen times each

    /// <summary>One counter's value.</summary>
    /// <param name="counter">Which.</param>
    public ulong this[StackCounter counter] => Volatile.Read(ref _values[(int)counter]);

    /// <summary>Adds all counters to a list.</summary>
    /// <param name="counters">Receives names and values.</param>
    public void Read(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        for (int i = 0; i < s_names.Length; i++)
        {
            counters.Add(new DeviceCounter(s_names[i], Volatile.Read(ref _values[i])));
        }
    }

    internal void Add(StackCounter counter) => _values[(int)counter]++;

    internal void Add(StackCounter counter, int count) => _values[(int)counter] += (ulong)count;

    [InlineArray((int)StackCounter.TcpKeepAlives + 1)] // the last
    private struct Values
    {
        private ulong _first;
    }

    private static string ToSnakeCase(string name)
    {
        StringBuilder text = new();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && text.Length != 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLower(c, CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}

using System.Runtime.CompilerServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Raw;

/// <summary>Who receives packets of a protocol. Called under the stack's lock.</summary>
internal interface IRawUser
{
    /// <summary>There is a packet.</summary>
    void Signal();

    /// <summary>A packet of the protocol that may be his did not arrive.</summary>
    void Failed(in SentPacket packet, DeliveryFailure reason);

    /// <summary>The stack ends: what is held of its buffers is given back.</summary>
    void Drop();
}

/// <summary>What one raw socket receives.</summary>
internal sealed class RawEndpoint(IRawUser user, IpProtocol protocol, bool isIPv6)
{
    private const byte NoFilter = 0;

    private IcmpFilter _filter;

    public IRawUser User => user;

    /// <summary>Whose packets it wants.</summary>
    public IpProtocol Protocol => protocol;

    /// <summary>The address of ours that it is bound to; unspecified: any.</summary>
    public IpAddress LocalAddress { get; set; }

    /// <summary>The peer that it is connected to; unspecified: none.</summary>
    public IpAddress RemoteAddress { get; set; }

    /// <summary>Index of the one interface that it uses; 0: any.</summary>
    public int Interface { get; set; }

    /// <summary>Packets of groups that only others have joined come too.</summary>
    public bool TakesAllGroups { get; set; } = true;

    /// <summary>Each packet is to say when it was queued.</summary>
    public bool StampsArrivals { get; set; }

    /// <summary>Packets of IPv6 must have a right checksum at this place (RFC 3542 §3.1); null: they need none.</summary>
    public int? ChecksumOffset { get; set; }

    /// <summary>What waits.</summary>
    public DatagramQueue Queue { get; } = new();

    /// <summary>Types of ICMP messages that are not wanted, a bit each (raw(7), RFC 3542 §3.2).</summary>
    public Span<uint> BlockedTypes => _filter;

    /// <summary>Whether a packet is for it.</summary>
    public bool Takes(in IpPacket packet)
    {
        if (packet.Protocol != protocol || packet.Source.IsIPv4 == isIPv6 || (Interface != 0 && Interface != packet.Interface.Index)
            || !(LocalAddress.IsUnspecified || LocalAddress == packet.Destination) || !(RemoteAddress.IsUnspecified || RemoteAddress == packet.Source))
        {
            return false;
        }

        if (packet.Destination.IsMulticast)
        {
            Network.Multicast.SourceFilter filter = packet.Interface.Groups.FilterOf(user, packet.Destination);
            if (!(filter.IsNothing ? TakesAllGroups : filter.Accepts(packet.Source)))
            {
                return false;
            }
        }

        ReadOnlySpan<byte> head = packet.Head;
        byte type = protocol is IpProtocol.Icmp or IpProtocol.Icmpv6 && !head.IsEmpty ? head[0] : NoFilter;
        return (BlockedTypes[type >> 5] >> (type & 31) & 1) == 0;
    }

    /// <summary>Whether it may have sent a packet.</summary>
    public bool MayHaveSent(in SentPacket packet) => packet.Protocol == protocol && packet.Destination.IsIPv4 != isIPv6
        && (LocalAddress.IsUnspecified || LocalAddress == packet.Source) && (RemoteAddress.IsUnspecified || RemoteAddress == packet.Destination);

    [InlineArray(8)]
    private struct IcmpFilter
    {
        private uint _first;
    }
}

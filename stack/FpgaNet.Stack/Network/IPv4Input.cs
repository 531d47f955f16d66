using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Fragments;

namespace FpgaNet.Stack.Network;

/// <summary>IPv4 packets that come in (RFC 791, RFC 1122 §3.2.1): checked, put together where they were cut, and handed up.</summary>
internal sealed class IPv4Input(IpLayer ip)
{
    /// <summary>Takes in a packet.</summary>
    /// <param name="network">The interface.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="offset">First byte of the packet.</param>
    /// <param name="linkGroup">The frame went to more than one station.</param>
    public void Receive(NetworkInterface network, ref RxFrame frame, int offset, bool linkGroup)
    {
        StackCounters counters = ip.Context.Counters;
        if (!IPv4Header.TryParse(frame.Frame.Header.Span[offset..], frame.Frame.Length - offset, out IPv4Header header))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        if (frame.Offload.NetworkChecksum != ChecksumVerdict.Good
            && (frame.Offload.NetworkChecksum == ChecksumVerdict.Bad || !header.ChecksumIsGood))
        {
            counters.Add(StackCounter.RxBadNetworkChecksum);
            return;
        }

        IPv4Address source = header.Source;
        IPv4Address destination = header.Destination;
        if (IsMartian(network, source, destination))
        {
            counters.Add(StackCounter.RxMartian);
            return;
        }

        bool isGroup = false;
        if (!network.Accepts(destination))
        {
            isGroup = network.IsBroadcast(destination) || (destination.IsMulticast && network.Groups.Accepts(destination, source));
            if (!isGroup)
            {
                counters.Add(StackCounter.RxNotForUs);
                return;
            }
        }
        else if (linkGroup)
        {
            // RFC 1122 §3.3.6: a unicast packet in a link-layer broadcast is to be dropped silently.
            counters.Add(StackCounter.RxMartian);
            return;
        }

        IpPacket packet = new()
        {
            Frame = ref frame,
            Interface = network,
            Source = source,
            Destination = destination,
            NetworkOffset = offset,
            TransportOffset = offset + header.HeaderLength,
            TransportLength = header.PayloadLength,
            Protocol = header.Protocol,
            TrafficClass = header.TrafficClass,
            HopLimit = header.TimeToLive,
            IsGroup = isGroup,
        };
        if (!header.IsPlain)
        {
            if (!TakeSourceRoute(ref packet, header.Options))
            {
                return;
            }

            if (header.IsFragment)
            {
                ip.Fragments.Receive(packet, Fragment.From(header, offset));
                return;
            }
        }

        ip.Deliver(ref packet, nextHeaderAt: 0);
    }

    // RFC 1122 §3.2.1.8 (c): a packet whose route is not complete is on its way to somebody else, and we forward nothing (§3.3.5). Of a route that is complete the
    // transport learns only when somebody wants it to; all other options are passed over (RFC 9293 §3.9.2.1, MUST-50).
    private bool TakeSourceRoute(ref IpPacket packet, ReadOnlySpan<byte> options)
    {
        StackCounters counters = ip.Context.Counters;
        if (!SourceRouteOption.TryFind(options, out SourceRouteOption route))
        {
            counters.Add(StackCounter.RxMalformed);
            return false;
        }

        if (!route.IsPresent)
        {
            return true;
        }

        bool isAccepted = route.IsComplete;
        if (ip.Context.Options.SourceRouting)
        {
            packet.SourceRouteOffset = packet.NetworkOffset + IPv4Header.MinimumLength + route.Offset;
            for (ReadOnlySpan<byte> hops = route.Addresses; !hops.IsEmpty; hops = hops[IPv4Address.Length..])
            {
                isAccepted &= SourceRoute.IsHost(hops) && !ip.IsOwn(IPv4Address.Read(hops));
            }
        }

        if (!isAccepted)
        {
            counters.Add(StackCounter.RxSourceRouteRefused);
        }

        return isAccepted;
    }

    // RFC 1122 §3.2.1.3: no source may be a group, a broadcast, the loopback net or unknown; ours neither, since what we send to ourselves takes no device. On the
    // loopback interface all that is otherwise.
    private static bool IsMartian(NetworkInterface network, IPv4Address source, IPv4Address destination) =>
        source.IsMulticast || source.Value >> 28 == 0xF || source.Value >> 24 == 0
        || (!network.IsLoopback
            && (source.IsLoopback || destination.IsLoopback || network.FindAddress(source) is not null || network.IsBroadcast(source)));
}

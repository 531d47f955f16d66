using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Fragments;

namespace FpgaNet.Stack.Network;

/// <summary>IPv6 packets that come in (RFC 8200): checked, put together where they were cut, and handed up.</summary>
internal sealed class IPv6Input(IpLayer ip)
{
    /// <summary>Takes in a packet.</summary>
    /// <param name="network">The interface.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="offset">First byte of the packet.</param>
    /// <param name="linkGroup">The frame went to more than one station.</param>
    public void Receive(NetworkInterface network, ref RxFrame frame, int offset, bool linkGroup)
    {
        StackCounters counters = ip.Context.Counters;
        ReadOnlySpan<byte> bytes = frame.Frame.Header.Span[offset..];
        if (!network.HasIPv6)
        {
            counters.Add(StackCounter.RxUnknownType);
            return;
        }

        if (!IPv6Header.TryParse(bytes, frame.Frame.Length - offset, out IPv6Header header))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        IpAddress source = header.Source;
        IpAddress destination = header.Destination;
        if (IsMartian(network, source, destination))
        {
            counters.Add(StackCounter.RxMartian);
            return;
        }

        bool isGroup = destination.IsMulticast;
        if (isGroup ? !network.Groups.Accepts(destination, source) : !network.Accepts(destination))
        {
            counters.Add(StackCounter.RxNotForUs);
            return;
        }

        if (linkGroup && !isGroup)
        {
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
            TransportOffset = offset + IPv6Header.Length,
            TransportLength = header.PayloadLength,
            Protocol = header.NextHeader,
            TrafficClass = header.TrafficClass,
            HopLimit = header.HopLimit,
            IsGroup = isGroup,
        };

        // What most packets are needs no walk.
        if (header.NextHeader is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Icmpv6)
        {
            ip.Deliver(ref packet, nextHeaderAt: 6);
        }
        else
        {
            ReceiveExtended(ref packet, header, bytes);
        }
    }

    private void ReceiveExtended(ref IpPacket packet, in IPv6Header header, ReadOnlySpan<byte> bytes)
    {
        ExtensionHeaders extensions = default;
        ExtensionVerdict verdict = extensions.Walk(bytes, header);
        packet.HasRouterAlert = extensions.HasRouterAlert;
        switch (verdict)
        {
            case ExtensionVerdict.Deliver:
                SetTransport(ref packet, header, extensions.Protocol, extensions.Offset);
                ip.Deliver(ref packet, extensions.NextHeaderAt);
                break;
            case ExtensionVerdict.Fragment:
                {
                    IPv6FragmentHeader fragment = IPv6FragmentHeader.Read(bytes[extensions.Offset..]);
                    ip.Fragments.Receive(packet, Fragment.From(header, packet.NetworkOffset, extensions.Offset, fragment));
                }

                break;
            case ExtensionVerdict.Problem:
                ip.Context.Counters.Add(StackCounter.RxExtensionRefused);

                // Whether it is itself an error, about which none may be sent, stands behind all headers.
                bool isWhole = header.TryWalkExtensions(out IPv6UpperLayer upper);
                SetTransport(ref packet, header, isWhole ? upper.Protocol : IpProtocol.NoNextHeader, isWhole ? upper.Offset : IPv6Header.Length);
                ip.Icmp.Errors.SendParameterProblem(packet, extensions.Code, extensions.Pointer, extensions.TellsGroups);
                break;
            case ExtensionVerdict.Malformed:
                ip.Context.Counters.Add(StackCounter.RxMalformed);
                break;
            default:
                ip.Context.Counters.Add(StackCounter.RxExtensionRefused);
                break;
        }
    }

    private static void SetTransport(ref IpPacket packet, in IPv6Header header, IpProtocol protocol, int offset)
    {
        packet.Protocol = protocol;
        packet.TransportOffset = packet.NetworkOffset + offset;
        packet.TransportLength = IPv6Header.Length + header.PayloadLength - offset;
    }

    // RFC 4291 §2.5.2, §2.5.3, §2.7: no source may be a group or the loopback address, no destination unspecified or the loopback address; no mapped address belongs
    // on a wire (RFC 4291 §2.5.5.2). What comes from ourselves takes no device. On the loopback interface all that is otherwise.
    private static bool IsMartian(NetworkInterface network, IpAddress source, IpAddress destination) =>
        source.IsMulticast || source.IsIPv4 || destination.IsIPv4 || destination.IsUnspecified
        || (destination.IsMulticast && (destination.High >> 48 & 0xF) <= 1) // RFC 4291 §2.7: scope 0 is reserved, scope 1 never leaves a host
        || (!network.IsLoopback && (source.IsLoopback || destination.IsLoopback || network.FindAddress(source) is not null));
}

using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>IPv6 packets that come in (RFC 8200): checked, and handed up.</summary>
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
        if (!IPv6Header.TryParse(frame.Frame.Header.Span[offset..], frame.Frame.Length - offset, out IPv6Header header))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        IPv6Address source6 = header.Source;
        IPv6Address destination6 = header.Destination;
        IpAddress source = source6;
        IpAddress destination = destination6;

        // RFC 4291 §2.5.2, §2.5.3, §2.7: no source may be a group or the loopback address, no destination unspecified or the loopback address; and no mapped address
        // belongs on a wire (§2.5.5.2).
        if (source.IsMulticast || source.IsLoopback || source.IsIPv4 || destination.IsIPv4 || destination.IsLoopback || destination.IsUnspecified
            || network.FindAddress(source) is not null)
        {
            counters.Add(StackCounter.RxMartian);
            return;
        }

        if (network.FindAddress(destination) is null)
        {
            counters.Add(StackCounter.RxNotForUs);
            return;
        }

        if (linkGroup)
        {
            counters.Add(StackCounter.RxMartian);
            return;
        }

        if (!header.TryWalkExtensions(out IPv6UpperLayer upper))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        if (upper.IsFragment)
        {
            counters.Add(StackCounter.RxFragment);
            return;
        }

        IpPacket packet = new()
        {
            Frame = ref frame,
            Interface = network,
            Source = source,
            Destination = destination,
            NetworkOffset = offset,
            TransportOffset = offset + upper.Offset,
            TransportLength = IPv6Header.Length + header.PayloadLength - upper.Offset,
            TrafficClass = header.TrafficClass,
            HopLimit = header.HopLimit,
        };
        ip.Deliver(ref packet, upper.Protocol);
    }
}

namespace FpgaNet.Stack.Network;

/// <summary>Path MTU discovery (RFC 1191, RFC 8201): what routers say of packets of ours that were too large, believed in reason and forgotten after a while.</summary>
internal sealed class PathMtuDiscovery(StackContext context, IpLayer ip)
{
    // What no sane path falls below; who could push it lower could make us send ever smaller packets (RFC 5927 §7.2).
    private const int LeastIPv4 = 552;
    private const int LeastIPv6 = 1280; // RFC 8201 §4

    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(10); // RFC 1191 §6.3, RFC 8201 §4

    /// <summary>A transport has found out by itself what arrives (RFC 4821 §5.2).</summary>
    public void Found(Destination destination, int mtu)
    {
        destination.PathMtu = mtu;
        destination.PathMtuUntil = context.Now + s_lifetime;
    }

    /// <summary>A packet of ours was too large. The caller has made sure that the transport may have sent it.</summary>
    /// <param name="packet">Which.</param>
    /// <param name="mtu">What the router says that fits.</param>
    /// <param name="packetLength">Length of the packet in bytes.</param>
    public void Reduce(in SentPacket packet, int mtu, int packetLength)
    {
        bool isIPv4 = packet.Destination.IsIPv4;

        // What fits must be less than what did not; and RFC 8201 §4: less than 1280 is no news, since every link carries that.
        if (mtu >= packetLength || (!isIPv4 && mtu < LeastIPv6))
        {
            context.Counters.Add(StackCounter.IcmpErrorsIgnored);
            return;
        }

        mtu = Math.Max(mtu, isIPv4 ? LeastIPv4 : LeastIPv6);
        bool reduced = packet.IsSourceRouted; // only its sender has that way
        for (int i = 0; i < 4 && !packet.IsSourceRouted; i++)
        {
            // It is known by up to four keys: with and without a source, with and without an interface.
            DestinationKey key = new(packet.Destination, (i & 1) == 0 ? packet.Source : default, (i & 2) == 0 ? 0 : packet.Interface.Index);
            if (ip.Destinations.Peek(key) is { } destination && mtu < destination.PathMtu)
            {
                destination.PathMtu = mtu;
                destination.PathMtuUntil = context.Now + s_lifetime;
                reduced = true;
            }
        }

        if (reduced)
        {
            context.Counters.Add(StackCounter.PathMtuReduced);
            ip.PathMtuChanged(packet, mtu);
        }
    }
}

using FpgaNet.Packets.Offload;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Raw;

/// <summary>Raw sockets' packets (raw(7), ipv6(7)): each that wants a packet gets one, whoever else does. The network layer knows of it only while there is one.</summary>
internal sealed class RawProtocol(StackContext context, IpLayer ip) : IPacketObserver
{
    private readonly List<RawEndpoint> _endpoints = [];

    public IpLayer Ip => ip;

    /// <summary>From now on it receives.</summary>
    public void Add(RawEndpoint endpoint)
    {
        _endpoints.Add(endpoint);
        ip.Raw = this;
    }

    /// <summary>It receives no more.</summary>
    public void Remove(RawEndpoint endpoint)
    {
        _endpoints.Remove(endpoint);
        endpoint.Queue.Clear();
        if (_endpoints.Count == 0)
        {
            ip.Raw = null;
        }
    }

    /// <summary>Drops all that waits.</summary>
    public void Clear()
    {
        foreach (RawEndpoint endpoint in _endpoints)
        {
            endpoint.Queue.Clear();
            endpoint.User.Drop();
        }
    }

    /// <inheritdoc/>
    public bool Observe(in IpPacket packet)
    {
        bool isSpoken = false;
        foreach (RawEndpoint endpoint in _endpoints)
        {
            if (endpoint.Takes(packet))
            {
                isSpoken = true;
                Queue(endpoint, packet);
            }
        }

        return isSpoken;
    }

    /// <inheritdoc/>
    public bool HasSent(in SentPacket packet)
    {
        foreach (RawEndpoint endpoint in _endpoints)
        {
            if (endpoint.MayHaveSent(packet))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Undeliverable(in SentPacket packet, DeliveryFailure reason)
    {
        foreach (RawEndpoint endpoint in _endpoints)
        {
            if (endpoint.MayHaveSent(packet))
            {
                endpoint.User.Failed(packet, reason);
            }
        }
    }

    // raw(7): with its header over IPv4. RFC 3542 §3: without over IPv6.
    private void Queue(RawEndpoint endpoint, in IpPacket packet)
    {
        DatagramIn datagram = DatagramIn.From(packet);
        bool isIPv4 = packet.Source.IsIPv4;
        datagram.Offset = isIPv4 ? packet.NetworkOffset : packet.TransportOffset;
        datagram.Length = packet.TransportOffset + packet.TransportLength - datagram.Offset;
        if (endpoint.StampsArrivals)
        {
            datagram.Arrival = context.Options.TimeProvider.GetUtcNow();
        }

        if (endpoint.ChecksumOffset is not null && !isIPv4 && !ChecksumIsGood(packet))
        {
            context.Counters.Add(StackCounter.RxBadTransportChecksum);
            return;
        }

        datagram.Frame.AddReferences();
        if (endpoint.Queue.TryEnqueue(datagram))
        {
            endpoint.User.Signal();
        }
        else
        {
            datagram.Frame.Release();
        }
    }

    private static bool ChecksumIsGood(in IpPacket packet)
    {
        uint pseudo = InternetChecksum.PseudoHeader(packet.Source, packet.Destination, packet.Protocol, packet.TransportLength);
        return InternetChecksum.Finish(FrameChecksum.Sum(packet.Frame.Frame, packet.TransportOffset, packet.TransportLength, pseudo)) == 0;
    }
}

using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>ICMP of both families (RFC 792, RFC 1122 §3.2.2, RFC 4443): looks at what a message is and hands it to whom it concerns.</summary>
internal sealed class IcmpLayer
{
    private readonly StackContext _context;
    private readonly IcmpErrorInput _errorInput;

    public IcmpLayer(StackContext context, IpLayer ip)
    {
        _context = context;
        Echo = new IcmpEcho(context, ip);
        Errors = new IcmpErrors(context, ip);
        _errorInput = new IcmpErrorInput(context, ip);
    }

    /// <summary>Echo requests and their answers.</summary>
    public IcmpEcho Echo { get; }

    /// <summary>Errors that we send.</summary>
    public IcmpErrors Errors { get; }

    /// <summary>Takes in a message of IPv4.</summary>
    public void Receive(in IpPacket packet)
    {
        if (!TryParse(packet, pseudo: 0, out IcmpHeader message))
        {
            return;
        }

        _context.Counters.Add(StackCounter.IcmpReceived);
        switch (message.Type)
        {
            // RFC 1122 §3.2.2.6: an echo request to a broadcast address may be ignored, and is.
            case IcmpType.EchoRequest when !packet.IsGroup:
                Echo.Answer(packet, message);
                break;
            case IcmpType.EchoReply:
                Echo.TakeReply(packet, message);
                break;
            case IcmpType.DestinationUnreachable or IcmpType.TimeExceeded or IcmpType.ParameterProblem:
                _errorInput.Receive(packet, message);
                break;
        }
    }

    /// <summary>Takes in a message of IPv6.</summary>
    public void Receive6(in IpPacket packet)
    {
        if (!TryParse(packet, InternetChecksum.PseudoHeader(packet.Source, packet.Destination, IpProtocol.Icmpv6, packet.TransportLength), out IcmpHeader message))
        {
            return;
        }

        NetworkInterface network = packet.Interface;
        if (packet.Source.IsUnspecified && message.Type6 is not (Icmpv6Type.NeighborSolicitation or Icmpv6Type.MulticastListenerReport2))
        {
            _context.Counters.Add(StackCounter.RxMartian);
            return;
        }

        _context.Counters.Add(StackCounter.IcmpReceived);
        switch (message.Type6)
        {
            case Icmpv6Type.EchoRequest:
                Echo.Answer(packet, message);
                break;
            case Icmpv6Type.EchoReply:
                Echo.TakeReply(packet, message);
                break;
            case Icmpv6Type.DestinationUnreachable or Icmpv6Type.PacketTooBig or Icmpv6Type.TimeExceeded or Icmpv6Type.ParameterProblem:
                _errorInput.Receive(packet, message);
                break;
            case Icmpv6Type.NeighborSolicitation:
                network.NeighborDiscovery.ReceiveSolicitation(packet, message);
                break;
            case Icmpv6Type.NeighborAdvertisement:
                network.NeighborDiscovery.ReceiveAdvertisement(packet, message);
                break;
            case Icmpv6Type.MulticastListenerQuery or Icmpv6Type.MulticastListenerReport:
                network.Groups.Receive(packet);
                break;
            case Icmpv6Type.RouterAdvertisement:
                network.RouterDiscovery.ReceiveAdvertisement(packet, message);
                break;
            case Icmpv6Type.Redirect:
                network.Redirects.Receive(packet, message);
                break;
        }
    }

    private bool TryParse(in IpPacket packet, uint pseudo, out IcmpHeader message)
    {
        if (packet.TransportLength < IcmpHeader.Length || !IcmpHeader.TryParse(packet.Head, out message))
        {
            message = default;
            _context.Counters.Add(StackCounter.RxMalformed);
            return false;
        }

        if (InternetChecksum.Finish(FrameChecksum.Sum(packet.Frame.Frame, packet.TransportOffset, packet.TransportLength, pseudo)) != 0)
        {
            _context.Counters.Add(StackCounter.RxBadTransportChecksum);
            return false;
        }

        return true;
    }
}

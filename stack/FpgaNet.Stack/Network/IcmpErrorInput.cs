using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>
/// ICMP errors that come in, of both families: the packet that they quote is looked for, since anybody can send them (RFC 5927 §4), and then the transport or the path
/// MTU (RFC 1191, RFC 8201) learns of it.
/// </summary>
internal sealed class IcmpErrorInput(StackContext context, IpLayer ip)
{
    // RFC 1191 §7.1: MTUs that are in use, for routers that do not say.
    private static readonly int[] s_plateaus = [32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296];

    /// <summary>Takes in an error.</summary>
    public void Receive(in IpPacket packet, in IcmpHeader message)
    {
        if (packet.Source.IsIPv4)
        {
            Receive4(packet, message);
        }
        else
        {
            Receive6(packet, message);
        }
    }

    private void Receive4(in IpPacket packet, in IcmpHeader message)
    {
        if (!IPv4Header.TryParse(message.Body, IPv4Header.MaximumPacketLength, out IPv4Header quoted))
        {
            return;
        }

        SentPacket sent = new()
        {
            Source = quoted.Source,
            Destination = SourceRouteOption.FinalDestination(quoted),
            IsSourceRouted = quoted.HeaderLength != IPv4Header.MinimumLength,
            Protocol = quoted.Protocol,
            Head = quoted.Payload,
            Interface = packet.Interface,
            Complaint = new IcmpComplaint(packet.Source, (byte)message.Type, message.Code, Parameter4(message, quoted.TotalLength)),
        };
        if (!IsOurs(sent))
        {
            return;
        }

        if (IsTooLong(message))
        {
            ip.PathMtu.Reduce(sent, (int)sent.Complaint.Parameter, quoted.TotalLength);
        }
        else if (Reason4(message) is { } reason)
        {
            ip.Report(sent, reason);
        }
    }

    private void Receive6(in IpPacket packet, in IcmpHeader message)
    {
        if (!IPv6Header.TryParse(message.Body, IPv6Header.Length + ushort.MaxValue, out IPv6Header quoted) || !quoted.TryWalkExtensions(out IPv6UpperLayer upper)
            || upper.Offset > message.Body.Length || upper.FragmentOffset != 0)
        {
            return;
        }

        SentPacket sent = new()
        {
            Source = quoted.Source,
            Destination = quoted.Destination,
            Protocol = upper.Protocol,
            Head = message.Body[upper.Offset..],
            Interface = packet.Interface,
            Complaint = new IcmpComplaint(packet.Source, (byte)message.Type6, message.Code, message.Parameter),
        };
        if (!IsOurs(sent))
        {
            return;
        }

        if (message.Type6 == Icmpv6Type.PacketTooBig)
        {
            ip.PathMtu.Reduce(sent, (int)Math.Min(message.PacketTooBigMtu, int.MaxValue), IPv6Header.Length + quoted.PayloadLength);
        }
        else if (Reason6(message) is { } reason)
        {
            ip.Report(sent, reason);
        }
    }

    private bool IsOurs(in SentPacket sent)
    {
        if (sent.Head.Length < 8 || !ip.IsOwn(sent.Source) || !ip.HasSent(sent))
        {
            context.Counters.Add(StackCounter.IcmpErrorsIgnored);
            return false;
        }

        context.Counters.Add(StackCounter.IcmpErrorsReceived);
        return true;
    }

    private static bool IsTooLong(in IcmpHeader message) => message.Type == IcmpType.DestinationUnreachable && message.Code == (byte)IcmpUnreachableCode.FragmentationNeeded;

    // The pointer of a parameter problem is one octet (RFC 792).
    private static uint Parameter4(in IcmpHeader message, int length) => IsTooLong(message)
        ? (uint)(message.NextHopMtu != 0 ? message.NextHopMtu : PlateauBelow(length)) : message.Type == IcmpType.ParameterProblem ? message.Parameter >> 24 : 0;

    private static int PlateauBelow(int length)
    {
        foreach (int plateau in s_plateaus)
        {
            if (plateau < length)
            {
                return plateau;
            }
        }

        return 0;
    }

    private static DeliveryFailure? Reason4(in IcmpHeader message) => message.Type switch
    {
        IcmpType.TimeExceeded => DeliveryFailure.HostUnreachable,
        IcmpType.ParameterProblem => DeliveryFailure.HostUnreachable, // a soft error: RFC 9293 §3.9.2.2
        _ => (IcmpUnreachableCode)message.Code switch
        {
            IcmpUnreachableCode.Network => DeliveryFailure.NetworkUnreachable,
            IcmpUnreachableCode.Protocol or IcmpUnreachableCode.Port or IcmpUnreachableCode.AdministrativelyProhibited => DeliveryFailure.Refused,
            _ => DeliveryFailure.HostUnreachable,
        },
    };

    private static DeliveryFailure? Reason6(in IcmpHeader message) => message.Type6 switch
    {
        Icmpv6Type.TimeExceeded => DeliveryFailure.HostUnreachable,
        Icmpv6Type.ParameterProblem => message.Code == (byte)Icmpv6ParameterCode.NextHeader ? DeliveryFailure.HostUnreachable : null, // RFC 4443 §2.4 (d); soft, RFC 9293 §3.9.2.2
        _ => (Icmpv6UnreachableCode)message.Code switch
        {
            Icmpv6UnreachableCode.NoRoute or Icmpv6UnreachableCode.BeyondScope => DeliveryFailure.NetworkUnreachable,
            Icmpv6UnreachableCode.Address => DeliveryFailure.HostUnreachable,
            _ => DeliveryFailure.Refused,
        },
    };
}

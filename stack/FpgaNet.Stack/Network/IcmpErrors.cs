using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>
/// ICMP errors that we send, of both families (RFC 1122 §3.2.2, RFC 4443 §2.4): so many a second, and never about an error, a group's packet, or a fragment other than
/// the first.
/// </summary>
internal sealed class IcmpErrors(StackContext context, IpLayer ip)
{
    private const int LongestPacket4 = 576; // RFC 1812 §4.3.2.3
    private const int LongestPacket6 = 1280; // RFC 4443 §2.4 (c)

    private RateLimit _limit = new(context.Options.IcmpPerSecond);

    /// <summary>Nobody listens on the port (RFC 1122 §4.1.3.1, RFC 4443 §3.1).</summary>
    public void SendPortUnreachable(in IpPacket packet) => Send(
        packet,
        packet.Source.IsIPv4 ? (byte)IcmpType.DestinationUnreachable : (byte)Icmpv6Type.DestinationUnreachable,
        packet.Source.IsIPv4 ? (byte)IcmpUnreachableCode.Port : (byte)Icmpv6UnreachableCode.Port,
        parameter: 0);

    /// <summary>The protocol is not spoken here (RFC 1122 §3.2.2.1, IPv4).</summary>
    public void SendProtocolUnreachable(in IpPacket packet) =>
        Send(packet, (byte)IcmpType.DestinationUnreachable, (byte)IcmpUnreachableCode.Protocol, parameter: 0);

    /// <summary>A field makes no sense, or is not known (RFC 4443 §3.4, IPv6).</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="code">What.</param>
    /// <param name="pointer">Where, counted from the IPv6 header.</param>
    /// <param name="evenToGroup">Also when the packet went to a group (RFC 4443 §2.4 (e.3): for options that ask for it).</param>
    public void SendParameterProblem(in IpPacket packet, Icmpv6ParameterCode code, int pointer, bool evenToGroup = false) =>
        Send(packet, (byte)Icmpv6Type.ParameterProblem, (byte)code, (uint)pointer, evenToGroup);

    /// <summary>The other fragments did not come (RFC 792, RFC 4443 §3.3).</summary>
    public void SendReassemblyTimeExceeded(in IpPacket packet) => Send(
        packet, packet.Source.IsIPv4 ? (byte)IcmpType.TimeExceeded : (byte)Icmpv6Type.TimeExceeded, code: 1, parameter: 0);

    private void Send(in IpPacket packet, byte type, byte code, uint parameter, bool evenToGroup = false)
    {
        if ((packet.IsGroup && !evenToGroup) || packet.Source.IsUnspecified || packet.Source.IsMulticast || IsError(packet))
        {
            return;
        }

        if (!_limit.TryTake(context.Now))
        {
            context.Counters.Add(StackCounter.IcmpRateLimited);
            return;
        }

        if (ip.Find(packet.Source, packet.IsGroup ? default : packet.Destination, packet.Scope) is not { IsGroup: false } destination
            || destination.Interface.Packets.TryRent() is not { } buffer)
        {
            return;
        }

        int offset = destination.PayloadOffset;
        int room = Math.Min(destination.IsIPv4 ? LongestPacket4 : LongestPacket6, destination.PathMtu) - destination.HeaderLength - IcmpHeader.Length;
        int quoted = Math.Min(packet.TransportOffset + packet.TransportLength - packet.NetworkOffset, room);
        Span<byte> message = buffer.Span.Slice(offset, IcmpHeader.Length + quoted);
        IcmpHeader.Write(message, type, code, parameter);
        packet.Frame.Frame.CopyTo(packet.NetworkOffset, message[IcmpHeader.Length..]);
        uint pseudo = destination.IsIPv4
            ? 0
            : InternetChecksum.PseudoHeader(destination.Source, destination.Address, IpProtocol.Icmpv6, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo)));
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, offset + message.Length)) };
        context.Counters.Add(StackCounter.IcmpErrorsSent);
        ip.Send(destination, destination.IcmpProtocol, trafficClass: 0, ref frame);
    }

    // RFC 1122 §3.2.2, RFC 4443 §2.4 (e.1): never about an error, nor about a redirect; a message that cannot be read may be one.
    private static bool IsError(in IpPacket packet)
    {
        bool isIPv4 = packet.Source.IsIPv4;
        if (packet.Protocol != (isIPv4 ? IpProtocol.Icmp : IpProtocol.Icmpv6))
        {
            return false;
        }

        ReadOnlySpan<byte> head = packet.Head;
        return head.IsEmpty || (isIPv4
            ? (IcmpType)head[0] is not (IcmpType.EchoRequest or IcmpType.EchoReply)
            : (Icmpv6Type)head[0] < Icmpv6Type.EchoRequest || (Icmpv6Type)head[0] == Icmpv6Type.Redirect);
    }
}

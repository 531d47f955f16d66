using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>Who asked for an echo.</summary>
internal interface IEchoUser
{
    /// <summary>An answer came.</summary>
    void Replied(ushort sequenceNumber, IpAddress from, int scope, int bytes);

    /// <summary>The request did not arrive.</summary>
    void Failed(ushort sequenceNumber, DeliveryFailure reason);
}

/// <summary>Answers echo requests, and asks for echoes, of both families (RFC 792, RFC 1122 §3.2.2.6, RFC 4443 §4).</summary>
internal sealed class IcmpEcho(StackContext context, IpLayer ip)
{
    private readonly Dictionary<ushort, IEchoUser> _users = [];
    private RateLimit _limit = new(context.Options.IcmpPerSecond);

    /// <summary>Gives a user an identifier.</summary>
    public bool TryRegister(ushort identifier, IEchoUser user) => _users.TryAdd(identifier, user);

    /// <summary>Takes the identifier back.</summary>
    public void Unregister(ushort identifier) => _users.Remove(identifier);

    /// <summary>Asks for an echo.</summary>
    /// <param name="destination">Whom.</param>
    /// <param name="identifier">The user's identifier.</param>
    /// <param name="sequenceNumber">Which request it is.</param>
    /// <param name="payload">The data; its reference is taken over.</param>
    /// <returns>Null, or why it could not be sent.</returns>
    public DeliveryFailure? Send(Destination destination, ushort identifier, ushort sequenceNumber, BufferSlice payload)
    {
        if (destination.Interface.Output.TryRentHeader() is not { } buffer)
        {
            payload.Release();
            return null; // as good as lost on the way
        }

        Span<byte> message = buffer.Span[destination.PayloadOffset..];
        IcmpHeader.WriteEcho(message, destination.IsIPv4 ? (byte)IcmpType.EchoRequest : (byte)Icmpv6Type.EchoRequest, identifier, sequenceNumber);
        uint sum = InternetChecksum.Sum(message[..IcmpHeader.Length]);
        sum = InternetChecksum.Sum(payload.Span, sum);
        if (!destination.IsIPv4)
        {
            sum += InternetChecksum.PseudoHeader(destination.Source, destination.Address, IpProtocol.Icmpv6, IcmpHeader.Length + payload.Length);
        }

        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Finish(sum));
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, destination.PayloadOffset + IcmpHeader.Length)) };
        frame.Frame.Add(payload);
        return ip.Send(destination, destination.IcmpProtocol, trafficClass: 0, ref frame) ? null : DeliveryFailure.NetworkUnreachable;
    }

    /// <summary>An answer has come.</summary>
    public void TakeReply(in IpPacket packet, in IcmpHeader message)
    {
        if (_users.TryGetValue(message.EchoIdentifier, out IEchoUser? user))
        {
            user.Replied(message.EchoSequenceNumber, packet.Source, packet.Scope, packet.TransportLength - IcmpHeader.Length);
        }
    }

    /// <summary>Whether a request with this header may be ours.</summary>
    public bool HasSent(ReadOnlySpan<byte> head) => TryFind(head, out _, out _);

    /// <summary>A request of ours did not arrive.</summary>
    public void Undeliverable(ReadOnlySpan<byte> head, DeliveryFailure reason)
    {
        if (TryFind(head, out IEchoUser? user, out ushort sequenceNumber))
        {
            user!.Failed(sequenceNumber, reason);
        }
    }

    /// <summary>Answers a request.</summary>
    public void Answer(in IpPacket packet, in IcmpHeader request)
    {
        if (!_limit.TryTake(context.Now))
        {
            context.Counters.Add(StackCounter.IcmpRateLimited);
            return;
        }

        // RFC 1122 §3.2.2.6, RFC 4443 §4.2: from the address that was asked; a group's request is answered from one of ours.
        if (ip.Find(packet.Source, packet.IsGroup ? default : packet.Destination, packet.Scope) is not { IsGroup: false } destination
            || destination.Interface.Output.TryRentHeader() is not { } buffer)
        {
            return;
        }

        // The echo data goes back in the very buffers it came in.
        int offset = destination.PayloadOffset;
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, offset + IcmpHeader.Length)) };
        int data = packet.TransportLength - IcmpHeader.Length;
        if (!frame.Frame.TryAppend(packet.Frame.Frame, packet.TransportOffset + IcmpHeader.Length, data)
            && !TryCopy(ref frame.Frame, packet, data))
        {
            frame.Frame.Release();
            context.Counters.Add(StackCounter.TxQueueFull);
            return;
        }

        Span<byte> message = buffer.Span[offset..];
        bool isIPv4 = destination.IsIPv4;
        byte type = isIPv4 ? (byte)IcmpType.EchoReply : (byte)Icmpv6Type.EchoReply;
        IcmpHeader.Write(message, type, 0, request.Parameter);

        // Only the type changes, and the checksum with it; with IPv6 the addresses are in it too, but exchanged, which the sum does not notice.
        ushort checksum = packet.IsGroup && !isIPv4
            ? InternetChecksum.Finish(FrameChecksum.Sum(
                frame.Frame, offset, packet.TransportLength,
                InternetChecksum.PseudoHeader(destination.Source, destination.Address, IpProtocol.Icmpv6, packet.TransportLength)))
            : InternetChecksum.Update(request.Checksum, (ushort)((isIPv4 ? (byte)IcmpType.EchoRequest : (byte)Icmpv6Type.EchoRequest) << 8), (ushort)(type << 8));
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], checksum);
        context.Counters.Add(StackCounter.IcmpEchoReplies);
        ip.Send(destination, destination.IcmpProtocol, trafficClass: 0, ref frame);
    }

    // A datagram that came in many fragments has more slices than a frame holds beside its header.
    private bool TryCopy(ref Frame frame, in IpPacket packet, int data)
    {
        if (context.LongPackets.TryRent() is not { } copy)
        {
            return false;
        }

        packet.Frame.Frame.CopyTo(packet.TransportOffset + IcmpHeader.Length, copy.Span[..data]);
        frame.Add(new BufferSlice(copy, 0, data));
        return true;
    }

    private bool TryFind(ReadOnlySpan<byte> head, out IEchoUser? user, out ushort sequenceNumber)
    {
        user = null;
        sequenceNumber = 0;
        if (!IcmpHeader.TryParse(head, out IcmpHeader request) || (request.Type != IcmpType.EchoRequest && request.Type6 != Icmpv6Type.EchoRequest))
        {
            return false;
        }

        sequenceNumber = request.EchoSequenceNumber;
        return _users.TryGetValue(request.EchoIdentifier, out user);
    }
}

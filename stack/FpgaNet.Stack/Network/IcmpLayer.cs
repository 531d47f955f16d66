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
    void Replied(ushort sequenceNumber, IpAddress from, int bytes);

    /// <summary>The request did not arrive.</summary>
    void Failed(ushort sequenceNumber, DeliveryFailure reason);
}

/// <summary>ICMP (RFC 792, RFC 1122 §3.2.2): answers echo requests, asks for echoes, sends and takes errors.</summary>
internal sealed class IcmpLayer
{
    /// <summary>Largest echo payload that is sent, in bytes: what fits in a header buffer's place of one frame.</summary>
    public const int MaximumEchoPayload = 1472;

    private const int PayloadOffset = EthernetHeader.Length + IPv4Header.MinimumLength;

    // RFC 1122 §3.2.2: the quoted header and at least eight bytes behind it.
    private const int QuotedBytes = 8;

    private readonly StackContext _context;
    private readonly IpLayer _ip;
    private readonly Dictionary<ushort, IEchoUser> _echoUsers = [];
    private RateLimit _echoLimit;
    private RateLimit _errorLimit;

    public IcmpLayer(StackContext context, IpLayer ip)
    {
        _context = context;
        _ip = ip;
        _echoLimit = new RateLimit(context.Options.IcmpPerSecond);
        _errorLimit = new RateLimit(context.Options.IcmpPerSecond);
    }

    /// <summary>Takes in a message.</summary>
    public void Receive(ref IpPacket packet)
    {
        ReadOnlySpan<byte> head = packet.Head;
        if (packet.TransportLength < IcmpHeader.Length || !IcmpHeader.TryParse(head, out IcmpHeader header))
        {
            _context.Counters.Add(StackCounter.RxMalformed);
            return;
        }

        if (InternetChecksum.Finish(FrameChecksum.Sum(packet.Frame.Frame, packet.TransportOffset, packet.TransportLength, 0)) != 0)
        {
            _context.Counters.Add(StackCounter.RxBadTransportChecksum);
            return;
        }

        switch (header.Type)
        {
            // RFC 1122 §3.2.2.6: an echo request to a broadcast address may be ignored, and is.
            case IcmpType.EchoRequest when !packet.IsGroup:
                Answer(ref packet, header);
                break;
            case IcmpType.EchoReply when _echoUsers.TryGetValue(header.EchoIdentifier, out IEchoUser? user):
                user.Replied(header.EchoSequenceNumber, packet.Source, packet.TransportLength - IcmpHeader.Length);
                break;
            case IcmpType.DestinationUnreachable when header.Code != (byte)IcmpUnreachableCode.FragmentationNeeded:
            case IcmpType.TimeExceeded:
                if (IPv4Header.TryParse(header.Body, IPv4Header.MaximumPacketLength, out IPv4Header quoted))
                {
                    _context.Counters.Add(StackCounter.IcmpErrorsReceived);
                    _ip.Report(
                        new SentPacket
                        {
                            Source = quoted.Source,
                            Destination = quoted.Destination,
                            Protocol = quoted.Protocol,
                            Head = quoted.Payload,
                            Interface = packet.Interface,
                        },
                        Reason(header));
                }

                break;
        }
    }

    /// <summary>Gives an echo user an identifier.</summary>
    public bool TryRegister(ushort identifier, IEchoUser user) => _echoUsers.TryAdd(identifier, user);

    /// <summary>Takes the identifier back.</summary>
    public void Unregister(ushort identifier) => _echoUsers.Remove(identifier);

    /// <summary>Asks for an echo. The payload is filled with a pattern.</summary>
    /// <returns>Null, or why it could not be sent.</returns>
    public DeliveryFailure? SendEcho(Destination destination, ushort identifier, ushort sequenceNumber, BufferSlice payload)
    {
        if (destination.Interface.Output.TryRentHeader() is not { } buffer)
        {
            payload.Release();
            return null; // as good as lost on the way
        }

        Span<byte> message = buffer.Span[PayloadOffset..];
        IcmpHeader.WriteEcho(message, (byte)IcmpType.EchoRequest, identifier, sequenceNumber);
        uint sum = InternetChecksum.Sum(payload.Span, InternetChecksum.Sum(message[..IcmpHeader.Length]));
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Finish(sum));
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, PayloadOffset + IcmpHeader.Length)) };
        frame.Frame.Add(payload);
        return _ip.Send(destination, IpProtocol.Icmp, trafficClass: 0, ref frame) ? null : DeliveryFailure.NetworkUnreachable;
    }

    /// <summary>Says that a packet could not be delivered here (RFC 1122 §3.2.2: never about a broadcast, never about an ICMP error).</summary>
    public void SendUnreachable(in IpPacket packet, IcmpUnreachableCode code)
    {
        if (packet.IsGroup)
        {
            return;
        }

        if (!_errorLimit.TryTake(_context.Now))
        {
            _context.Counters.Add(StackCounter.IcmpRateLimited);
            return;
        }

        if (Back(packet) is not { } destination || destination.Interface.Output.TryRentHeader() is not { } buffer)
        {
            return;
        }

        ReadOnlySpan<byte> quote = packet.Quote;
        quote = quote[..Math.Min(quote.Length, packet.TransportOffset - packet.NetworkOffset + QuotedBytes)];
        Span<byte> message = buffer.Span[PayloadOffset..];
        IcmpHeader.Write(message, (byte)IcmpType.DestinationUnreachable, (byte)code, 0);
        quote.CopyTo(message[IcmpHeader.Length..]);
        int length = IcmpHeader.Length + quote.Length;
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Compute(message[..length]));
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, PayloadOffset + length)) };
        _ip.Send(destination, IpProtocol.Icmp, trafficClass: 0, ref frame);
    }

    /// <summary>An ICMP message of ours did not arrive.</summary>
    public void Undeliverable(ReadOnlySpan<byte> head, DeliveryFailure reason)
    {
        if (IcmpHeader.TryParse(head, out IcmpHeader header) && header.Type == IcmpType.EchoRequest
            && _echoUsers.TryGetValue(header.EchoIdentifier, out IEchoUser? user))
        {
            user.Failed(header.EchoSequenceNumber, reason);
        }
    }

    private void Answer(ref IpPacket packet, in IcmpHeader request)
    {
        if (!_echoLimit.TryTake(_context.Now))
        {
            _context.Counters.Add(StackCounter.IcmpRateLimited);
            return;
        }

        if (Back(packet) is not { } destination || destination.Interface.Output.TryRentHeader() is not { } buffer)
        {
            return;
        }

        // The echo data goes back in the very buffers it came in; only the type changes, and the checksum with it.
        Span<byte> message = buffer.Span[PayloadOffset..];
        IcmpHeader.Write(message, (byte)IcmpType.EchoReply, 0, request.Parameter);
        ushort checksum = InternetChecksum.Update(request.Checksum, ((ushort)IcmpType.EchoRequest << 8) | 0, (ushort)IcmpType.EchoReply << 8);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], checksum);
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, PayloadOffset + IcmpHeader.Length)) };
        if (!AppendPayload(ref frame.Frame, packet.Frame.Frame, packet.TransportOffset + IcmpHeader.Length, packet.TransportLength - IcmpHeader.Length))
        {
            frame.Frame.Release();
            _context.Counters.Add(StackCounter.TxQueueFull);
            return;
        }

        _context.Counters.Add(StackCounter.IcmpEchoReplies);
        _ip.Send(destination, IpProtocol.Icmp, trafficClass: 0, ref frame);
    }

    // RFC 1122 §3.2.2: from the address that was asked.
    private Destination? Back(in IpPacket packet) => _ip.Find(packet.Source, packet.IsGroup ? default : packet.Destination, packet.Scope);

    private static bool AppendPayload(ref Frame to, in Frame from, int offset, int length)
    {
        for (int i = 0; i < from.SliceCount && length > 0; i++)
        {
            BufferSlice slice = from[i];
            if (offset >= slice.Length)
            {
                offset -= slice.Length;
                continue;
            }

            if (to.SliceCount == Frame.MaxSlices)
            {
                return false;
            }

            slice = slice.Slice(offset, Math.Min(slice.Length - offset, length));
            slice.AddReference();
            to.Add(slice);
            length -= slice.Length;
            offset = 0;
        }

        return true;
    }

    private static DeliveryFailure Reason(in IcmpHeader header) => header.Type == IcmpType.TimeExceeded
        ? DeliveryFailure.HostUnreachable
        : (IcmpUnreachableCode)header.Code switch
        {
            IcmpUnreachableCode.Network => DeliveryFailure.NetworkUnreachable,
            IcmpUnreachableCode.Protocol or IcmpUnreachableCode.Port or IcmpUnreachableCode.AdministrativelyProhibited => DeliveryFailure.Refused,
            _ => DeliveryFailure.HostUnreachable,
        };
}

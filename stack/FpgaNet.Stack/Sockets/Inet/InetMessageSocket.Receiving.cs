using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Transport;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What comes: messages, pending errors, and the error queue.</summary>
internal abstract partial class InetMessageSocket
{
    private readonly ErrorQueue _errors = new();
    private Errno _pendingError;

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        message.ControlLength = 0;
        message.Found = MessageFlags.None;
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if ((message.Flags & MessageFlags.MSG_ERRQUEUE) != MessageFlags.None)
            {
                return ReceiveError(ref message, out received);
            }

            Errno error = TakePendingError();
            if (error != Errno.None)
            {
                return error;
            }

            bool peeks = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
            if (!(peeks ? Queue.TryPeek(out DatagramIn datagram) : Queue.TryDequeue(out datagram)))
            {
                return _receiveShut ? Errno.None : Net.IsDown ? Errno.ENETDOWN : Errno.EAGAIN;
            }

            ReceivedMessage.Copy(ref message, datagram.Frame, datagram.Offset, datagram.Length, out received);
            message.Address = AddressOf(datagram.Source, datagram.SourcePort, datagram.Scope);
            if (Options.News != ReceiveNews.None)
            {
                if (datagram.Arrival == default && (Options.News & (ReceiveNews.Timestamp | ReceiveNews.TimestampNs)) != ReceiveNews.None)
                {
                    datagram.Arrival = Net.Options.TimeProvider.GetUtcNow(); // it was here before anybody asked when
                }

                ControlWriter writer = new(message.Control);
                InetControl.Write(ref writer, datagram, Options, Domain == SocketDomain.AF_INET6, Net);
                ReceivedMessage.EndControl(ref message, writer);
            }

            if (!peeks)
            {
                datagram.Frame.Release();
            }

            return Errno.None;
        }
    }

    /// <summary>Something that was sent did not arrive: for the error queue, and for the next call of who must hear of it (udp_err() of Linux).</summary>
    /// <param name="packet">What was sent.</param>
    /// <param name="reason">Why.</param>
    /// <param name="header">Bytes in front of what the program sent.</param>
    /// <param name="port">To which port it went; 0: none.</param>
    protected void TakeFailure(in SentPacket packet, DeliveryFailure reason, int header, ushort port)
    {
        bool isIPv4 = packet.Destination.IsIPv4;
        (Errno error, bool isHard) = IcmpErrno.Of(packet.Complaint, isIPv4);
        if (reason == DeliveryFailure.TooLong)
        {
            if ((isIPv4 ? Options.MtuDiscovery4 : Options.MtuDiscovery6) == IP_PMTUDISC_DONT)
            {
                return;
            }

            isHard = true;
        }

        if (isIPv4 ? Options.ReceiveErrors4 : Options.ReceiveErrors6)
        {
            QueuedError queued = new()
            {
                Error = new ExtendedError(error, isIPv4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6, packet.Complaint.Type, packet.Complaint.Code, packet.Complaint.Parameter),
                Offender = packet.Complaint.Offender,
                Destination = packet.Destination,
                Port = port,
                Interface = packet.Interface.Index,
            };
            ReadOnlySpan<byte> payload = packet.Head[Math.Min(header, packet.Head.Length)..];
            if (packet.Interface.Packets.TryRent() is { } buffer)
            {
                queued.Length = Math.Min(payload.Length, buffer.Capacity);
                payload[..queued.Length].CopyTo(buffer.Span);
                queued.Frame = new Frame(new BufferSlice(buffer, 0, queued.Length));
            }

            _errors.Add(queued, Options.ReceiveBuffer);
        }
        else if (!isHard || !IsConnected)
        {
            return;
        }

        _pendingError = error;
        Notify(PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLERR);
    }

    /// <summary>Empties the error queue, since the stack ends; who waits finds that out.</summary>
    protected void DropErrors()
    {
        _errors.Clear();
        Notify(PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLERR);
    }

    /// <summary>The pending error, which is cleared.</summary>
    protected Errno TakePendingError()
    {
        Errno error = _pendingError;
        _pendingError = Errno.None;
        return error;
    }

    private void QueueLocalError(Destination destination, int mtu)
    {
        if (destination.IsIPv4 ? Options.ReceiveErrors4 : Options.ReceiveErrors6)
        {
            QueuedError queued = new()
            {
                Error = new ExtendedError(Errno.EMSGSIZE, SO_EE_ORIGIN_LOCAL, Info: (uint)mtu),
                Destination = destination.Address,
                Port = RemotePort,
                Interface = destination.Interface.Index,
            };
            _errors.Add(queued, Options.ReceiveBuffer);
            Notify(PollEvents.POLLERR);
        }
    }

    // ip_recv_error() of Linux: the payload as data, to whom it went as the address, and who complained in a control message.
    private Errno ReceiveError(ref MessageIn message, out int received)
    {
        received = 0;
        if (!_errors.TryTake(out QueuedError queued))
        {
            return Errno.EAGAIN;
        }

        _pendingError = queued.Error.IsIcmp ? _errors.NextPending : _pendingError;
        ReceivedMessage.Copy(ref message, queued.Frame, queued.Offset, queued.Length, out received);
        message.Found |= MessageFlags.MSG_ERRQUEUE;
        message.Address = queued.Port != 0 || queued.Error.Origin is SO_EE_ORIGIN_ICMP or SO_EE_ORIGIN_ICMP6 or SO_EE_ORIGIN_LOCAL ? AddressOf(queued.Destination, queued.Port, queued.Interface) : default;
        ControlWriter writer = new(message.Control);
        InetControl.WriteStamps(ref writer, queued.Time, queued.DeviceTime, Options);
        bool isInet = Domain == SocketDomain.AF_INET;
        SockAddr offender = queued.Error.IsIcmp ? AddressOf(queued.Offender, 0, queued.Interface) : default;
        Span<byte> story = stackalloc byte[ExtendedError.Length + SockAddr.MaximumLength];
        story.Clear();
        queued.Error.Write(story);
        offender.Write(story[ExtendedError.Length..]);
        int length = ExtendedError.Length + AddressOf(default, 0, 0).Length;
        writer.Write(isInet ? SOL_IP : SOL_IPV6, isInet ? IP_RECVERR : IPV6_RECVERR, story[..length]);
        ReceivedMessage.EndControl(ref message, writer);
        queued.Frame.Release();
        return Errno.None;
    }
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp.Recovery;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Segments for which there is no connection: SYN-ACK, ACK and RST of LISTEN, SYN-RECEIVED and CLOSED (RFC 9293 §3.10.7.1 to §3.10.7.4).</summary>
internal static class ControlSegment
{
    /// <summary>The window in a SYN, which is never scaled (RFC 7323 §2.2).</summary>
    public static int Window(TcpSettings settings) => Math.Min(settings.FirstReceiveBuffer, ushort.MaxValue);

    /// <summary>The largest segment that we offer on a path (RFC 9293 §3.7.1, MUST-67: what IP can take in, less the fixed headers).</summary>
    public static int OfferedSegment(TcpSettings settings, Destination path) =>
        Math.Min(path.Interface.MaximumTransmissionUnit - (path.HeaderLength - path.HeaderOptions.Length) - TcpHeader.MinimumLength, settings.MaximumSegmentSize);

    /// <summary>Our own shift count (RFC 7323 §2.2): enough for the largest buffer.</summary>
    public static byte ReceiveShift(TcpSettings settings)
    {
        int shift = 0;
        while (settings.WindowScaling && settings.GreatestReceiveBuffer >> shift > ushort.MaxValue && shift < TcpConnection.MaximumShift)
        {
            shift++;
        }

        return (byte)shift;
    }

    /// <summary>SYN-ACK: agrees to those options that the peer offered and we want.</summary>
    /// <param name="tcp">Who sends.</param>
    /// <param name="listener">For whom.</param>
    /// <param name="path">The way to the peer.</param>
    /// <param name="key">The connection.</param>
    /// <param name="iss">Our initial sequence number.</param>
    /// <param name="syn">The SYN.</param>
    /// <param name="timestamp">Our time stamp when it is not simply the time.</param>
    public static void Send(TcpProtocol tcp, TcpListener listener, Destination path, in FlowKey key, SequenceNumber iss, in TcpSegment syn, uint? timestamp = null)
    {
        TcpSettings settings = tcp.Settings;
        TcpOptions options = new()
        {
            MaximumSegmentSize = (ushort)Math.Min(OfferedSegment(settings, path), listener.LargestSegment),
            SackPermitted = settings.SelectiveAcknowledgements && syn.Options.SackPermitted,
            WindowScale = settings.WindowScaling && syn.Options.WindowScale.HasValue ? ReceiveShift(settings) : null,
        };
        if (syn.Options.FastOpen.HasValue && listener.ServesFastOpen)
        {
            options.FastOpen = tcp.FastOpenCookies.Make(key.Remote);
        }

        if (settings.Timestamps && syn.Options.HasTimestamps)
        {
            options.HasTimestamps = true;
            options.TimestampValue = timestamp ?? tcp.TimestampNow(key);
            options.TimestampEchoReply = syn.Options.TimestampValue;
        }

        TcpFlags flags = TcpFlags.Syn | TcpFlags.Ack;
        if (settings.ExplicitCongestionNotification && ExplicitCongestionNotification.IsSetup(syn.Flags))
        {
            flags |= TcpFlags.Ece; // RFC 3168 §6.1.1
        }

        Send(tcp, path, key, iss, syn.Sequence + 1, flags, (ushort)listener.Window, options, listener.TrafficClass ?? settings.TrafficClass, listener.HopLimit);
    }

    /// <summary>What an unacceptable segment of a half-open connection is answered with.</summary>
    public static void Acknowledge(TcpProtocol tcp, TcpListener listener, Destination path, in HalfOpen entry)
    {
        TcpOptions options = default;
        if (tcp.Settings.Timestamps && entry.HasTimestamps)
        {
            options.HasTimestamps = true;
            options.TimestampValue = tcp.TimestampNow(entry.Key);
            options.TimestampEchoReply = entry.TimestampValue;
        }

        int shift = tcp.Settings.WindowScaling && entry.WindowScale.HasValue ? ReceiveShift(tcp.Settings) : 0;
        Send(tcp, path, entry.Key, entry.Iss + 1, entry.PeerIss + 1, TcpFlags.Ack, (ushort)(listener.Window >> shift), options, listener.TrafficClass ?? tcp.Settings.TrafficClass, listener.HopLimit);
    }

    /// <summary>RST with a sequence number that the peer believes.</summary>
    public static void Reset(TcpProtocol tcp, Destination path, in FlowKey key, SequenceNumber sequence)
    {
        tcp.Context.Counters.Add(StackCounter.TcpResetsSent);
        Send(tcp, path, key, sequence, default, TcpFlags.Rst, 0, default, tcp.Settings.TrafficClass);
    }

    /// <summary>RST for a segment that has no acknowledgement whose number could be used.</summary>
    public static void ResetUnacknowledged(TcpProtocol tcp, Destination path, in FlowKey key, SequenceNumber acknowledgment)
    {
        tcp.Context.Counters.Add(StackCounter.TcpResetsSent);
        Send(tcp, path, key, default, acknowledgment, TcpFlags.Rst | TcpFlags.Ack, 0, default, tcp.Settings.TrafficClass);
    }

    private static void Send(
        TcpProtocol tcp, Destination path, in FlowKey key, SequenceNumber sequence, SequenceNumber acknowledgment, TcpFlags flags, ushort window, in TcpOptions options,
        byte trafficClass, byte hopLimit = 0)
    {
        if (path.IsGroup || path.Interface.Output.TryRentHeader() is not { } buffer)
        {
            return; // as good as lost on the way
        }

        int headerLength = TcpHeader.MinimumLength + options.EncodedLength;
        TcpHeader.Write(
            buffer.Span[path.PayloadOffset..],
            new TcpFields
            {
                SourcePort = key.LocalPort,
                DestinationPort = key.RemotePort,
                SequenceNumber = sequence.Value,
                AcknowledgmentNumber = acknowledgment.Value,
                Flags = flags,
                Window = window,
                Checksum = InternetChecksum.Fold(InternetChecksum.PseudoHeader(key.Local, key.Remote, IpProtocol.Tcp, headerLength)),
            },
            options);
        int length = path.PayloadOffset + headerLength;
        TxFrame frame = new()
        {
            Frame = new Frame(new BufferSlice(buffer, 0, length)),
            Offload = new TxOffload
            {
                Checksum = true,
                ChecksumStart = (ushort)path.PayloadOffset,
                ChecksumOffset = TcpHeader.ChecksumOffset,
                NetworkOffset = EthernetHeader.Length,
                HeaderLength = (ushort)length,
            },
        };
        tcp.Context.Counters.Add(StackCounter.TcpSegmentsSent);
        tcp.Ip.Send(path, IpProtocol.Tcp, trafficClass, ref frame, hopLimit);
    }
}

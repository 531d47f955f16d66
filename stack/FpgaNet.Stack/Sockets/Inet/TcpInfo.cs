using System.Runtime.InteropServices;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What TCP_INFO gives: <c>struct tcp_info</c> as Linux lays it out (linux/tcp.h). What the stack does not keep is zero.</summary>
internal static class TcpInfo
{
    /// <summary>Bytes of the structure.</summary>
    public const int Length = 232;

    private const byte Timestamps = 1; // TCPI_OPT_…
    private const byte SelectiveAcknowledgements = 2;
    private const byte WindowScale = 4;
    private const byte CongestionNotification = 8;
    private const byte SynData = 32;
    private const byte Listen = 10; // TCP_LISTEN of tcp_states.h
    private const byte Recovery = 3; // TCP_CA_Recovery
    private const byte Loss = 4; // TCP_CA_Loss

    /// <summary>That of a connection.</summary>
    /// <param name="info">Receives it.</param>
    /// <param name="statistics">The connection's.</param>
    public static void Write(Span<byte> info, in TcpStatistics statistics)
    {
        info.Clear();
        int segment = Math.Max(statistics.SegmentSize, 1);
        info[0] = StateOf(statistics.State);
        info[1] = statistics.Timeouts > 0 ? Loss : statistics.IsRecovering ? Recovery : (byte)0;
        info[2] = (byte)Math.Min(statistics.Timeouts, byte.MaxValue);
        info[4] = info[2]; // each timeout has doubled the next
        info[5] = (byte)((statistics.Timestamps ? Timestamps : 0) | (statistics.SelectiveAcknowledgements ? SelectiveAcknowledgements : 0)
            | (statistics.WindowScale.HasValue ? WindowScale : 0) | (statistics.CongestionNotification ? CongestionNotification : 0) | (statistics.FastOpen ? SynData : 0));
        (int peer, int own) = statistics.WindowScale ?? (0, 0);
        info[6] = (byte)(peer | (own << 4));
        Put(info, 8, Microseconds(statistics.RetransmissionTimeout));
        Put(info, 16, statistics.SegmentSize);
        Put(info, 20, statistics.ReceivedSegmentSize);
        Put(info, 24, (statistics.BytesUnacknowledged + segment - 1) / segment);
        Put(info, 56, (long)statistics.SinceLastReceived.TotalMilliseconds);
        Put(info, 60, statistics.PathMtu);
        Put(info, 68, Microseconds(statistics.RoundTrip));
        Put(info, 72, Microseconds(statistics.RoundTripVariation));
        Put(info, 76, statistics.SlowStartThreshold == int.MaxValue ? int.MaxValue : statistics.SlowStartThreshold / segment);
        Put(info, 80, statistics.CongestionWindow / segment);
        Put(info, 96, statistics.ReceiveBufferSize);
        Put(info, 100, statistics.Retransmissions);
        Put(info, 104, statistics.PacingRate == 0 ? ulong.MaxValue : (ulong)statistics.PacingRate);
        Put(info, 112, ulong.MaxValue);
        Put(info, 120, statistics.BytesAcknowledged);
        Put(info, 128, statistics.BytesReceived);
        Put(info, 136, (long)statistics.SegmentsSent);
        Put(info, 140, (long)statistics.SegmentsReceived);
        Put(info, 144, statistics.BytesUnsent);
        Put(info, 148, statistics.MinimumRoundTrip == TimeSpan.Zero ? uint.MaxValue : Microseconds(statistics.MinimumRoundTrip));
        Put(info, 160, (ulong)statistics.DeliveryRate);
        Put(info, 200, statistics.BytesSent);
        Put(info, 208, statistics.BytesRetransmitted);
        Put(info, 220, statistics.ReorderingSeen ? 1 : 0);
        Put(info, 228, statistics.SendWindow);
    }

    /// <summary>That of a listening socket, or of one that does nothing yet.</summary>
    /// <param name="info">Receives it.</param>
    /// <param name="listener">The listener; null: there is none.</param>
    public static void Write(Span<byte> info, TcpListener? listener)
    {
        info.Clear();
        info[0] = listener is null ? StateOf(TcpState.Closed) : Listen;
        if (listener is not null)
        {
            // tcp_get_info() of Linux: the queue stands where a connection's segments do.
            Put(info, 24, listener.WaitingCount);
            Put(info, 28, listener.Backlog - 1);
        }
    }

    // net/tcp_states.h
    private static byte StateOf(TcpState state) => state switch
    {
        TcpState.Established => 1,
        TcpState.SynSent => 2,
        TcpState.SynReceived => 3,
        TcpState.FinWait1 => 4,
        TcpState.FinWait2 => 5,
        TcpState.TimeWait => 6,
        TcpState.CloseWait => 8,
        TcpState.LastAck => 9,
        TcpState.Closing => 11,
        _ => 7,
    };

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;

    private static void Put(Span<byte> info, int offset, long value) => MemoryMarshal.Write(info[offset..], (uint)Math.Min(value, uint.MaxValue));

    private static void Put(Span<byte> info, int offset, ulong value) => MemoryMarshal.Write(info[offset..], value);
}

using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>When a SYN is answered without remembering it (RFC 4987 §3.6).</summary>
public enum SynCookieUse
{
    /// <summary>Never: a full queue forgets its oldest entry.</summary>
    Never,

    /// <summary>When the queue of half-open connections is full.</summary>
    WhenFull,

    /// <summary>Always: no half-open connection is ever kept.</summary>
    Always,
}

/// <summary>
/// SYN cookies (RFC 4987 §3.6 and appendix A): our initial sequence number is all that is kept of a SYN, and the peer keeps it. From above: 5 bits of time in units of
/// 64 s, 3 bits for the segment size, 24 bits of a keyed hash over these, both addresses, both ports and the peer's number. With time stamps the lowest
/// 6 bits of ours say what else was agreed: 4 bits of window scale, SACK, ECN; without them nothing else is agreed.
/// </summary>
internal sealed class SynCookies(TcpProtocol tcp, KeyedHash hash)
{
    private const int MacBits = 24;
    private const int PeriodSeconds = 64;
    private const uint PeriodMask = 0x1F;
    private const int OptionBits = 6;
    private const uint OptionMask = (1 << OptionBits) - 1;
    private const uint NoScale = 15;
    private const uint SackBit = 16;
    private const uint EcnBit = 32;
    private const byte HashPurpose = 5;

    // The peer's own size, rounded down: those of IPv6 and IPv4 without options, over tunnels, and of jumbo frames.
    private static readonly ushort[] s_sizes = [64, 536, 1220, 1360, 1440, 1460, 4036, 8940];

    private Instant _lastSent = new(long.MinValue / 2);

    private uint Period => (uint)(tcp.Context.Now.Milliseconds / (1000 * PeriodSeconds));

    /// <summary>Answers a SYN and forgets it.</summary>
    public void Answer(TcpListener listener, Destination path, in FlowKey key, in TcpSegment syn)
    {
        _lastSent = tcp.Context.Now;
        tcp.Context.Counters.Add(StackCounter.TcpSynCookiesSent);
        TcpSegment seen = syn;
        uint? timestamp = null;
        if (tcp.Settings.Timestamps && syn.Options.HasTimestamps)
        {
            uint now = tcp.TimestampNow(key);
            uint value = (now & ~OptionMask) | Encode(syn);
            timestamp = (int)(value - now) > 0 ? value - (1 << OptionBits) : value; // never ahead of the time: RFC 7323 §5.3 would punish it
        }
        else
        {
            seen.Options.WindowScale = null;
            seen.Options.SackPermitted = false;
            seen.Flags = TcpFlags.Syn;
        }

        ControlSegment.Send(tcp, listener, path, key, Make(key, syn), seen, timestamp);
    }

    /// <summary>Whether an acknowledgement answers a cookie of ours that is not too old, and what the SYN had said then.</summary>
    public bool TryOpen(in FlowKey key, in TcpSegment segment, out HalfOpen opened)
    {
        opened = default;
        if (tcp.Context.Now - _lastSent > TimeSpan.FromSeconds(2 * PeriodSeconds))
        {
            return false; // none are out, so that nobody can guess one
        }

        SequenceNumber iss = segment.Acknowledgment + -1;
        SequenceNumber peerIss = segment.Sequence + -1;
        uint age = (Period - (iss.Value >> 27)) & PeriodMask;
        int size = (int)(iss.Value >> MacBits) & 7;
        if (age > 1 || iss.Value != Make(key, peerIss, Period - age, size).Value)
        {
            tcp.Context.Counters.Add(StackCounter.TcpSynCookiesRefused);
            return false;
        }

        tcp.Context.Counters.Add(StackCounter.TcpSynCookiesAccepted);
        opened = new HalfOpen
        {
            Key = key,
            PeerIss = peerIss,
            Iss = iss,
            Flags = TcpFlags.Syn,
            Window = segment.Window,
            MaximumSegmentSize = s_sizes[size],
            SentAt = tcp.Context.Now,
            Retries = 1, // when it was sent is forgotten, so that no round trip can be measured
        };
        if (tcp.Settings.Timestamps && segment.Options.HasTimestamps)
        {
            Decode(segment.Options.TimestampEchoReply, ref opened);
            opened.HasTimestamps = true;
            opened.TimestampValue = segment.Options.TimestampValue;
        }

        return true;
    }

    private static uint Encode(in TcpSegment syn) =>
        (syn.Options.WindowScale is { } scale ? Math.Min((uint)scale, TcpConnection.MaximumShift) : NoScale)
        | (syn.Options.SackPermitted ? SackBit : 0)
        | ((syn.Flags & (TcpFlags.Ece | TcpFlags.Cwr)) == (TcpFlags.Ece | TcpFlags.Cwr) ? EcnBit : 0);

    private static void Decode(uint timestamp, ref HalfOpen opened)
    {
        uint scale = timestamp & NoScale;
        opened.WindowScale = scale == NoScale ? null : (byte)scale;
        opened.SackPermitted = (timestamp & SackBit) != 0;
        opened.Flags |= (timestamp & EcnBit) != 0 ? TcpFlags.Ece | TcpFlags.Cwr : TcpFlags.None;
    }

    private SequenceNumber Make(in FlowKey key, in TcpSegment syn)
    {
        int size = s_sizes.Length - 1;
        int wanted = syn.Options.MaximumSegmentSize ?? TcpConnection.DefaultSegmentOf(key.Remote);
        while (size > 0 && s_sizes[size] > wanted)
        {
            size--;
        }

        return Make(key, syn.Sequence, Period, size);
    }

    private SequenceNumber Make(in FlowKey key, SequenceNumber peerIss, uint period, int size)
    {
        ulong mac = hash.Compute(HashPurpose, key.Local, key.LocalPort, key.Remote, key.RemotePort, ((ulong)period << 35) | ((ulong)size << 32) | peerIss.Value);
        return new SequenceNumber(((period & PeriodMask) << 27) | ((uint)size << MacBits) | ((uint)mac & ((1 << MacBits) - 1)));
    }
}

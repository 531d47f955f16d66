using System.Buffers.Binary;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation.Fuzzing;

/// <summary>TCP segments of every kind: flags, numbers at the edges of windows, options that are right, wrong and half.</summary>
/// <param name="random">The draws.</param>
/// <param name="target">For whom.</param>
internal sealed class TcpGrammar(Random random, FuzzTarget target)
{
    /// <summary>A segment in the honest peer's name. It never hits what only somebody on the path can know: RFC 5961 does not protect against that.</summary>
    public (byte[] Segment, bool Is6)? Blind()
    {
        if (Pick(own: false) is not { } connection)
        {
            return null;
        }

        TcpFlags flags = Flags();
        uint next = connection.ReceiveNext.Value;
        uint sequence = Near(next, connection.ReceiveEdge - connection.ReceiveNext);
        if ((flags & TcpFlags.Rst) != TcpFlags.None && sequence == next)
        {
            sequence++; // exactly RCV.NXT resets (RFC 5961 §3.2)
        }

        // Never between SND.UNA less the largest window and SND.MAX: there it would be accepted, with all that it carries (RFC 5961 §5.2).
        uint beyond = connection.HighestSent.Value + 1 + (uint)random.Next(1, 1 << 29);
        uint before = connection.HighestSent.Value - (1u << 31) + (uint)random.Next(1 << 28);
        return (Segment(connection.RemotePort, connection.LocalPort, sequence, random.Next(2) == 0 ? beyond : before, flags), !connection.RemoteAddress.IsIPv4);
    }

    /// <summary>A segment of the attacker's own connections: anything, and often just what fits, so that it gets far.</summary>
    public (byte[] Segment, bool Is6) Own(bool six)
    {
        if (random.Next(4) == 0 || Pick(own: true) is not { } connection)
        {
            // New connections, with data on the SYN now and then, and segments to nobody.
            ushort port = random.Next(8) == 0 ? (ushort)random.Next(65536) : target.TcpPorts[random.Next(target.TcpPorts.Count)];
            return (Segment((ushort)random.Next(1, 2000), port, (uint)random.Next(), (uint)random.Next(), random.Next(3) == 0 ? Flags() : TcpFlags.Syn), six);
        }

        uint sequence = Near(connection.ReceiveNext.Value, connection.ReceiveEdge - connection.ReceiveNext);
        uint una = connection.HighestSent.Value - (uint)connection.Unacknowledged;
        uint acknowledgment = random.Next(3) == 0 ? connection.HighestSent.Value : Near(una, connection.Unacknowledged);
        TcpFlags flags = random.Next(3) == 0 ? Flags() : TcpFlags.Ack;
        return (Segment(connection.RemotePort, connection.LocalPort, sequence, acknowledgment, flags), !connection.RemoteAddress.IsIPv4);
    }

    private TcpConnection? Pick(bool own)
    {
        TcpConnection? picked = null;
        int seen = 0;
        foreach (TcpConnection connection in target.Connections())
        {
            bool isOwn = connection.RemoteAddress == (IpAddress)target.Attacker || connection.RemoteAddress == (IpAddress)target.Attacker6;
            if (isOwn == own && random.Next(++seen) == 0)
            {
                picked = connection;
            }
        }

        return picked;
    }

    private TcpFlags Flags() => random.Next(3) switch
    {
        0 => (TcpFlags)random.Next(256),
        1 => TcpFlags.Ack | (TcpFlags)(1 << random.Next(8)),
        _ => (TcpFlags)(1 << random.Next(8)),
    };

    private uint Near(uint value, int span)
    {
        int small = random.Next(-3, 4);
        return random.Next(9) switch
        {
            0 or 1 or 2 => value,
            3 => value + (uint)small,
            4 => value + (uint)span + (uint)small,
            5 => value + (uint)random.Next(Math.Max(span, 1)),
            6 => value - (uint)random.Next(70_000),
            7 => value + (1u << 31) + (uint)small,
            _ => (uint)random.Next(),
        };
    }

    private byte[] Segment(ushort source, ushort destination, uint sequence, uint acknowledgment, TcpFlags flags)
    {
        byte[] options = random.Next(3) switch { 0 => [], 1 => GoodOptions(), _ => WildOptions() };
        int payload = random.Next(3) switch { 0 => 0, 1 => random.Next(1, 20), _ => random.Next(1, 1400) };
        byte[] segment = new byte[TcpHeader.MinimumLength + options.Length + payload];
        BinaryPrimitives.WriteUInt16BigEndian(segment, source);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), destination);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), acknowledgment);
        int words = random.Next(30) == 0 ? random.Next(16) : (TcpHeader.MinimumLength + options.Length) / 4;
        segment[12] = (byte)((words << 4) | (random.Next(10) == 0 ? random.Next(16) : 0));
        segment[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), (ushort)(random.Next(4) switch { 0 => 0, 1 => random.Next(20), _ => random.Next(65536) }));
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(18), (ushort)(random.Next(3) switch { 0 => 0, 1 => random.Next(10), _ => random.Next(65536) }));
        options.CopyTo(segment, TcpHeader.MinimumLength);
        random.NextBytes(segment.AsSpan(TcpHeader.MinimumLength + options.Length));
        return segment;
    }

    private byte[] GoodOptions()
    {
        TcpOptions options = new()
        {
            MaximumSegmentSize = random.Next(2) == 0 ? (ushort)random.Next(65536) : null,
            WindowScale = random.Next(2) == 0 ? (byte)random.Next(20) : null,
            SackPermitted = random.Next(2) == 0,
            HasTimestamps = random.Next(2) == 0,
            TimestampValue = (uint)random.Next(),
            TimestampEchoReply = (uint)random.Next(),
        };
        for (int i = random.Next(4); i > 0; i--)
        {
            uint left = AnyConnectionNumber();
            options.TryAddSack(new SackBlock(left, left + (uint)random.Next(-10, 10_000)));
        }

        byte[] bytes = new byte[(options.EncodedLength + 3) & ~3];
        return bytes.Length > TcpOptions.MaximumLength ? [] : Write(options, bytes);

        static byte[] Write(TcpOptions options, byte[] bytes)
        {
            options.Write(bytes);
            return bytes;
        }
    }

    private uint AnyConnectionNumber() => Pick(own: true) is { } connection ? Near(connection.HighestSent.Value - (uint)connection.Unacknowledged, connection.Unacknowledged) : (uint)random.Next();

    // Kinds that exist with lengths that do not, and the other way round.
    private byte[] WildOptions()
    {
        byte[] bytes = new byte[random.Next(1, 11) * 4];
        for (int at = 0; at < bytes.Length;)
        {
            int length = random.Next(12);
            bytes[at++] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(9));
            if (at < bytes.Length)
            {
                bytes[at] = (byte)(random.Next(4) == 0 ? random.Next(256) : length);
            }

            for (int i = 1; i < length && at + i < bytes.Length; i++)
            {
                bytes[at + i] = (byte)random.Next(256);
            }

            at += Math.Max(length - 1, 0);
        }

        return bytes;
    }
}

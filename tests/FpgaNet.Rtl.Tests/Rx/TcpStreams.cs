using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>Random TCP streams as they come from a wire: mostly full segments in order, and now and then all that ends a merged frame.</summary>
internal sealed class TcpStreams
{
    private const byte Ack = 0x10, Push = 0x08, Fin = 0x01, Echo = 0x40, Syn = 0x02;

    private readonly Random _random;
    private readonly Stream[] _streams;

    public TcpStreams(Random random, int streams)
    {
        _random = random;
        _streams = [.. Enumerable.Range(0, streams).Select(i => new Stream(random, i))];
    }

    /// <summary>Chance that a segment is not just the next one.</summary>
    public double Trouble { get; init; } = 0.1;

    public int MaximumSegment { get; init; } = 1000;

    /// <summary>Time stamps change now and then.</summary>
    public bool TimePasses { get; init; } = true;

    /// <summary>The next frame of any stream.</summary>
    public byte[] Next() => Next(_random.Next(_streams.Length));

    public byte[] Next(int stream)
    {
        Stream s = _streams[stream];
        s.Size = s.Size == 0 ? _random.Next(Math.Min(20, MaximumSegment), MaximumSegment + 1) : s.Size;
        (byte flags, int length, uint sequence) = (Ack, s.Size, s.Sequence);
        bool spoil = false;
        if (_random.NextDouble() < Trouble)
        {
            switch (_random.Next(14))
            {
                case 0: flags |= Push; break;
                case 1: flags |= Fin; break;
                case 2: length = _random.Next(1, s.Size + 1); break;
                case 3: length = _random.Next(1, MaximumSegment); break;
                case 4: sequence += (uint)_random.Next(1, 3000); break;
                case 5: sequence -= (uint)_random.Next(1, 3000); break;
                case 6: s.Window++; break;
                case 7: s.Acknowledgement += 1000; break;
                case 8: s.Service ^= 2; break;
                case 9: s.TimeToLive--; break;
                case 10: spoil = true; break;
                case 11: length = 0; break;
                case 12 when _random.Next(2) == 0: flags |= Syn; break;
                case 12: s.Echoes = !s.Echoes; break;
                default: s.Identification += 7; break;
            }
        }

        flags |= s.Echoes ? Echo : (byte)0;
        if (TimePasses && _random.Next(8) == 0)
        {
            s.Time++;
        }

        byte[] frame = s.Segment(_random, flags, length, sequence);
        if (sequence == s.Sequence && !spoil)
        {
            s.Sequence += (uint)length;
        }

        if (spoil)
        {
            frame[^1] ^= 1;
        }

        return frame.Length >= 60 ? frame : [.. frame, .. new byte[60 - frame.Length]];
    }

    /// <summary>A frame with what fn_rx says of it.</summary>
    public static StreamFrame WithCompletion(byte[] frame)
    {
        RxFindings found = new RxReference { HashEnable = false }.Examine(frame);
        return new StreamFrame(frame,
        [
            (uint)frame.Length << 16,
            0,
            (uint)found.Network | ((uint)found.Transport << 4) | ((uint)found.NetworkChecksum << 12) | ((uint)found.TransportChecksum << 14)
                | ((uint)found.NetworkOffset << 16) | ((uint)found.TransportOffset << 24),
            (uint)(found.VlanTag ?? 0) | (found.VlanTag is null ? 0 : 1u << 16) | (found.Fragment ? 1u << 17 : 0),
            0, 0, 0, 0,
        ]);
    }

    public static RxOffload Offload(byte[] frame)
    {
        RxFindings found = new RxReference { HashEnable = false }.Examine(frame);
        return new RxOffload
        {
            Network = found.Network,
            Transport = found.Transport,
            NetworkChecksum = found.NetworkChecksum,
            TransportChecksum = found.TransportChecksum,
            NetworkOffset = (byte)found.NetworkOffset,
            TransportOffset = (byte)found.TransportOffset,
            Fragment = found.Fragment,
            HasVlan = found.VlanTag is not null,
            VlanTag = (ushort)(found.VlanTag ?? 0),
        };
    }

    private sealed class Stream
    {
        private readonly bool _six;
        private readonly bool _tagged;
        private readonly bool _dontFragment;
        private readonly int _options;
        private readonly byte[] _addresses;
        private readonly ushort _port;

        public Stream(Random random, int index)
        {
            _six = random.Next(2) == 0;
            _tagged = random.Next(4) == 0;
            _dontFragment = random.Next(2) == 0;
            _options = random.Next(3) == 0 ? 0 : 12;
            _addresses = RandomFrames.Bytes(random, 12 + 32);
            _port = (ushort)(5000 + index);
            Sequence = (uint)random.NextInt64();
            Acknowledgement = (uint)random.NextInt64();
            Identification = (ushort)random.Next(65536);
        }

        public uint Sequence { get; set; }

        public uint Acknowledgement { get; set; }

        public ushort Identification { get; set; }

        public bool Echoes { get; set; }

        public ushort Window { get; set; } = 500;

        public byte Service { get; set; }

        public byte TimeToLive { get; set; } = 64;

        public uint Time { get; set; } = 77;

        public int Size { get; set; }

        public byte[] Segment(Random random, byte flags, int length, uint sequence)
        {
            int network = _tagged ? 18 : 14;
            int transport = network + (_six ? 40 : 20);
            int header = transport + 20 + _options;
            byte[] frame = RandomFrames.Bytes(random, header + length);
            _addresses.AsSpan(0, 12).CopyTo(frame);
            if (_tagged)
            {
                frame[12] = 0x81;
                frame[13] = 0;
                frame[14] = 0x01;
                frame[15] = 0x23;
            }

            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(network - 2), (ushort)(_six ? 0x86DD : 0x0800));
            Span<byte> ip = frame.AsSpan(network);
            if (_six)
            {
                ip[0] = 0x60;
                ip[1] = (byte)(Service << 4);
                ip[2] = ip[3] = 0;
                BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(ip.Length - 40));
                ip[6] = 6;
                ip[7] = TimeToLive;
                _addresses.AsSpan(12, 32).CopyTo(ip[8..]);
            }
            else
            {
                ip[0] = 0x45;
                ip[1] = Service;
                BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
                BinaryPrimitives.WriteUInt16BigEndian(ip[4..], Identification++);
                ip[6] = (byte)(_dontFragment ? 0x40 : 0);
                ip[7] = 0;
                ip[8] = TimeToLive;
                ip[9] = 6;
                ip[10] = ip[11] = 0;
                _addresses.AsSpan(12, 8).CopyTo(ip[12..]);
                BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~RxReference.Sum(ip[..20]));
            }

            Span<byte> tcp = frame.AsSpan(transport);
            BinaryPrimitives.WriteUInt16BigEndian(tcp, 443);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], _port);
            BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
            BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], Acknowledgement);
            tcp[12] = (byte)((20 + _options) << 2);
            tcp[13] = flags;
            BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], Window);
            tcp[16..20].Clear();
            if (_options != 0)
            {
                // RFC 7323 appendix A: two no-operations before the time stamps.
                (tcp[20], tcp[21], tcp[22], tcp[23]) = (1, 1, 8, 10);
                BinaryPrimitives.WriteUInt32BigEndian(tcp[24..], Time);
                BinaryPrimitives.WriteUInt32BigEndian(tcp[28..], Time - 5);
            }

            int pseudo = RxReference.Sum(_six ? ip.Slice(8, 32) : ip.Slice(12, 8), 6 + tcp.Length);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], (ushort)~RxReference.Sum(tcp, pseudo));
            return frame;
        }
    }
}

using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Tests.Offload;

/// <summary>A complete TCP segment, all of whose fields can be chosen.</summary>
internal sealed record TcpSample
{
    public bool IsIPv6 { get; init; }

    public ushort Vlan { get; init; }

    public ushort Port { get; init; } = 1000;

    public uint Sequence { get; init; }

    public uint Acknowledgment { get; init; } = 77;

    public TcpFlags Flags { get; init; } = TcpFlags.Ack;

    public ushort Window { get; init; } = 500;

    public byte TrafficClass { get; init; } = 2;

    public byte TimeToLive { get; init; } = 64;

    public ushort Identification { get; init; }

    public bool DontFragment { get; init; } = true;

    public bool MoreFragments { get; init; }

    public uint Timestamp { get; init; } = 4711;

    public uint FlowLabel { get; init; }

    public byte[] Payload { get; init; } = [];

    /// <summary>A bit of the frame that is turned after the checksums were computed, counted from the end of the IP header; −1: none.</summary>
    public int Spoiled { get; init; } = -1;

    public bool SpoilNetwork { get; init; }

    /// <summary>Bytes behind the packet.</summary>
    public int Padding { get; init; }

    public int NetworkOffset => EthernetHeader.Length + (Vlan != 0 ? VlanTag.Length : 0);

    public int TransportOffset => NetworkOffset + (IsIPv6 ? IPv6Header.Length : IPv4Header.MinimumLength);

    public int HeaderLength => TransportOffset + TcpHeader.MinimumLength + 12;

    public byte[] ToArray()
    {
        byte[] bytes = new byte[HeaderLength + Payload.Length + Padding];
        Span<byte> span = bytes;
        EtherType type = IsIPv6 ? EtherType.IPv6 : EtherType.IPv4;
        EthernetHeader.Write(span, new MacAddress(0x02_00_5E_00_00_02), new MacAddress(0x02_00_5E_00_00_01), Vlan != 0 ? EtherType.Vlan : type);
        if (Vlan != 0)
        {
            new VlanTag(Vlan, 0, false).Write(span[EthernetHeader.Length..], type);
        }

        int length = HeaderLength - TransportOffset + Payload.Length;
        uint pseudo = IsIPv6 ? WriteIPv6(span[NetworkOffset..], length) : WriteIPv4(span[NetworkOffset..], length);
        TcpOptions options = new() { HasTimestamps = true, TimestampValue = Timestamp, TimestampEchoReply = 1 };
        Span<byte> segment = span.Slice(TransportOffset, length);
        TcpHeader.Write(
            segment,
            new TcpFields
            {
                SourcePort = Port,
                DestinationPort = 80,
                SequenceNumber = Sequence,
                AcknowledgmentNumber = Acknowledgment,
                Flags = Flags,
                Window = Window,
            },
            options);
        Payload.CopyTo(span[HeaderLength..]);
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpHeader.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Sum(segment, pseudo)));
        if (Spoiled >= 0)
        {
            bytes[TransportOffset + Spoiled] ^= 1;
        }

        if (SpoilNetwork)
        {
            bytes[NetworkOffset + 10] ^= 1;
        }

        return bytes;
    }

    /// <summary>The segment in buffers: in one slice, or headers and payload apart.</summary>
    public Frame ToFrame(BufferPool pool, bool apart)
    {
        byte[] bytes = ToArray();
        PacketBuffer buffer = pool.TryRent()!.Value;
        bytes.CopyTo(buffer.Span);
        if (!apart)
        {
            return new Frame(new BufferSlice(buffer, 0, bytes.Length));
        }

        buffer.AddReference();
        Frame frame = new(new BufferSlice(buffer, 0, HeaderLength));
        frame.Add(new BufferSlice(buffer, HeaderLength, bytes.Length - HeaderLength));
        return frame;
    }

    private uint WriteIPv4(Span<byte> packet, int length)
    {
        IPv4Address source = new(0xC0000201);
        IPv4Address destination = new(0xC0000202);
        IPv4Header.Write(packet, new IPv4Fields
        {
            Source = source,
            Destination = destination,
            Protocol = IpProtocol.Tcp,
            PayloadLength = length,
            TrafficClass = TrafficClass,
            TimeToLive = TimeToLive,
            Identification = Identification,
            DontFragment = DontFragment,
            MoreFragments = MoreFragments,
        });
        return InternetChecksum.PseudoHeader(source, destination, IpProtocol.Tcp, length);
    }

    private uint WriteIPv6(Span<byte> packet, int length)
    {
        IPv6Address source = IPv6Address.Parse("2001:db8::1");
        IPv6Address destination = IPv6Address.Parse("2001:db8::2");
        IPv6Header.Write(packet, new IPv6Fields
        {
            Source = source,
            Destination = destination,
            NextHeader = IpProtocol.Tcp,
            PayloadLength = length,
            TrafficClass = TrafficClass,
            HopLimit = TimeToLive,
            FlowLabel = FlowLabel,
        });
        return InternetChecksum.PseudoHeader(source, destination, IpProtocol.Tcp, length);
    }
}

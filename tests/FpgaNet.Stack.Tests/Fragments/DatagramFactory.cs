using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Fragments;

namespace FpgaNet.Stack.Tests.Fragments;

/// <summary>Makes UDP datagrams of both families, whole and in fragments, in buffers of its own, all of which must have come back in the end.</summary>
internal sealed class DatagramFactory : IDisposable
{
    public static readonly IPv4Address Source4 = IPv4Address.Parse("192.0.2.7");
    public static readonly IPv4Address Destination4 = IPv4Address.Parse("192.0.2.1");
    public static readonly IPv6Address Source6 = IPv6Address.Parse("2001:db8::7");
    public static readonly IPv6Address Destination6 = IPv6Address.Parse("2001:db8::1");

    private readonly BufferPool _large = new(8, 66000);

    public BufferPool Pool { get; } = new(1024, 2048);

    /// <summary>The bytes behind the IP header: a UDP header, and a pattern.</summary>
    public static byte[] Payload(int length, int salt = 0)
    {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++)
        {
            payload[i] = (byte)((i * 7) + (i >> 8) + salt);
        }

        if (length >= UdpHeader.HeaderLength)
        {
            UdpHeader.Write(payload, 1000, 2000, length - UdpHeader.HeaderLength, 0x1234);
        }

        return payload;
    }

    /// <summary>An uncut packet in one buffer, or with its payload over further slices of these lengths.</summary>
    public Frame Whole(bool ipv4, byte[] payload, params int[] sliceLengths)
    {
        PacketBuffer buffer = _large.TryRent()!.Value;
        int at = WriteHeaders(buffer.Span, ipv4, IpProtocol.Udp, payload.Length);
        payload.CopyTo(buffer.Span[at..]);
        int first = payload.Length - sliceLengths.Sum();
        Frame frame = new(new BufferSlice(buffer, 0, at + first));
        at += first;
        foreach (int length in sliceLengths)
        {
            buffer.AddReference();
            frame.Add(new BufferSlice(buffer, at, length));
            at += length;
        }

        return frame;
    }

    /// <summary>All fragments of a packet, as <see cref="Fragmenter"/> cuts them, each copied into one buffer as a device would deliver it.</summary>
    public List<Frame> Cut(Frame whole, int mtu, uint identification)
    {
        List<Frame> fragments = [];
        Fragmenter fragmenter = new(ref whole, EthernetHeader.Length, mtu, identification);
        while (!fragmenter.IsDone)
        {
            Assert.IsTrue(fragmenter.TryNext(Pool.TryRent()!.Value, out Frame fragment));
            Assert.IsLessThanOrEqualTo(mtu + EthernetHeader.Length, fragment.Length);
            fragments.Add(Copy(fragment));
            fragment.Release();
        }

        whole.Release();
        return fragments;
    }

    /// <summary>One fragment, made by hand.</summary>
    public Frame Piece(bool ipv4, int offset, ReadOnlySpan<byte> payload, bool more, uint identification = 1, IpProtocol protocol = IpProtocol.Udp, byte trafficClass = 0, uint sourceNumber = 0)
    {
        PacketBuffer buffer = Pool.TryRent()!.Value;
        Span<byte> bytes = buffer.Span;
        EthernetHeader.Write(bytes, new MacAddress(0x0200_5E00_0001), new MacAddress(0x0200_5E00_0007), ipv4 ? EtherType.IPv4 : EtherType.IPv6);
        int at = EthernetHeader.Length;
        if (ipv4)
        {
            at += IPv4Header.Write(bytes[at..], new IPv4Fields
            {
                Source = new IPv4Address(Source4.Value + sourceNumber),
                Destination = Destination4,
                Protocol = protocol,
                PayloadLength = payload.Length,
                Identification = (ushort)identification,
                FragmentOffset = offset,
                MoreFragments = more,
                TimeToLive = 64,
                TrafficClass = trafficClass,
            });
        }
        else
        {
            at += IPv6Header.Write(bytes[at..], new IPv6Fields
            {
                Source = new IPv6Address(Source6.Value + sourceNumber),
                Destination = Destination6,
                NextHeader = IpProtocol.FragmentHeader,
                PayloadLength = IPv6FragmentHeader.Length + payload.Length,
                HopLimit = 64,
                TrafficClass = trafficClass,
            });
            at += new IPv6FragmentHeader(protocol, offset, more, identification).Write(bytes[at..]);
        }

        payload.CopyTo(bytes[at..]);
        return new Frame(new BufferSlice(buffer, 0, at + payload.Length));
    }

    /// <summary>Hands a fragment to a reassembler as the IP layer does; what was not kept is released.</summary>
    public static FragmentVerdict Add(Reassembler reassembler, Frame frame, Time.Instant now, out byte[]? packet)
    {
        FragmentVerdict verdict = Add(reassembler, ref frame, now, out Frame datagram);
        frame.Release();
        packet = null;
        if (verdict == FragmentVerdict.Completed)
        {
            packet = new byte[datagram.Length - EthernetHeader.Length];
            datagram.CopyTo(EthernetHeader.Length, packet);
        }

        datagram.Release();
        return verdict;
    }

    /// <summary>The same with what is left of the frame, and with the datagram's frame.</summary>
    public static FragmentVerdict Add(Reassembler reassembler, ref Frame frame, Time.Instant now, out Frame datagram)
    {
        ReadOnlySpan<byte> bytes = frame.Header.Span[EthernetHeader.Length..];
        if (bytes[0] >> 4 == 4)
        {
            Assert.IsTrue(IPv4Header.TryParse(bytes, frame.Length - EthernetHeader.Length, out IPv4Header header));
            return reassembler.Add(Fragment.From(header, EthernetHeader.Length), ref frame, now, out datagram);
        }

        Assert.IsTrue(IPv6Header.TryParse(bytes, frame.Length - EthernetHeader.Length, out IPv6Header header6));
        Assert.IsTrue(IPv6FragmentHeader.TryFind(bytes, out int at, out _));
        return reassembler.Add(
            Fragment.From(header6, EthernetHeader.Length, at, IPv6FragmentHeader.Read(bytes[at..])), ref frame, now, out datagram);
    }

    /// <summary>Checks that a packet is whole, not a fragment, with this payload.</summary>
    public static void AssertWhole(byte[]? packet, bool ipv4, byte[] payload)
    {
        Assert.IsNotNull(packet);
        if (ipv4)
        {
            Assert.IsTrue(IPv4Header.TryParse(packet, out IPv4Header header));
            Assert.IsTrue(header.ChecksumIsGood);
            Assert.IsFalse(header.IsFragment);
            Assert.AreEqual(IpProtocol.Udp, header.Protocol);
            Assert.AreEqual(Source4, header.Source);
            CollectionAssert.AreEqual(payload, header.Payload.ToArray());
        }
        else
        {
            Assert.IsTrue(IPv6Header.TryParse(packet, out IPv6Header header));
            Assert.AreEqual(IpProtocol.Udp, header.NextHeader);
            Assert.AreEqual(Source6, header.Source);
            CollectionAssert.AreEqual(payload, header.Payload.ToArray());
        }
    }

    /// <summary>A frame's bytes in one buffer of its own.</summary>
    public Frame Copy(in Frame frame)
    {
        PacketBuffer buffer = Pool.TryRent()!.Value;
        frame.CopyTo(0, buffer.Span[..frame.Length]);
        return new Frame(new BufferSlice(buffer, 0, frame.Length));
    }

    public void Dispose()
    {
        Assert.AreEqual(Pool.BufferCount, Pool.Available, "fragments were lost");
        Assert.AreEqual(_large.BufferCount, _large.Available, "datagrams were lost");
        Pool.Dispose();
        _large.Dispose();
    }

    private static int WriteHeaders(Span<byte> bytes, bool ipv4, IpProtocol protocol, int length)
    {
        EthernetHeader.Write(bytes, new MacAddress(0x0200_5E00_0001), new MacAddress(0x0200_5E00_0007), ipv4 ? EtherType.IPv4 : EtherType.IPv6);
        Span<byte> packet = bytes[EthernetHeader.Length..];
        return EthernetHeader.Length + (ipv4
            ? IPv4Header.Write(packet, new IPv4Fields { Source = Source4, Destination = Destination4, Protocol = protocol, PayloadLength = length, TimeToLive = 64 })
            : IPv6Header.Write(packet, new IPv6Fields { Source = Source6, Destination = Destination6, NextHeader = protocol, PayloadLength = length, HopLimit = 64 }));
    }
}

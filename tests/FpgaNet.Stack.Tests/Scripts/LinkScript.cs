using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Tests.Scripts;

/// <summary>One stack on a link whose other stations are the test: it sends IPv6 packets by hand and looks at each frame that the stack sends, with its time.</summary>
internal sealed class LinkScript : IDisposable
{
    public static readonly MacAddress HostMac = new(0x0200_5E00_0001);
    public static readonly MacAddress PeerMac = new(0x0200_5E00_0099);
    public static readonly IPv6Address Host = IPv6Address.Parse("2001:db8::1");
    public static readonly IPv6Address Peer = IPv6Address.Parse("2001:db8::99");
    public static readonly IPv6Address PeerLinkLocal = IPv6Address.Parse("fe80::99");

    private readonly Queue<(TimeSpan At, byte[] Frame)> _sent = new();
    private readonly VirtualDevice _device;

    /// <param name="interfaceOptions">The interface; null: <see cref="Host"/>/64, without duplicate address detection or announcements.</param>
    /// <param name="options">The stack.</param>
    /// <param name="mtu">The link's MTU.</param>
    public LinkScript(InterfaceOptions? interfaceOptions = null, NetworkStackOptions? options = null, int mtu = 1500)
    {
        _device = new VirtualDevice("host", HostMac, mtu, segments: false, 256, () => true, (_, frame) => _sent.Enqueue((Time.Elapsed, frame)));
        Stack = new NetworkStack((options ?? new NetworkStackOptions()) with { TimeProvider = Time, Seed = 7, InlineCompletions = true, Tcp = ScriptedPeer.Plain });
        Interface = Stack.AddInterface(_device, interfaceOptions ?? Quiet);
        Poll();
        if (interfaceOptions is null)
        {
            After(TimeSpan.FromSeconds(5)).Forgets(); // what it has to say of its groups is said by then
        }
    }

    /// <summary>An interface that says nothing of itself.</summary>
    public static InterfaceOptions Quiet { get; } = new()
    {
        Addresses = [new AddressPrefix(Host, 64)],
        DuplicateAddressTransmits = 0,
        Announce = false,
        HeaderBuffers = 256,
    };

    public VirtualTime Time { get; } = new();

    public NetworkStack Stack { get; }

    public StackInterface Interface { get; }

    /// <summary>The stack's card.</summary>
    public VirtualDevice Device => _device;

    public ulong this[StackCounter counter] => Stack.Counters[counter];

    /// <summary>A frame comes.</summary>
    public LinkScript Sends(byte[] frame)
    {
        _device.Deliver(frame);
        Poll();
        return this;
    }

    /// <summary>A frame comes of which the card says something.</summary>
    public LinkScript Sends(byte[] frame, RxOffload offload)
    {
        _device.Take(frame, offload);
        Poll();
        return this;
    }

    /// <summary>An ICMPv6 message comes.</summary>
    public LinkScript Sends(
        IPv6Address source, IPv6Address destination, Icmpv6Type type, byte code, uint parameter, ReadOnlySpan<byte> body, byte hopLimit = 255, MacAddress? to = null) =>
        Sends(Icmp(source, destination, type, code, parameter, body, hopLimit, to));

    /// <summary>A frame with an ICMPv6 message.</summary>
    public static byte[] Icmp(
        IPv6Address source, IPv6Address destination, Icmpv6Type type, byte code, uint parameter, ReadOnlySpan<byte> body, byte hopLimit = 255, MacAddress? to = null)
    {
        byte[] message = new byte[IcmpHeader.Length + body.Length];
        IcmpHeader.Write(message, (byte)type, code, parameter);
        body.CopyTo(message.AsSpan(IcmpHeader.Length));
        uint pseudo = InternetChecksum.PseudoHeader(source, destination, IpProtocol.Icmpv6, message.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo)));
        return Packet(source, destination, IpProtocol.Icmpv6, message, hopLimit, to);
    }

    /// <summary>A frame with an IPv6 packet.</summary>
    public static byte[] Packet(
        IPv6Address source, IPv6Address destination, IpProtocol next, ReadOnlySpan<byte> payload, byte hopLimit = 64, MacAddress? to = null)
    {
        byte[] frame = new byte[EthernetHeader.Length + IPv6Header.Length + payload.Length];
        EthernetHeader.Write(frame, to ?? (destination.IsMulticast ? MacAddress.ForGroup(destination) : HostMac), PeerMac, EtherType.IPv6);
        IPv6Header.Write(frame.AsSpan(EthernetHeader.Length), new IPv6Fields
        {
            Source = source,
            Destination = destination,
            NextHeader = next,
            PayloadLength = payload.Length,
            HopLimit = hopLimit,
        });
        payload.CopyTo(frame.AsSpan(EthernetHeader.Length + IPv6Header.Length));
        return frame;
    }

    /// <summary>A frame with a UDP datagram over IPv6.</summary>
    public static byte[] Udp(IPv6Address source, IPv6Address destination, ushort from, ushort to, ReadOnlySpan<byte> payload)
    {
        byte[] datagram = new byte[UdpHeader.HeaderLength + payload.Length];
        UdpHeader.Write(datagram, from, to, payload.Length, 0);
        payload.CopyTo(datagram.AsSpan(UdpHeader.HeaderLength));
        uint pseudo = InternetChecksum.PseudoHeader(source, destination, IpProtocol.Udp, datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(UdpHeader.ChecksumOffset), InternetChecksum.Finish(InternetChecksum.Sum(datagram, pseudo)));
        return Packet(source, destination, IpProtocol.Udp, datagram);
    }

    /// <summary>A body that begins with an address and goes on with an option that holds a station address.</summary>
    public static byte[] Body(IPv6Address target, NdpOptionType? option = null, MacAddress? mac = null)
    {
        byte[] body = new byte[IPv6Address.Length + (option is null ? 0 : 8)];
        target.Write(body);
        if (option is { } type)
        {
            NdpOptionReader.WriteLinkLayerAddress(body.AsSpan(IPv6Address.Length), type, mac ?? PeerMac);
        }

        return body;
    }

    /// <summary>The peer says where it is, as if it had been asked.</summary>
    public LinkScript Introduces(IPv6Address peer) =>
        Sends(peer, Host, Icmpv6Type.NeighborSolicitation, 0, 0, Body(Host, NdpOptionType.SourceLinkLayerAddress), to: HostMac).Forgets();

    /// <summary>The next frame that the stack sent.</summary>
    public SentFrame Takes()
    {
        Poll();
        Assert.IsNotEmpty(_sent, "a frame was expected, but nothing was sent");
        (TimeSpan at, byte[] frame) = _sent.Dequeue();
        return new SentFrame(at, frame);
    }

    /// <summary>The next frame that the stack sent; it is an ICMPv6 message of this type.</summary>
    public SentFrame Takes(Icmpv6Type type)
    {
        SentFrame frame = Takes();
        Assert.AreEqual(type, frame.IcmpType, frame.ToString());
        return frame;
    }

    /// <summary>All frames that were sent and not looked at.</summary>
    public List<SentFrame> TakesAll()
    {
        Poll();
        List<SentFrame> all = [.. _sent.Select(static entry => new SentFrame(entry.At, entry.Frame))];
        _sent.Clear();
        return all;
    }

    public LinkScript SaysNothing()
    {
        Poll();
        Assert.IsEmpty(_sent, _sent.Count == 0 ? string.Empty : new SentFrame(_sent.Peek().At, _sent.Peek().Frame).ToString());
        return this;
    }

    public LinkScript Forgets()
    {
        Poll();
        _sent.Clear();
        return this;
    }

    /// <summary>Lets time pass.</summary>
    public LinkScript After(TimeSpan duration)
    {
        TimeSpan end = Time.Elapsed + duration;
        while (Stack.Network.Timers.Next.Ticks <= end.Ticks)
        {
            Time.MoveTo(new TimeSpan(Math.Max(Stack.Network.Timers.Next.Ticks, Time.Elapsed.Ticks)));
            Poll();
        }

        Time.MoveTo(end);
        Poll();
        return this;
    }

    public void Dispose()
    {
        Stack.Dispose();
        Assert.AreEqual(0, Stack.BuffersInUse, "the stack lost buffers");
        _device.Dispose();
    }

    private void Poll()
    {
        while (Stack.Poll() == TimeSpan.Zero)
        {
        }
    }
}

/// <summary>A frame that the stack sent.</summary>
internal sealed class SentFrame(TimeSpan at, byte[] bytes)
{
    public TimeSpan At => at;

    public byte[] Bytes => bytes;

    public MacAddress To => MacAddress.Read(bytes);

    public EtherType EtherType => (EtherType)BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(12));

    public IPv6Address Source => IPv6Address.Read(bytes.AsSpan(22));

    public IPv6Address Destination => IPv6Address.Read(bytes.AsSpan(38));

    public byte HopLimit => bytes[21];

    public IpProtocol Next => (IpProtocol)bytes[20];

    /// <summary>What is behind the IPv6 header.</summary>
    public ReadOnlySpan<byte> Payload => bytes.AsSpan(54);

    public Icmpv6Type IcmpType => Next == IpProtocol.Icmpv6 ? (Icmpv6Type)bytes[54] : default;

    public byte Code => bytes[55];

    public uint Parameter => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(58));

    /// <summary>What is behind an ICMPv6 header.</summary>
    public ReadOnlySpan<byte> Body => bytes.AsSpan(62);

    /// <summary>The address that a Neighbour Discovery message is about.</summary>
    public IPv6Address Target => IPv6Address.Read(Body);

    public bool ChecksumIsGood => InternetChecksum.Finish(
        InternetChecksum.Sum(Payload, InternetChecksum.PseudoHeader(Source, Destination, Next, Payload.Length))) == 0;

    public override string ToString() => EtherType == EtherType.IPv6 ? $"{Source} > {Destination} {Next} {IcmpType} {Convert.ToHexString(Payload)}" : Convert.ToHexString(bytes);
}

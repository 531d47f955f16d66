using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Tests.Offload;

/// <summary>A packet of any kind and size as bytes, with what it owes, and cut into slices at will.</summary>
internal sealed class SuperFrame
{
    public required byte[] Bytes { get; init; }

    public required TxOffload Offload { get; init; }

    public int HeaderLength => Offload.HeaderLength;

    public ReadOnlySpan<byte> Payload => Bytes.AsSpan(HeaderLength);

    /// <summary>A random packet; with <paramref name="mss"/> 0 one that is not cut.</summary>
    public static SuperFrame Random(Random random, Segmentation kind, int payloadLength, int mss)
    {
        bool tcp = kind is Segmentation.Tcp4 or Segmentation.Tcp6;
        bool four = kind is Segmentation.Tcp4 or Segmentation.Udp4;
        byte[] bytes = new byte[256 + payloadLength];
        Span<byte> span = bytes;
        int network = EthernetHeader.Length;
        bool tagged = random.Next(4) == 0;
        EtherType type = four ? EtherType.IPv4 : EtherType.IPv6;
        EthernetHeader.Write(span, new MacAddress(0x02_00_5E_00_00_02), new MacAddress(0x02_00_5E_00_00_01), tagged ? EtherType.Vlan : type);
        if (tagged)
        {
            new VlanTag(random.Next(1, 4095), 3, false).Write(span[network..], type);
            network += VlanTag.Length;
        }

        byte[] options = new byte[four ? 4 * random.Next(0, 3) : 0];
        Array.Fill(options, (byte)1);
        int extension = !four && random.Next(3) == 0 ? 8 * random.Next(1, 3) : 0;
        int transport = network + (four ? IPv4Header.MinimumLength + options.Length : IPv6Header.Length + extension);
        TcpOptions tcpOptions = default;
        if (random.Next(2) == 0)
        {
            (tcpOptions.HasTimestamps, tcpOptions.TimestampValue) = (true, (uint)random.Next());
        }

        IpProtocol protocol = tcp ? IpProtocol.Tcp : IpProtocol.Udp;
        int transportHeader = tcp ? TcpHeader.MinimumLength + tcpOptions.EncodedLength : UdpHeader.HeaderLength;
        int transportLength = transportHeader + payloadLength;
        byte[] addresses = new byte[32];
        random.NextBytes(addresses);
        uint pseudo;
        if (four)
        {
            IPv4Address source = IPv4Address.Read(addresses);
            IPv4Address destination = IPv4Address.Read(addresses.AsSpan(4));
            pseudo = InternetChecksum.PseudoHeader(source, destination, protocol, transportLength);
            IPv4Header.Write(
                span[network..],
                new IPv4Fields
                {
                    Source = source,
                    Destination = destination,
                    Protocol = protocol,
                    PayloadLength = transportLength,
                    Identification = (ushort)random.Next(0x10000),
                    DontFragment = random.Next(2) == 0,
                    TimeToLive = 64,
                },
                options);
        }
        else
        {
            IPv6Address source = IPv6Address.Read(addresses);
            IPv6Address destination = IPv6Address.Read(addresses.AsSpan(16));
            pseudo = InternetChecksum.PseudoHeader(source, destination, protocol, transportLength);
            IPv6Header.Write(
                span[network..],
                new IPv6Fields
                {
                    Source = source,
                    Destination = destination,
                    NextHeader = extension > 0 ? IpProtocol.DestinationOptions : protocol,
                    PayloadLength = extension + transportLength,
                    HopLimit = 64,
                });
            if (extension > 0)
            {
                Span<byte> header = span.Slice(network + IPv6Header.Length, extension);
                header[0] = (byte)protocol;
                header[1] = (byte)((extension / 8) - 1);
                header[2] = 1; // PadN
                header[3] = (byte)(extension - 4);
            }
        }

        ushort partial = InternetChecksum.Fold(pseudo);
        if (tcp)
        {
            TcpHeader.Write(
                span[transport..],
                new TcpFields
                {
                    SourcePort = (ushort)random.Next(0x10000),
                    DestinationPort = (ushort)random.Next(0x10000),
                    SequenceNumber = unchecked((uint)random.NextInt64()),
                    AcknowledgmentNumber = (uint)random.Next(),
                    Flags = TcpFlags.Ack | (TcpFlags)((int)(TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Cwr | TcpFlags.Ece) & random.Next(256)),
                    Window = 1000,
                    Checksum = partial,
                },
                tcpOptions);
        }
        else
        {
            UdpHeader.Write(span[transport..], (ushort)random.Next(0x10000), (ushort)random.Next(0x10000), payloadLength, partial);
        }

        int headerLength = transport + transportHeader;
        random.NextBytes(span.Slice(headerLength, payloadLength));
        return new SuperFrame
        {
            Bytes = bytes[..(headerLength + payloadLength)],
            Offload = new TxOffload
            {
                Checksum = true,
                ChecksumZeroAsOnes = !tcp,
                ChecksumStart = (ushort)transport,
                ChecksumOffset = (ushort)(tcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset),
                Segmentation = mss > 0 ? kind : Segmentation.None,
                MaximumSegmentSize = (ushort)mss,
                NetworkOffset = (ushort)network,
                HeaderLength = (ushort)headerLength,
            },
        };
    }

    /// <summary>The packet over random slices; the first holds at least all headers.</summary>
    public TxFrame Slice(Random random, BufferPool pool)
    {
        int slices = random.Next(1, Frame.MaxSlices + 1);
        int[] cuts = new int[slices + 1];
        cuts[slices] = Bytes.Length;
        for (int i = 1; i < slices; i++)
        {
            cuts[i] = random.Next(HeaderLength, Bytes.Length + 1);
        }

        Array.Sort(cuts);
        Frame frame = default;
        for (int i = 0; i < slices; i++)
        {
            PacketBuffer buffer = pool.TryRent() ?? throw new InvalidOperationException("The test's pool is empty.");
            BufferSlice slice = new(buffer, random.Next(0, 9), cuts[i + 1] - cuts[i]);
            Bytes.AsSpan(cuts[i], slice.Length).CopyTo(slice.Span);
            frame.Add(slice);
        }

        return new TxFrame { Frame = frame, Offload = Offload };
    }

    /// <summary>Whether a packet's TCP or UDP checksum is right, by code that shares nothing with the product.</summary>
    public static bool ChecksumIsRight(ReadOnlySpan<byte> frame, int network, int transport)
    {
        int length;
        byte protocol;
        List<byte> all = [];
        if (frame[network] >> 4 == 4)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(frame[(network + 2)..]) - (transport - network);
            protocol = frame[network + 9];
            all.AddRange(frame.Slice(network + 12, 8));
        }
        else
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(frame[(network + 4)..]) + 40 - (transport - network);
            protocol = frame[network + 6] == 60 ? frame[network + 40] : frame[network + 6];
            all.AddRange(frame.Slice(network + 8, 32));
        }

        all.AddRange([0, protocol, (byte)(length >> 8), (byte)length]);
        all.AddRange(frame.Slice(transport, length));
        bool udpWithoutChecksum = protocol == 17 && frame[transport + 6] == 0 && frame[transport + 7] == 0;
        return !udpWithoutChecksum && InternetChecksumTests.Reference(all.ToArray()) == 0xFFFF;
    }
}

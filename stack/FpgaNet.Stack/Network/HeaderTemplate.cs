using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>The Ethernet and IP headers of all packets to a destination as they stand on the wire: written once, copied for each packet, which then says what is its own.</summary>
internal struct HeaderTemplate
{
    private const int Length4 = EthernetHeader.Length + IPv4Header.MinimumLength;
    private const int Length6 = EthernetHeader.Length + IPv6Header.Length;

    private readonly bool _isPlainIPv4;
    private readonly byte[]? _options; // of an IPv4 header that has some
    private readonly uint _sum; // of what never changes in an IPv4 header
    private Octets _octets;

    /// <summary>Writes the headers.</summary>
    /// <param name="station">Our own station address; the neighbour's is written when it is known.</param>
    /// <param name="source">Our address.</param>
    /// <param name="destination">Where packets go.</param>
    /// <param name="options">What stands behind the fixed part of an IPv4 header; null: nothing.</param>
    public HeaderTemplate(MacAddress station, IpAddress source, IpAddress destination, byte[]? options = null)
    {
        bool isIPv4 = destination.IsIPv4;
        _options = options is { Length: > 0 } ? options : null;
        _isPlainIPv4 = isIPv4 && _options is null;
        Span<byte> header = _octets;
        Span<byte> packet = header[EthernetHeader.Length..];
        EthernetHeader.Write(header, MacAddress.Broadcast, station, isIPv4 ? EtherType.IPv4 : EtherType.IPv6);
        if (isIPv4)
        {
            // A length of 0 makes the checksum the one of all the rest.
            IPv4Header.Write(packet, new IPv4Fields { Source = source.IPv4, Destination = destination.IPv4, Protocol = default, PayloadLength = -IPv4Header.MinimumLength, DontFragment = true });
            _sum = (ushort)~BinaryPrimitives.ReadUInt16BigEndian(packet[IPv4Header.ChecksumOffset..]);
        }
        else
        {
            IPv6Header.Write(packet, new IPv6Fields { Source = source.IPv6, Destination = destination.IPv6, NextHeader = default, PayloadLength = 0 });
        }
    }

    /// <summary>Writes a packet's headers.</summary>
    /// <param name="header">Receives them.</param>
    /// <param name="payload">Bytes behind the IP header.</param>
    /// <param name="protocol">What they are.</param>
    /// <param name="trafficClass">Differentiated services code point and ECN.</param>
    /// <param name="hopLimit">Time to live or hop limit.</param>
    /// <param name="identification">IPv4's identification.</param>
    public readonly void Write(Span<byte> header, int payload, IpProtocol protocol, byte trafficClass, byte hopLimit, ushort identification)
    {
        if (_isPlainIPv4)
        {
            WriteIPv4(header, payload, protocol, trafficClass, hopLimit, identification);
        }
        else if (_options is null)
        {
            ReadOnlySpan<byte> octets = _octets;
            Span<byte> packet = header[EthernetHeader.Length..];
            octets[..Length6].CopyTo(header);
            packet = packet[..IPv6Header.Length];
            BinaryPrimitives.WriteUInt16BigEndian(packet, (ushort)(0x6000 | (trafficClass << 4)));
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)payload);
            packet[6] = (byte)protocol;
            packet[7] = hopLimit;
        }
        else
        {
            WriteIPv4(header, _options.Length + payload, protocol, trafficClass, hopLimit, identification);
            Span<byte> packet = header.Slice(EthernetHeader.Length, IPv4Header.MinimumLength + _options.Length);
            packet[0] = (byte)(0x40 | (packet.Length >> 2));
            _options.CopyTo(packet[IPv4Header.MinimumLength..]);
            IPv4Header.WriteChecksum(packet);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void WriteIPv4(Span<byte> header, int payload, IpProtocol protocol, byte trafficClass, byte hopLimit, ushort identification)
    {
        ReadOnlySpan<byte> octets = _octets;
        octets[..Length4].CopyTo(header);
        Span<byte> packet = header.Slice(EthernetHeader.Length, IPv4Header.MinimumLength);
        int length = IPv4Header.MinimumLength + payload;
        packet[1] = trafficClass;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], identification);
        packet[8] = hopLimit;
        packet[9] = (byte)protocol;
        uint sum = _sum + trafficClass + (ushort)length + identification + (((uint)hopLimit << 8) | (byte)protocol);
        BinaryPrimitives.WriteUInt16BigEndian(packet[IPv4Header.ChecksumOffset..], InternetChecksum.Finish(sum));
    }

    [InlineArray(Length6)]
    private struct Octets
    {
        private byte _first;
    }
}

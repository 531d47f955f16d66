using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>Brings the checksum of a captured frame to what it is on the wire.</summary>
internal static class CapturedChecksum
{
    /// <summary>Pays the debt of a frame on its way out.</summary>
    public static void Pay(Span<byte> frame, in TxOffload offload)
    {
        int field = offload.ChecksumStart + offload.ChecksumOffset;
        if (field + 2 <= frame.Length)
        {
            ushort checksum = InternetChecksum.Compute(frame[offload.ChecksumStart..]);
            BinaryPrimitives.WriteUInt16BigEndian(frame[field..], checksum == 0 && offload.ChecksumZeroAsOnes ? (ushort)0xFFFF : checksum);
        }
    }

    /// <summary>Writes the right checksum into a received TCP or UDP packet that is known to be good. Changes nothing when it stood there already.</summary>
    public static void Rewrite(Span<byte> frame)
    {
        if (!TryFind(frame, out int start, out int length, out IpProtocol protocol, out uint sum))
        {
            return;
        }

        int offset = protocol == IpProtocol.Tcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset;
        if (offset + 2 > length)
        {
            return;
        }

        Span<byte> field = frame.Slice(start + offset, 2);
        if (protocol == IpProtocol.Udp && BinaryPrimitives.ReadUInt16BigEndian(field) == 0)
        {
            return; // RFC 768: there is none
        }

        field.Clear();
        ushort checksum = InternetChecksum.Finish(InternetChecksum.Sum(frame.Slice(start, length), sum));
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum == 0 && protocol == IpProtocol.Udp ? (ushort)0xFFFF : checksum);
    }

    private static bool TryFind(ReadOnlySpan<byte> frame, out int start, out int length, out IpProtocol protocol, out uint pseudoHeader)
    {
        (start, length, protocol, pseudoHeader) = (0, 0, default, 0);
        if (!EthernetHeader.TryParse(frame, out EthernetHeader ethernet))
        {
            return false;
        }

        EtherType type = ethernet.EtherType;
        int network = EthernetHeader.Length;
        while (VlanTag.Follows(type))
        {
            if (!VlanTag.TryParse(frame[network..], out _, out type))
            {
                return false;
            }

            network += VlanTag.Length;
        }

        ReadOnlySpan<byte> packet = frame[network..];
        if (type == EtherType.IPv4 && IPv4Header.TryParse(packet, out IPv4Header v4) && !v4.IsFragment)
        {
            (start, length, protocol) = (network + v4.HeaderLength, v4.PayloadLength, v4.Protocol);
            pseudoHeader = InternetChecksum.PseudoHeader(v4.Source, v4.Destination, protocol, length);
        }
        else if (type == EtherType.IPv6 && IPv6Header.TryParse(packet, out IPv6Header v6)
            && v6.TryWalkExtensions(out IPv6UpperLayer upper) && !upper.IsFragment && !upper.RoutingPending)
        {
            (start, length, protocol) = (network + upper.Offset, IPv6Header.Length + v6.PayloadLength - upper.Offset, upper.Protocol);
            pseudoHeader = InternetChecksum.PseudoHeader(v6.Source, v6.Destination, protocol, length);
        }
        else
        {
            return false;
        }

        return protocol is IpProtocol.Tcp or IpProtocol.Udp;
    }
}

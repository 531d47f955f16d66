using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation.Fuzzing;

/// <summary>Whole frames around transport messages, right in every length and checksum unless told otherwise.</summary>
internal static class PacketBuilder
{
    public static byte[] Ethernet(MacAddress to, MacAddress from, EtherType type, ReadOnlySpan<byte> packet)
    {
        byte[] frame = new byte[EthernetHeader.Length + packet.Length];
        EthernetHeader.Write(frame, to, from, type);
        packet.CopyTo(frame.AsSpan(EthernetHeader.Length));
        return frame;
    }

    public static byte[] IPv4(in IPv4Fields fields, ReadOnlySpan<byte> options, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[IPv4Header.MinimumLength + options.Length + payload.Length];
        IPv4Header.Write(packet, fields with { PayloadLength = payload.Length }, options);
        payload.CopyTo(packet.AsSpan(IPv4Header.MinimumLength + options.Length));
        return packet;
    }

    public static byte[] IPv6(in IPv6Fields fields, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[IPv6Header.Length + payload.Length];
        IPv6Header.Write(packet, fields with { PayloadLength = payload.Length });
        payload.CopyTo(packet.AsSpan(IPv6Header.Length));
        return packet;
    }

    /// <summary>Sets the checksum of a message for a pair of addresses.</summary>
    public static void Sum(Span<byte> message, int at, uint pseudo)
    {
        if (message.Length < at + 2)
        {
            return;
        }

        message[at] = message[at + 1] = 0;
        ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo));
        BinaryPrimitives.WriteUInt16BigEndian(message[at..], sum == 0 ? (ushort)0xFFFF : sum);
    }

    /// <summary>Where a protocol has its checksum; −1: nowhere.</summary>
    public static int ChecksumOffset(IpProtocol protocol) => protocol switch
    {
        IpProtocol.Tcp => TcpHeader.ChecksumOffset,
        IpProtocol.Udp => UdpHeader.ChecksumOffset,
        IpProtocol.Icmp or IpProtocol.Icmpv6 => IcmpHeader.ChecksumOffset,
        _ => -1,
    };

    /// <summary>Makes the checksums of a frame right again, as far as its headers can be read.</summary>
    public static void Repair(Span<byte> frame)
    {
        PacketView view = PacketView.Of(frame);
        if (view.IpVersion == 0)
        {
            return;
        }

        if (view.IpVersion == 4)
        {
            IPv4Header.WriteChecksum(frame[view.NetworkOffset..view.TransportOffset]);
        }

        Span<byte> message = frame[view.TransportOffset..];
        int at = ChecksumOffset(view.Protocol);
        if (at >= 0 && !view.IsFragment)
        {
            uint pseudo = view.Protocol == IpProtocol.Icmp ? 0
                : view.IpVersion == 4
                ? InternetChecksum.PseudoHeader(new IPv4Address((uint)view.Source), new IPv4Address((uint)view.Destination), view.Protocol, message.Length)
                : InternetChecksum.PseudoHeader(new IPv6Address(view.Source), new IPv6Address(view.Destination), view.Protocol, message.Length);
            Sum(message, at, pseudo);
        }
    }
}

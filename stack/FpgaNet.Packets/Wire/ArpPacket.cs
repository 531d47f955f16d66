using System.Buffers.Binary;

namespace FpgaNet.Packets.Wire;

/// <summary>What an ARP packet says (RFC 826; IANA "ARP Parameters").</summary>
public enum ArpOperation : ushort
{
    /// <summary>Who has this address?</summary>
    Request = 1,

    /// <summary>I have it.</summary>
    Reply = 2,
}

/// <summary>What an ARP packet for IPv4 over Ethernet means.</summary>
/// <param name="Operation">Question or answer.</param>
/// <param name="SenderHardware">The sender's station address.</param>
/// <param name="SenderProtocol">The sender's IPv4 address; 0.0.0.0 in a probe (RFC 5227).</param>
/// <param name="TargetHardware">The target's station address; zero in a request.</param>
/// <param name="TargetProtocol">The address that is asked for, or answered to.</param>
public readonly record struct ArpFields(
    ArpOperation Operation, MacAddress SenderHardware, IPv4Address SenderProtocol, MacAddress TargetHardware, IPv4Address TargetProtocol);

/// <summary>A view of an ARP packet for IPv4 over Ethernet (RFC 826); others are not parsed.</summary>
public readonly ref struct ArpPacket
{
    /// <summary>Bytes in the packet.</summary>
    public const int Length = 28;

    // Hardware type 1 (Ethernet), protocol type IPv4, address lengths 6 and 4.
    private const ulong EthernetIPv4 = 0x0001_0800_0604;

    private readonly ReadOnlySpan<byte> _packet;

    private ArpPacket(ReadOnlySpan<byte> packet) => _packet = packet;

    /// <summary>Question or answer.</summary>
    public ArpOperation Operation => (ArpOperation)BinaryPrimitives.ReadUInt16BigEndian(_packet[6..]);

    /// <summary>The sender's station address.</summary>
    public MacAddress SenderHardware => MacAddress.Read(_packet[8..]);

    /// <summary>The sender's IPv4 address.</summary>
    public IPv4Address SenderProtocol => IPv4Address.Read(_packet[14..]);

    /// <summary>The target's station address.</summary>
    public MacAddress TargetHardware => MacAddress.Read(_packet[18..]);

    /// <summary>The target's IPv4 address.</summary>
    public IPv4Address TargetProtocol => IPv4Address.Read(_packet[24..]);

    /// <summary>All fields.</summary>
    public ArpFields Fields => new(Operation, SenderHardware, SenderProtocol, TargetHardware, TargetProtocol);

    /// <summary>Looks at a packet.</summary>
    /// <param name="packet">The bytes behind the Ethernet header; padding may follow.</param>
    /// <param name="arp">The view.</param>
    /// <returns>Whether it is ARP for IPv4 over Ethernet, and whole.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, out ArpPacket arp)
    {
        bool good = packet.Length >= Length && BinaryPrimitives.ReadUInt64BigEndian(packet) >> 16 == EthernetIPv4;
        arp = good ? new ArpPacket(packet) : default;
        return good;
    }

    /// <summary>Writes a packet.</summary>
    /// <param name="destination">Receives it; <see cref="Length"/> bytes or more.</param>
    /// <param name="fields">Its meaning.</param>
    public static void Write(Span<byte> destination, in ArpFields fields)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, (EthernetIPv4 << 16) | (ushort)fields.Operation);
        fields.SenderHardware.Write(destination[8..]);
        fields.SenderProtocol.Write(destination[14..]);
        fields.TargetHardware.Write(destination[18..]);
        fields.TargetProtocol.Write(destination[24..]);
    }
}

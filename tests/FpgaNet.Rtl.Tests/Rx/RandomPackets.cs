using System.Buffers.Binary;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>
/// Frames of every kind that a receiver meets, mostly right, some wrong in one place: tags, ARP, IPv4 with options, IPv6 with extension headers, fragments, TCP,
/// UDP, ICMP, padding, wrong checksums, wrong lengths, truncation, and plain noise.
/// </summary>
internal sealed class RandomPackets(Random random)
{
    /// <summary>No frame is shorter; the receive path needs more than 16 bytes, and behind a MAC none has less than 60.</summary>
    public int MinimumLength { get; init; } = 20;

    public int MaximumLength { get; init; } = 1518;

    public byte[] Next()
    {
        List<byte> frame = [.. Bytes(12)];
        for (int tags = random.Next(8) switch { 0 => 3, < 3 => 2, < 5 => 1, _ => 0 }; tags > 0; tags--)
        {
            Add16(frame, random.Next(2) == 0 ? 0x8100 : 0x88A8);
            frame.AddRange(Bytes(2));
        }

        int kind = random.Next(20);
        Add16(frame, kind switch { 0 => 0x0806, 1 => random.Next(0x10000), < 11 => 0x0800, _ => 0x86DD });
        frame.AddRange(kind switch { 0 => Bytes(random.Next(20, 60)), 1 => Bytes(random.Next(100)), < 11 => IPv4(), _ => IPv6() });
        if (random.Next(20) == 0)
        {
            frame[random.Next(frame.Count)] ^= (byte)(1 << random.Next(8));
        }

        if (random.Next(10) == 0)
        {
            int length = random.Next(frame.Count + 1); // truncated
            frame.RemoveRange(length, frame.Count - length);
        }

        if (random.Next(4) != 0 && frame.Count < 60)
        {
            frame.AddRange(Bytes(60 - frame.Count)); // padding, and not of zeros, so that it shows when it enters a sum
        }
        else if (random.Next(4) == 0)
        {
            frame.AddRange(Bytes(random.Next(20)));
        }

        if (frame.Count > MaximumLength)
        {
            frame.RemoveRange(MaximumLength, frame.Count - MaximumLength);
        }

        frame.AddRange(Bytes(Math.Max(0, MinimumLength - frame.Count)));
        return [.. frame];
    }

    private static void Add16(List<byte> to, int value)
    {
        to.Add((byte)(value >> 8));
        to.Add((byte)value);
    }

    private byte[] IPv4()
    {
        int headerLength = random.Next(3) == 0 ? random.Next(6, 16) * 4 : 20;
        byte[] packet = Bytes(headerLength);
        int protocol = Protocol(icmp: 1);
        byte[] payload = Transport(protocol, packet.AsSpan(12, 8));
        packet = [.. packet, .. payload];
        packet[0] = (byte)(0x40 | headerLength / 4);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), random.Next(6) switch
        {
            0 => 0x2000, // first fragment
            1 => (ushort)random.Next(0x10000),
            _ => 0x4000, // don't fragment
        });
        packet[9] = (byte)protocol;
        switch (random.Next(30))
        {
            case 0: packet[0] = (byte)(0x40 | random.Next(16)); break; // IHL
            case 1: packet[0] = (byte)random.Next(256); break;
            case 2: BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(packet.Length + random.Next(-30, 30))); break;
            case 3: BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)random.Next(random.Next(2) == 0 ? 20 : 0x10000)); break;
        }

        packet[10] = packet[11] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~RxReference.Sum(packet.AsSpan(0, headerLength)));
        if (random.Next(10) == 0)
        {
            packet[10] ^= (byte)random.Next(1, 256);
        }

        return packet;
    }

    private byte[] IPv6()
    {
        byte[] header = Bytes(40);
        int protocol = Protocol(icmp: 58);
        byte[] transport = Transport(protocol, header.AsSpan(8, 32));
        List<byte> extensions = [];
        int first = protocol;
        for (int count = random.Next(3) == 0 ? random.Next(1, 7) : 0; count > 0; count--)
        {
            // Built from the last to the first: each is put in front of what there is.
            int type = random.Next(5) switch { 0 => 43, 1 => 44, 2 => 60, 3 when count == 1 || random.Next(4) == 0 => 0, _ => 60 };
            int length = type == 44 ? 0 : random.Next(12) switch { 0 => random.Next(256), < 3 => random.Next(12), _ => random.Next(3) };
            byte[] extension = Bytes((length + 1) * 8);
            extension[0] = (byte)first;
            extension[1] = type == 44 ? (byte)random.Next(256) : (byte)length;
            if (type == 44)
            {
                // Mostly an atomic fragment (RFC 6946), whose reserved bits mean nothing.
                BinaryPrimitives.WriteUInt16BigEndian(extension.AsSpan(2), (ushort)(random.Next(3) == 0 ? random.Next(0x10000) : random.Next(4) << 1));
            }
            else if (type == 43 && random.Next(4) != 0)
            {
                extension[3] = 0; // segments left
            }

            extensions.InsertRange(0, extension);
            first = type;
        }

        byte[] packet = [.. header, .. extensions, .. transport];
        packet[0] = (byte)(random.Next(30) == 0 ? random.Next(256) : 0x60);
        packet[6] = (byte)first;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40 + random.Next(30) switch
        {
            0 => random.Next(-20, 20),
            1 => random.Next(0x10000),
            _ => 0,
        }));
        return packet;
    }

    private int Protocol(int icmp) => random.Next(10) switch { 0 => icmp, 1 => 59 - icmp, 2 => random.Next(256), < 6 => 17, _ => 6 };

    private byte[] Transport(int protocol, ReadOnlySpan<byte> addresses)
    {
        byte[] payload = Bytes(random.Next(10) switch { 0 => random.Next(20), 1 => random.Next(1400), _ => random.Next(20, 120) });
        int field = protocol switch { 6 => 16, 17 => 6, _ => -1 };
        if (field < 0 || payload.Length < field + 2)
        {
            return payload;
        }

        if (protocol == 17)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(4), (ushort)(payload.Length + (random.Next(20) == 0 ? random.Next(-9, 9) : 0)));
        }

        payload[field] = payload[field + 1] = 0;
        ushort checksum = (ushort)~RxReference.Sum(payload, RxReference.Sum(addresses, payload.Length + protocol));
        checksum = random.Next(10) switch { 0 => (ushort)random.Next(0x10000), 1 when protocol == 17 => 0, _ => protocol == 17 && checksum == 0 ? (ushort)0xFFFF : checksum };
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(field), checksum);
        return payload;
    }

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}

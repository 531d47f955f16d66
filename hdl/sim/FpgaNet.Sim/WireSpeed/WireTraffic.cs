using System.Buffers.Binary;

namespace FpgaNet.Sim.WireSpeed;

/// <summary>Frames for a measurement of wire speed: TCP over IPv4, with what the card owes them.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Lengths">Bytes of the frames on the wire, without check sequence, repeated until <paramref name="Frames"/>.</param>
/// <param name="Frames">How many.</param>
/// <param name="Large">The card is handed frames of 64 KB and cuts them into these.</param>
public sealed record WireTraffic(string Name, IReadOnlyList<int> Lengths, int Frames, bool Large = false)
{
    private const int Headers = 54;
    private const int LargePayload = 44 * 1460;

    /// <summary>The shortest frames, 64 bytes with check sequence, back to back.</summary>
    public static WireTraffic Shortest(int frames) => new("64-byte frames", [60], frames);

    /// <summary>The usual mix: 7 of 64 bytes, 4 of 594, 1 of 1518, with check sequence.</summary>
    public static WireTraffic Mixed(int frames) => new("IMIX", [60, 590, 60, 60, 590, 60, 1514, 60, 590, 60, 590, 60], frames);

    /// <summary>The longest frames without a tag.</summary>
    public static WireTraffic Longest(int frames) => new("1514-byte frames", [1514], frames);

    /// <summary>Frames of 64 KB, which the card cuts into 44 segments of 1460 bytes each.</summary>
    public static WireTraffic Segmented(int largeFrames) => new("TSO, 64 KB", [1514], largeFrames * 44, Large: true);

    /// <summary>Frames as they come from the wire, with right checksums, each of a flow of its own.</summary>
    public IEnumerable<byte[]> FromWire() => Enumerable.Range(0, Frames).Select(i => Frame(Lengths[i % Lengths.Count], i));

    /// <summary>Frames as the host hands them over, with tuser: TxHeader with checksum (and segmentation) to do, and no launch time.</summary>
    public IEnumerable<(byte[] Frame, uint[] User)> FromHost()
    {
        // Start 34 and offset 16: the checksum of TCP behind an IPv4 header without options. TSO: segmentation 1 (TCP/IPv4), IP at 14.
        const uint Checksum = 34 | (16 << 16);
        if (Large)
        {
            for (int i = 0; i < Frames / 44; i++)
            {
                byte[] frame = Frame(Headers + LargePayload, i);
                yield return (frame, [Checksum, 1460u << 16, (uint)frame.Length | (1u << 24), 1 | (1 << 4) | (14 << 8) | (Headers << 16), 0, 0]);
            }

            yield break;
        }

        foreach (byte[] frame in FromWire())
        {
            yield return (frame, [Checksum, 0, (uint)frame.Length | (1u << 24), 1, 0, 0]);
        }
    }

    private static byte[] Frame(int length, int flow)
    {
        byte[] frame = new byte[length];
        Span<byte> ip = frame.AsSpan(14);
        ReadOnlySpan<byte> ethernet = [0x02, 0, 0x5E, 0x10, 0, 1, 0x02, 0, 0x5E, 0, 0, 0x0B, 0x08, 0x00];
        ethernet.CopyTo(frame);
        ReadOnlySpan<byte> header = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
        header.CopyTo(ip);
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)Math.Min(length - 14, ushort.MaxValue));
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~Sum(ip[..20], 0));
        Span<byte> tcp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)flow);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 80);
        tcp[12] = 5 << 4;
        tcp[13] = 0x10;
        for (int i = Headers; i < length; i++)
        {
            frame[i] = (byte)(i * 31);
        }

        uint pseudo = (uint)Sum(ip[12..20], 6u + (uint)(length - 34));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], (ushort)~Sum(tcp[..(length - 34)], pseudo));
        return frame;
    }

    private static ushort Sum(ReadOnlySpan<byte> data, uint sum)
    {
        for (int i = 0; i < data.Length; i++)
        {
            sum += i % 2 == 0 ? (uint)data[i] << 8 : data[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }
}

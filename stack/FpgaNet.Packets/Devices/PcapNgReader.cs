using System.Buffers.Binary;
using System.Text;

namespace FpgaNet.Packets.Devices;

/// <summary>A frame of a capture.</summary>
/// <param name="UnixNanoseconds">When, since 1970.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Bytes">The frame.</param>
/// <param name="Comment">Its comment, or empty.</param>
public sealed record CapturedFrame(long UnixNanoseconds, CaptureDirection Direction, ReadOnlyMemory<byte> Bytes, string Comment);

/// <summary>Reads the frames of a little-endian pcapng file with nanosecond time stamps, which is what <see cref="PcapNgWriter"/> writes.</summary>
public static class PcapNgReader
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="file">Its bytes.</param>
    /// <returns>The frames in order.</returns>
    /// <exception cref="InvalidDataException">A block is damaged or of a kind that is not understood.</exception>
    public static IReadOnlyList<CapturedFrame> Read(ReadOnlyMemory<byte> file)
    {
        List<CapturedFrame> frames = [];
        for (int at = 0; at < file.Length;)
        {
            ReadOnlySpan<byte> rest = file.Span[at..];
            int length = rest.Length >= 12 ? BinaryPrimitives.ReadInt32LittleEndian(rest[4..]) : 0;
            if (length < 12 || length > rest.Length || length % 4 != 0 || BinaryPrimitives.ReadInt32LittleEndian(rest[(length - 4)..]) != length)
            {
                throw new InvalidDataException($"pcapng: the block at byte {at} has a wrong length.");
            }

            ReadOnlyMemory<byte> body = file.Slice(at + 8, length - 12);
            switch (BinaryPrimitives.ReadUInt32LittleEndian(rest))
            {
                case PcapNgWriter.SectionHeader when body.Length >= 16 && BinaryPrimitives.ReadUInt32LittleEndian(body.Span) == PcapNgWriter.ByteOrderMagic:
                    break;
                case PcapNgWriter.InterfaceDescription when body.Length >= 8 && Option(body[8..], PcapNgWriter.OptionTimeResolution).Span is [9]:
                    break;
                case PcapNgWriter.EnhancedPacket when body.Length >= 20:
                    frames.Add(ReadPacket(body, at));
                    break;
                default:
                    throw new InvalidDataException($"pcapng: the block at byte {at} is not understood.");
            }

            at += length;
        }

        return frames;
    }

    private static CapturedFrame ReadPacket(ReadOnlyMemory<byte> body, int at)
    {
        ReadOnlySpan<byte> bytes = body.Span;
        long time = (long)(((ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
        uint captured = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (captured > body.Length - 20)
        {
            throw new InvalidDataException($"pcapng: the packet at byte {at} is longer than its block.");
        }

        ReadOnlyMemory<byte> options = body[Math.Min(20 + (((int)captured + 3) & ~3), body.Length)..];
        ReadOnlySpan<byte> flags = Option(options, PcapNgWriter.OptionPacketFlags).Span;
        return new CapturedFrame(
            time,
            flags.Length == 4 ? (CaptureDirection)(flags[0] & 3) : CaptureDirection.Unknown,
            body.Slice(20, (int)captured),
            Encoding.UTF8.GetString(Option(options, PcapNgWriter.OptionComment).Span));
    }

    private static ReadOnlyMemory<byte> Option(ReadOnlyMemory<byte> options, ushort code)
    {
        while (options.Length >= 4)
        {
            ushort found = BinaryPrimitives.ReadUInt16LittleEndian(options.Span);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(options.Span[2..]);
            if (found == 0 || length > options.Length - 4)
            {
                break;
            }

            if (found == code)
            {
                return options.Slice(4, length);
            }

            options = options[Math.Min(4 + ((length + 3) & ~3), options.Length)..];
        }

        return default;
    }
}

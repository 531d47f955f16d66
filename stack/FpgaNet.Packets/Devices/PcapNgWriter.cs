using System.Buffers.Binary;
using System.Text;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>Which way a captured frame went (bits 1:0 of epb_flags, pcapng §4.3.1).</summary>
public enum CaptureDirection : byte
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>Towards this station.</summary>
    Inbound = 1,

    /// <summary>Away from this station.</summary>
    Outbound = 2,
}

/// <summary>
/// Writes frames as pcapng (draft-ietf-opsawg-pcapng): one section, one Ethernet interface, nanosecond time stamps. Frames gather in memory, and can be taken back
/// up to the next <see cref="Commit"/>, which passes them on to the stream once there are enough. Nothing is allocated for a frame.
/// </summary>
public sealed class PcapNgWriter : IDisposable
{
    internal const uint SectionHeader = 0x0A0D_0D0A;
    internal const uint InterfaceDescription = 1;
    internal const uint EnhancedPacket = 6;
    internal const uint ByteOrderMagic = 0x1A2B_3C4D;
    internal const ushort OptionComment = 1;
    internal const ushort OptionInterfaceName = 2;
    internal const ushort OptionPacketFlags = 2;
    internal const ushort OptionMacAddress = 6;
    internal const ushort OptionTimeResolution = 9;

    private const ushort LinkTypeEthernet = 1;
    private const int FlushThreshold = 256 * 1024;
    private const int OverheadOfPacket = 64; // a packet block without data and comment: 28 + 4 + flags 8 + comment header 4 + end 4, rounded up

    private readonly Stream _stream;
    private byte[] _buffer = new byte[2 * FlushThreshold];
    private int _length;

    /// <summary>Starts a file.</summary>
    /// <param name="stream">Receives it; disposed with the writer.</param>
    /// <param name="interfaceName">The captured device.</param>
    /// <param name="address">Its address.</param>
    public PcapNgWriter(Stream stream, string interfaceName, MacAddress address)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(interfaceName);
        _stream = stream;
        WriteSectionHeader();
        WriteInterface(interfaceName, address);
        Flush();
    }

    /// <summary>Bytes that gathered since the last <see cref="Flush"/>; pass it to <see cref="TakeBack"/>.</summary>
    public int Mark => _length;

    /// <summary>Adds a frame.</summary>
    /// <param name="frame">The bytes.</param>
    /// <param name="unixNanoseconds">When, since 1970.</param>
    /// <param name="direction">Which way.</param>
    /// <param name="comment">For people, UTF-8; empty: none.</param>
    /// <returns>The frame's bytes as they lie in the file, still to be changed until the next call.</returns>
    public Span<byte> Write(in Frame frame, long unixNanoseconds, CaptureDirection direction, ReadOnlySpan<byte> comment = default)
    {
        int padded = Pad(frame.Length);
        Reserve(OverheadOfPacket + padded + Pad(comment.Length));
        int start = Begin(EnhancedPacket);
        Put32(0); // interface
        Put32((uint)((ulong)unixNanoseconds >> 32));
        Put32((uint)unixNanoseconds);
        Put32((uint)frame.Length);
        Put32((uint)frame.Length);
        Span<byte> data = _buffer.AsSpan(_length, frame.Length);
        frame.CopyTo(0, data);
        _buffer.AsSpan(_length + frame.Length, padded - frame.Length).Clear();
        _length += padded;
        if (direction != CaptureDirection.Unknown)
        {
            Put16(OptionPacketFlags);
            Put16(4);
            Put32((uint)direction);
        }

        if (!comment.IsEmpty)
        {
            PutOption(OptionComment, comment);
        }

        Put32(0); // end of options
        End(start);
        return data;
    }

    /// <summary>Forgets the frames written after a mark.</summary>
    /// <param name="mark">A value of <see cref="Mark"/> since the last <see cref="Commit"/> or <see cref="Flush"/>.</param>
    public void TakeBack(int mark)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)mark, (uint)_length);
        _length = mark;
    }

    /// <summary>What was written stays; it is passed on when it is much.</summary>
    /// <exception cref="IOException">The stream cannot take it.</exception>
    public void Commit()
    {
        if (_length >= FlushThreshold)
        {
            Flush();
        }
    }

    /// <summary>Passes everything on to the stream, so that the file can be read up to here.</summary>
    /// <exception cref="IOException">The stream cannot take it.</exception>
    public void Flush()
    {
        if (_length != 0)
        {
            int length = _length;
            _length = 0;
            _stream.Write(_buffer, 0, length);
            _stream.Flush();
        }
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        Flush();
        _stream.Dispose();
    }

    private static int Pad(int length) => (length + 3) & ~3;

    private void WriteSectionHeader()
    {
        int start = Begin(SectionHeader);
        Put32(ByteOrderMagic);
        Put16(1); // version 1.0
        Put16(0);
        Put32(uint.MaxValue); // section length: not said
        Put32(uint.MaxValue);
        PutOption(4, "FpgaNet"u8); // shb_userappl
        Put32(0);
        End(start);
    }

    private void WriteInterface(string name, MacAddress address)
    {
        int start = Begin(InterfaceDescription);
        Put16(LinkTypeEthernet);
        Put16(0);
        Put32(0); // snap length: none
        PutOption(OptionInterfaceName, Encoding.UTF8.GetBytes(name));
        Span<byte> octets = stackalloc byte[MacAddress.Length];
        address.Write(octets);
        PutOption(OptionMacAddress, octets);
        PutOption(OptionTimeResolution, [9]); // 10^-9 s
        Put32(0);
        End(start);
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        }
    }

    private int Begin(uint type)
    {
        int start = _length;
        Put32(type);
        Put32(0);
        return start;
    }

    private void End(int start)
    {
        uint total = (uint)(_length - start + 4);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(start + 4), total);
        Put32(total);
    }

    private void PutOption(ushort code, ReadOnlySpan<byte> value)
    {
        Put16(code);
        Put16((ushort)value.Length);
        Span<byte> place = _buffer.AsSpan(_length, Pad(value.Length));
        place.Clear();
        value.CopyTo(place);
        _length += place.Length;
    }

    private void Put16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_length), value);
        _length += 2;
    }

    private void Put32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length), value);
        _length += 4;
    }
}

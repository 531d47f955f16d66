using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Fragments;

/// <summary>Makes one frame of a datagram's pieces, with an IP header that says that it was never cut (RFC 791 §3.2, RFC 8200 §4.5).</summary>
internal sealed class DatagramAssembly(int gatherBuffers) : IDisposable
{
    private const int LongestDatagram = 65535;

    // Ethernet with a tag, the longest headers, the longest payload.
    private const int GatherBufferSize = EthernetHeader.Length + VlanTag.Length + IPv6Header.Length + IPv6FragmentHeader.Length + LongestDatagram;

    private BufferPool? _pool; // made when it is needed first: most hosts never see a datagram that long

    public int BuffersInUse => _pool is null ? 0 : _pool.BufferCount - _pool.Available;

    public void Dispose() => _pool?.Dispose();

    /// <summary>Whether a payload is too long for one packet behind these headers, the fragment header among them.</summary>
    public static bool IsTooLong(in FragmentKey key, int headerLength, int payloadLength) => key.Source.IsIPv4
        ? headerLength + payloadLength > LongestDatagram
        : headerLength - IPv6Header.Length - IPv6FragmentHeader.Length + payloadLength > LongestDatagram;

    /// <summary>Makes the frame. The pieces keep their references.</summary>
    public FragmentVerdict Assemble(PartialDatagram datagram, out Frame frame)
    {
        frame = default;
        Piece first = datagram.First!;
        int networkOffset = first.NetworkOffset;
        byte ecnOfFirst = Ecn(first.Frame.Header.Span[networkOffset..], datagram.Key.Source.IsIPv4);
        if (datagram.Ecn(ecnOfFirst) is not { } ecn)
        {
            return FragmentVerdict.Inconsistent;
        }

        if (IsTooLong(datagram.Key, first.PayloadOffset - networkOffset, datagram.Total))
        {
            return FragmentVerdict.TooLong;
        }

        int slices = 0;
        for (Piece? piece = first; piece is not null; piece = piece.Next)
        {
            slices += piece.Frame.SliceCount;
        }

        // Only a sole holder may write to a buffer, here the header in front of the first fragment.
        bool byReference = slices <= Frame.MaxSlices && first.Frame.Header.Buffer.References == 1;
        return byReference ? Refer(datagram, ecn, out frame) : Gather(datagram, ecn, out frame);
    }

    private static FragmentVerdict Refer(PartialDatagram datagram, byte ecn, out Frame frame)
    {
        frame = default;
        Piece first = datagram.First!;
        int start = RewriteHeaders(first.Frame.Header.Span, datagram, ecn);
        frame.TryAppend(first.Frame, start, first.PayloadOffset + first.Length - start);
        for (Piece? piece = first.Next; piece is not null; piece = piece.Next)
        {
            frame.TryAppend(piece.Frame, piece.PayloadOffset, piece.Length);
        }

        return FragmentVerdict.Completed;
    }

    private FragmentVerdict Gather(PartialDatagram datagram, byte ecn, out Frame frame)
    {
        _pool ??= new BufferPool(gatherBuffers, GatherBufferSize);
        if (_pool.TryRent() is not { } buffer)
        {
            frame = default;
            return FragmentVerdict.NoRoom;
        }

        Piece first = datagram.First!;
        Span<byte> bytes = buffer.Span;
        first.Frame.CopyTo(0, bytes[..first.PayloadOffset]);
        int start = RewriteHeaders(bytes, datagram, ecn);
        for (Piece? piece = first; piece is not null; piece = piece.Next)
        {
            piece.Frame.CopyTo(piece.PayloadOffset, bytes.Slice(first.PayloadOffset + piece.Offset, piece.Length));
        }

        frame = new Frame(new BufferSlice(buffer, start, first.PayloadOffset + datagram.Total - start));
        return FragmentVerdict.Completed;
    }

    // Returns where the frame begins now: the headers in front of an IPv6 fragment header move over it.
    private static int RewriteHeaders(Span<byte> bytes, PartialDatagram datagram, byte ecn)
    {
        Piece first = datagram.First!;
        Span<byte> packet = bytes[first.NetworkOffset..];
        int headerLength = first.PayloadOffset - first.NetworkOffset;
        if (datagram.Key.Source.IsIPv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(headerLength + datagram.Total));
            BinaryPrimitives.WriteUInt16BigEndian(packet[6..], 0);
            packet[1] = (byte)((packet[1] & ~3) | ecn);
            IPv4Header.WriteChecksum(packet[..headerLength]);
            return 0;
        }

        IPv6FragmentHeader.TryFind(packet, out _, out int nextHeaderAt);
        packet[nextHeaderAt] = (byte)first.Protocol;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(headerLength - IPv6Header.Length - IPv6FragmentHeader.Length + datagram.Total));
        packet[1] = (byte)((packet[1] & ~0x30) | (ecn << 4));
        bytes[..(first.PayloadOffset - IPv6FragmentHeader.Length)].CopyTo(bytes[IPv6FragmentHeader.Length..]);
        return IPv6FragmentHeader.Length;
    }

    private static byte Ecn(ReadOnlySpan<byte> packet, bool isIPv4) => (byte)((isIPv4 ? packet[1] : packet[1] >> 4) & 3);
}

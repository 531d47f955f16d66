using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network.Fragments;

/// <summary>
/// Cuts a datagram that does not fit the link (RFC 791 §2.3, RFC 8200 §4.5; only the sender does that in IPv6). Each fragment has headers of its own and refers to
/// the datagram's payload, which is not copied. The transport checksum must stand already: no device can compute one over several packets.
/// </summary>
/// <remarks>The IP header is without options, and no extension header is in front of the fragment header: we send none in packets this long.</remarks>
internal ref struct Fragmenter
{
    /// <summary>Least MTU at which there is progress (RFC 791 §3.2).</summary>
    public const int MinimumMtu = 68;

    private const int TransportHeaderLength = 60; // the longest, of TCP

    private readonly ref readonly Frame _datagram;
    private readonly int _networkOffset;
    private readonly int _headerLength; // of the IP header in the datagram
    private readonly int _room; // bytes of payload in a fragment
    private readonly int _payloadLength;
    private readonly uint _identification;
    private readonly bool _isIPv4;
    private int _offset;

    /// <summary>Begins.</summary>
    /// <param name="datagram">The frame, Ethernet and IP header in the first slice; it stays the caller's.</param>
    /// <param name="networkOffset">First byte of the IP header.</param>
    /// <param name="mtu">Largest packet in bytes, IP header included.</param>
    /// <param name="identification">From <see cref="FragmentIdentification"/>.</param>
    public Fragmenter(ref readonly Frame datagram, int networkOffset, int mtu, uint identification)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mtu, MinimumMtu);
        _datagram = ref datagram;
        _networkOffset = networkOffset;
        _identification = identification;
        _isIPv4 = datagram.Header.Span[networkOffset] >> 4 == 4;
        _headerLength = _isIPv4 ? IPv4Header.MinimumLength : IPv6Header.Length;
        _payloadLength = datagram.Length - networkOffset - _headerLength;
        _room = (mtu - _headerLength - (_isIPv4 ? 0 : IPv6FragmentHeader.Length)) & ~7;
    }

    /// <summary>Whether all was cut.</summary>
    public readonly bool IsDone => _offset >= _payloadLength;

    /// <summary>Makes the next fragment.</summary>
    /// <param name="header">A header buffer, whose reference is taken over.</param>
    /// <param name="fragment">The fragment, the caller's.</param>
    /// <returns>False when there is none, or, when not <see cref="IsDone"/>, when the datagram's slices are shorter than a fragment's unit of 8 bytes; the header buffer is the caller's then.</returns>
    public bool TryNext(PacketBuffer header, out Frame fragment)
    {
        fragment = default;
        if (IsDone)
        {
            return false;
        }

        int start = _networkOffset + _headerLength;
        int length = LengthInSlices(start + _offset, Math.Min(_room, _payloadLength - _offset));
        bool more = _offset + length < _payloadLength;
        if (more)
        {
            length &= ~7;
        }

        if (length == 0)
        {
            return false;
        }

        int headers = WriteHeaders(header.Span, length, more);

        // A frame's first slice holds all headers, the transport's too: some device hands it to its receiver as it is.
        int copied = _offset == 0 ? Math.Min(length, TransportHeaderLength) : 0;
        _datagram.CopyTo(start, header.Span.Slice(headers, copied));
        fragment = new Frame(new BufferSlice(header, 0, headers + copied));
        fragment.TryAppend(_datagram, start + _offset + copied, length - copied);
        _offset += length;
        return true;
    }

    private readonly int WriteHeaders(Span<byte> bytes, int length, bool more)
    {
        int start = _networkOffset + _headerLength;
        _datagram.Header.Span[..start].CopyTo(bytes);
        Span<byte> packet = bytes[_networkOffset..];
        if (_isIPv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(_headerLength + length));
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)_identification);
            BinaryPrimitives.WriteUInt16BigEndian(packet[6..], (ushort)((_offset >> 3) | (more ? 0x2000 : 0)));
            IPv4Header.WriteChecksum(packet[.._headerLength]);
            return start;
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(IPv6FragmentHeader.Length + length));
        IPv6FragmentHeader fragment = new((IpProtocol)packet[6], _offset, more, _identification);
        packet[6] = (byte)IpProtocol.FragmentHeader;
        return start + fragment.Write(packet[_headerLength..]);
    }

    // A frame has one slice for the headers and so many for payload: where the datagram's slices are short, the fragment is too.
    private readonly int LengthInSlices(int from, int wanted)
    {
        int length = 0;
        int slices = 0;
        for (int i = 0; i < _datagram.SliceCount && length < wanted && slices < Frame.MaxSlices - 1; i++)
        {
            int available = _datagram[i].Length;
            if (from >= available)
            {
                from -= available;
                continue;
            }

            length += Math.Min(available - from, wanted - length);
            from = 0;
            slices++;
        }

        return length;
    }
}

namespace FpgaNet.Driver.Pipe;

/// <summary>
/// Finds packets in the bytes from the card. A flag never stands inside a packet, so whatever comes, the next flag starts afresh.
/// </summary>
internal sealed class PacketDecoder
{
    private const int CheckLength = sizeof(uint);

    // The register's value behind any packet that ends in its right check.
    private const uint Residue = 0xDEBB_20E3;

    private readonly byte[] _packet = new byte[RxCompletion.ByteLength + ushort.MaxValue + 1 + CheckLength];
    private int _length;
    private bool _escaped;
    private bool _spoilt;

    /// <summary>Runs of bytes between flags that were no packet.</summary>
    public ulong BadPackets { get; private set; }

    /// <summary>Goes on to the end of a packet.</summary>
    /// <param name="source">What came.</param>
    /// <param name="consumed">How much of it was used up.</param>
    /// <param name="packet">The packet without its check; valid until the next call.</param>
    /// <returns>True when there is a packet; false when all was used up and none ended.</returns>
    public bool TryDecode(ReadOnlySpan<byte> source, out int consumed, out ReadOnlySpan<byte> packet)
    {
        consumed = 0;
        while (consumed < source.Length)
        {
            ReadOnlySpan<byte> rest = source[consumed..];
            if (_escaped && rest[0] != PacketEncoder.Flag)
            {
                Append([(byte)(rest[0] ^ PacketEncoder.Flip)]);
                _escaped = false;
                consumed++;
                continue;
            }

            int run = rest.IndexOfAny(PacketEncoder.Flag, PacketEncoder.Escape);
            if (run < 0)
            {
                Append(rest);
                consumed = source.Length;
                break;
            }

            Append(rest[..run]);
            consumed += run + 1;
            if (rest[run] == PacketEncoder.Escape)
            {
                _escaped = true;
            }
            else if (End(out packet))
            {
                return true;
            }
        }

        packet = default;
        return false;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _packet.Length)
        {
            _spoilt = true;
            return;
        }

        bytes.CopyTo(_packet.AsSpan(_length));
        _length += bytes.Length;
    }

    private bool End(out ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> all = _packet.AsSpan(0, _length);
        bool good = !_spoilt && !_escaped && all.Length > CheckLength && Crc32.Update(Crc32.Initial, all) == Residue;
        if (!good && (_length != 0 || _escaped || _spoilt))
        {
            BadPackets++;
        }

        _length = 0;
        _escaped = false;
        _spoilt = false;
        packet = good ? all[..^CheckLength] : default;
        return good;
    }
}

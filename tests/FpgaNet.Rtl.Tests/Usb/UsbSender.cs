using System.Buffers.Binary;

namespace FpgaNet.Rtl.Tests.Usb;

/// <summary>A frame for the card and what is owed to it.</summary>
internal sealed record UsbFrame(byte[] Header, byte[] Bytes)
{
    public static UsbFrame Draw(Random random, int length)
    {
        byte[] header = new byte[24];
        byte[] bytes = UsbPackets.Noise(random, length);
        random.NextBytes(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), (uint)length | ((uint)random.Next(16) << 24));
        return new UsbFrame(header, bytes);
    }
}

/// <summary>A host that keeps to its credit: it cuts frames into parts of any size and sends what the card has room for.</summary>
internal sealed class UsbSender(UsbHostBench bench, Random random, int buffer, int packets)
{
    private readonly Queue<(byte Sequence, int Bytes)> _outstanding = new();
    private readonly Queue<UsbFrame> _frames = new();
    private int _sent;
    private int _bytes;

    public byte Sequence { get; private set; }

    public bool IsDone => _frames.Count == 0;

    /// <summary>Sequence number of each frame's last part.</summary>
    public Queue<byte> Ends { get; } = new();

    public void Add(UsbFrame frame) => _frames.Enqueue(frame);

    /// <summary>The card said that parts up to this one have left its buffer.</summary>
    public void Credit(byte sequence)
    {
        while (_outstanding.TryPeek(out (byte Sequence, int Bytes) oldest) && (sbyte)(sequence - oldest.Sequence) >= 0)
        {
            _bytes -= oldest.Bytes;
            _outstanding.Dequeue();
        }
    }

    public void Step()
    {
        if (!_frames.TryPeek(out UsbFrame? frame) || random.Next(8) != 0)
        {
            return;
        }

        bool first = _sent == 0;
        int count = Math.Min(frame.Bytes.Length - _sent, random.Next(1, (buffer / 2) - 32));
        bool last = _sent + count == frame.Bytes.Length;
        int cost = 1 + (first ? frame.Header.Length : 0) + count;
        if (_bytes + cost > buffer || _outstanding.Count == packets)
        {
            return;
        }

        bench.Send(Part(frame, Sequence, _sent, count));
        _outstanding.Enqueue((Sequence, cost));
        _bytes += cost;
        _sent += count;
        if (last)
        {
            Ends.Enqueue(Sequence);
            _frames.Dequeue();
            _sent = 0;
        }

        Sequence++;
    }

    public static byte[] Part(UsbFrame frame, byte sequence, int offset, int count)
    {
        bool first = offset == 0, last = offset + count == frame.Bytes.Length;
        byte type = (byte)(0x10 | (first ? 1 : 0) | (last ? 2 : 0));
        return UsbPackets.Frame([type, sequence, .. first ? frame.Header : [], .. frame.Bytes.AsSpan(offset, count)]);
    }

    /// <summary>A frame as one part.</summary>
    public static byte[] Whole(UsbFrame frame, byte sequence) => Part(frame, sequence, 0, frame.Bytes.Length);
}

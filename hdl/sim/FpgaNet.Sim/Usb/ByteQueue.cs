namespace FpgaNet.Sim.Usb;

/// <summary>A buffer of the chip.</summary>
internal sealed class ByteQueue(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];
    private int _head;

    public int Count { get; private set; }

    public int Free => _bytes.Length - Count;

    /// <summary>A byte, the oldest is number 0.</summary>
    public byte this[int index] => _bytes[(_head + index) % _bytes.Length];

    public void Add(byte value)
    {
        _bytes[(_head + Count) % _bytes.Length] = value;
        Count++;
    }

    public byte Take()
    {
        byte value = _bytes[_head];
        _head = (_head + 1) % _bytes.Length;
        Count--;
        return value;
    }

    public void Clear() => Count = 0;
}

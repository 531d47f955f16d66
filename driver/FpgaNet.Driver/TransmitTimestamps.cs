using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

/// <summary>Time stamps of sent frames that nobody has taken yet, oldest first. When it is full, the oldest gives way and is counted.</summary>
internal sealed class TransmitTimestamps(DriverCounters counters)
{
    private const int Capacity = 256; // a power of two

    private readonly TransmitTimestamp[] _stamps = new TransmitTimestamp[Capacity];
    private uint _first;
    private uint _last;

    public void Add(TransmitTimestamp stamp)
    {
        if (_last - _first == Capacity)
        {
            _first++;
            counters.TxTimestampsLost++;
        }

        _stamps[_last++ & (Capacity - 1)] = stamp;
    }

    public bool TryTake(out TransmitTimestamp stamp)
    {
        if (_first == _last)
        {
            stamp = default;
            return false;
        }

        stamp = _stamps[_first++ & (Capacity - 1)];
        return true;
    }
}

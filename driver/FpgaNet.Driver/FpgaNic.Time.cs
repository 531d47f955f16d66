using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

// The card's clock, and what it stamped.
public sealed partial class FpgaNic : ITimedDevice
{
    private readonly CardClock? _clock;

    /// <inheritdoc/>
    public IHardwareClock? Clock => _clock;

    /// <inheritdoc/>
    public bool TryTakeTransmitTimestamp(out TransmitTimestamp timestamp)
    {
        if (_phase == Phase.Running)
        {
            ReapTransmit();
        }

        return _queue.TryTakeTimestamp(out timestamp);
    }
}

using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

// Frames that come in.
public sealed partial class FpgaNic
{
    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        if (_phase != Phase.Running && !Recover())
        {
            return 0;
        }

        ReapTransmit();
        int count = _phase == Phase.Running ? _queue.Receive(frames) : 0;
        if (count != 0)
        {
            _attempts = 0;
        }

        if (HasFault())
        {
            return count;
        }

        if (count == 0)
        {
            CheckHealth();
        }
        else
        {
            CheckHealthSometimes();
        }

        return count;
    }
}

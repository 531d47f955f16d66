using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

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
            if ((_enabledFeatures & OffloadFeatures.RxTimestamp) == OffloadFeatures.None)
            {
                ForgetTimestamps(frames[..count]);
            }
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

    // The card stamps every frame: switched off, the feature is so here.
    private static void ForgetTimestamps(Span<RxFrame> frames)
    {
        foreach (ref RxFrame frame in frames)
        {
            frame.Offload.Timestamp = 0;
        }
    }
}

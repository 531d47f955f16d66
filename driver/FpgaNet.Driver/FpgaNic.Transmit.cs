using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

// Frames on their way out: what is refused, what is queued, and what the card reports of it.
public sealed partial class FpgaNic
{
    // The last Transmit took fewer frames than it was offered: whoever arms a wake waits for room too.
    private bool _txShort;

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        if (_phase != Phase.Running && !Recover())
        {
            return _phase == Phase.Failed ? TransmitRules.DropAll(frames, ref _counters.TxFailed) : 0;
        }

        if (!LinkUp)
        {
            CheckHealth();
            if (!LinkUp && _phase == Phase.Running)
            {
                return TransmitRules.DropAll(frames, ref _counters.TxNoCarrier);
            }
        }

        ReapTransmit();
        bool added = false;
        int taken = 0;
        while (taken < frames.Length && _phase == Phase.Running)
        {
            ref readonly TxFrame frame = ref frames[taken];
            if (TransmitRules.IsRefused(frame, _enabledFeatures, Capabilities, _counters))
            {
                TransmitRules.Drop(frame);
            }
            else if (_queue.TryAdd(frame))
            {
                added = true;
                _counters.TxFrames++;
                _counters.TxBytes += (ulong)frame.Frame.Length;
            }
            else
            {
                break;
            }

            taken++;
        }

        _txShort = taken < frames.Length;
        if (added)
        {
            _queue.Post();
        }

        CheckHealthSometimes();
        return taken;
    }

    private void ReapTransmit()
    {
        if (_queue.Reap() != 0)
        {
            _attempts = 0;
        }

        HasFault();
    }
}

namespace FpgaNet.Driver;

// 802.3x: told to the card now and after every reset.
public sealed partial class FpgaNic
{
    private FlowControl _flowControl;

    /// <summary>
    /// Flow control with the other end of the link; it outlives resets of the card. <see cref="FlowControl.None"/> at first: the card does not negotiate, so somebody has to know what the
    /// other end does. With several queues, frames for one whose host does not keep up are dropped (<c>rx_queue_full</c>) and not waited for, so that it holds up no other.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the four.</exception>
    /// <exception cref="NotSupportedException">The card has none.</exception>
    public FlowControl FlowControl
    {
        get => _flowControl;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual((int)(value & ~FlowControl.Both), 0, nameof(value));
            if (value != FlowControl.None && !_card.HasFlowControl)
            {
                throw new NotSupportedException($"{Name} has no flow control.");
            }

            _flowControl = value;
            if (_phase == Phase.Running)
            {
                SwitchFlowControl(value);
            }
        }
    }

    private void SwitchFlowControl(FlowControl value)
    {
        if (_card.HasFlowControl)
        {
            uint control = MacRegisters.ControlPauseReceive.Set(0, (value & FlowControl.Receive) != FlowControl.None ? 1u : 0);
            _card.WriteMac(MacRegisters.Control, MacRegisters.ControlPauseTransmit.Set(control, (value & FlowControl.Transmit) != FlowControl.None ? 1u : 0));
        }
    }
}

namespace FpgaNet.Driver.Phy;

/// <summary>Reads and writes the registers of PHYs by frames of clause 22, while the card follows none by itself. Each takes some 30 µs: not for the data path.</summary>
internal sealed class MdioBus(Card card)
{
    private const uint Clause22 = 1;
    private const uint WriteOperation = 1;
    private const uint ReadOperation = 2;
    private const uint AllOnes = 0xFFFF_FFFF;

    // Bounds a wait for a frame, of some 30 looks at registers of a microsecond each.
    private const int MaxLooks = 10_000;

    /// <summary>The card follows no PHY any more, as it may since another driver had it: frames can be sent.</summary>
    public void Take() => card.WriteMdio(MdioRegisters.Control, 0);

    /// <summary>Reads a register.</summary>
    /// <returns>False when no PHY answered.</returns>
    public bool TryRead(int phy, int register, out ushort value)
    {
        uint seen = Send(phy, register, ReadOperation, 0);
        value = (ushort)MdioRegisters.FrameData.Get(seen);
        return !MdioRegisters.FrameNoAnswer.IsSet(seen);
    }

    public void Write(int phy, int register, ushort value) => Send(phy, register, WriteOperation, value);

    /// <summary>The card reads this PHY's link by itself from now on, and the MAC follows; frames are not sent any more.</summary>
    public void Follow(int phy) => card.WriteMdio(MdioRegisters.Control, MdioRegisters.ControlPhy.Set(MdioRegisters.ControlFollow.Mask, (uint)phy));

    private uint Send(int phy, int register, uint operation, ushort value)
    {
        // One of the card's own, or of a driver that is gone, may be under way still.
        Wait();
        uint frame = MdioRegisters.FrameStart.Set(MdioRegisters.FrameTurnaround.Mask | value, Clause22);
        frame = MdioRegisters.FrameOperation.Set(frame, operation);
        card.WriteMdio(MdioRegisters.Frame, MdioRegisters.FrameRegister.Set(MdioRegisters.FramePhy.Set(frame, (uint)phy), (uint)register));
        return Wait() ? card.ReadMdio(MdioRegisters.Frame) : AllOnes;
    }

    private bool Wait()
    {
        for (int i = 0; i < MaxLooks; i++)
        {
            uint control = card.ReadMdio(MdioRegisters.Control);
            if (!MdioRegisters.ControlBusy.IsSet(control))
            {
                return true;
            }

            if (control == AllOnes)
            {
                return false;
            }
        }

        return false;
    }
}

using FpgaNet.Driver.Phy;
using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

// The cable: the card reads the PHY by itself and says in Core.Status what it found; before that the PHY is told what to offer.
public sealed partial class FpgaNic
{
    private static readonly uint s_linkBits = CoreRegisters.StatusLinkUp.Mask | CoreRegisters.StatusFullDuplex.Mask | CoreRegisters.StatusSpeed.Mask;

    private static readonly long[] s_speeds = [10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000];

    private readonly MdioBus? _mdio;

    // Core.Status as of the last look.
    private volatile uint _status;

    /// <inheritdoc/>
    public DeviceLink Link => new(s_speeds[CoreRegisters.StatusSpeed.Get(_status)], CoreRegisters.StatusFullDuplex.IsSet(_status));

    private bool LinkUp => CoreRegisters.StatusLinkUp.IsSet(_status);

    private bool IsHeld => CoreRegisters.StatusPaused.IsSet(_status);

    /// <summary>Finds the PHY, tells it what to offer, and leaves it to the card: for good, as resets of the card do not change that.</summary>
    /// <returns>Whether it has a link.</returns>
    private bool StartPhy()
    {
        if (_mdio is null)
        {
            return false;
        }

        _mdio.Take();
        uint board = _card.ReadMdio(MdioRegisters.Board);
        int address = (int)MdioRegisters.BoardPhy.Get(board);
        bool hasLink = false;
        if (EthernetPhy.Find(_mdio, address) is { } phy)
        {
            address = phy.Address;
            DriverLog.PhyFound(_logger, Name, phy.Id, address);
            hasLink = phy.Offer(MdioRegisters.BoardSpeeds.Get(board));
        }
        else
        {
            DriverLog.NoPhy(_logger, Name);
        }

        _mdio.Follow(address);
        return hasLink;
    }

    /// <summary>Believes what the card says of its link, and of the other side's PAUSE frames.</summary>
    /// <param name="status">Core.Status.</param>
    /// <returns>False when the card does not answer.</returns>
    private bool SetStatus(uint status)
    {
        if (status == AllOnes)
        {
            return false;
        }

        uint before = _status;
        _status = status;
        if (((status ^ before) & s_linkBits) != 0)
        {
            DriverLog.Link(_logger, Name, LinkUp ? $"up, {Link}" : "down");
            if (LinkUp && !Link.FullDuplex)
            {
                DriverLog.HalfDuplex(_logger, Name);
            }

            WakeAll();
        }

        return true;
    }
}

namespace FpgaNet.Driver.Phy;

/// <summary>The PHY between card and cable, by its registers of IEEE 802.3 clause 22: found, told what to offer, and then left for the card to follow.</summary>
internal sealed class EthernetPhy
{
    // Registers (table 22-6) and their bits.
    private const int Control = 0, Status = 1, Identifier = 2, Advertisement = 4, GigabitControl = 9;
    private const ushort AutoNegotiation = 1 << 12, RestartNegotiation = 1 << 9, PowerDown = 1 << 11, Isolate = 1 << 10;
    private const ushort ExtendedStatus = 1 << 8, LinkStatus = 1 << 2;
    private const ushort Full1000 = 1 << 9, Half1000 = 1 << 8;  // of register 9 (table 40-3)
    private const ushort Full100 = 1 << 8, Full10 = 1 << 6, Ieee8023 = 1; // of register 4 (table 28-2, annex 28A)

    private const int Addresses = 32;

    private readonly MdioBus _bus;

    private EthernetPhy(MdioBus bus, int address)
    {
        _bus = bus;
        Address = address;
    }

    /// <summary>Its address on the bus.</summary>
    public int Address { get; }

    /// <summary>Maker and model, as registers 2 and 3 have them.</summary>
    public uint Id { get; private init; }

    /// <summary>Looks for a PHY.</summary>
    /// <param name="bus">Where.</param>
    /// <param name="expected">The address to begin with: straps of a module may say another.</param>
    /// <returns>It, or null when none answers.</returns>
    public static EthernetPhy? Find(MdioBus bus, int expected)
    {
        for (int i = 0; i < Addresses; i++)
        {
            int address = (expected + i) % Addresses;
            if (bus.TryRead(address, Identifier, out ushort high) && bus.TryRead(address, Identifier + 1, out ushort low))
            {
                return new EthernetPhy(bus, address) { Id = ((uint)high << 16) | low };
            }
        }

        return null;
    }

    /// <summary>Offers what the card's MAC can do, and nothing else: full duplex alone, at the speeds of its interface. Negotiates anew only if it must.</summary>
    /// <param name="speeds">Bit by bit, as Mdio.Board has them.</param>
    /// <returns>Whether there is a link already.</returns>
    public bool Offer(uint speeds)
    {
        // Without answers from here on the PHY is gone, and has no link.
        bool again = !_bus.TryRead(Address, Control, out ushort control) || (control & (AutoNegotiation | PowerDown | Isolate)) != AutoNegotiation;
        again |= Change(Advertisement, 0xFFFF, (ushort)(Ieee8023 | ((speeds & 1) != 0 ? Full10 : 0) | ((speeds & 2) != 0 ? Full100 : 0)));
        if (_bus.TryRead(Address, Status, out ushort status) && (status & ExtendedStatus) != 0)
        {
            again |= Change(GigabitControl, Full1000 | Half1000, (speeds & 4) != 0 ? Full1000 : (ushort)0);
        }

        if (again)
        {
            _bus.Write(Address, Control, AutoNegotiation | RestartNegotiation);
        }

        // The first read tells of the past (22.2.4.2.13).
        return _bus.TryRead(Address, Status, out _) && _bus.TryRead(Address, Status, out status) && (status & LinkStatus) != 0;
    }

    private bool Change(int register, ushort bits, ushort value)
    {
        if (!_bus.TryRead(Address, register, out ushort before) || (before & bits) == value)
        {
            return false;
        }

        _bus.Write(Address, register, (ushort)((before & ~bits) | value));
        return true;
    }
}

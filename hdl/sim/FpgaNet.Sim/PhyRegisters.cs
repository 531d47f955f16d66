namespace FpgaNet.Sim;

/// <summary>
/// The management registers of a PHY for twisted pairs (IEEE 802.3 §22.2.4, §40.5) with what auto-negotiation finds (clause 28, without its pages' times: it is over at once).
/// A register that a PHY may leave out is not there and reads 0.
/// </summary>
public sealed class PhyRegisters
{
    // Annex 28B.3, best first.
    private static readonly LinkModes[] s_priority =
        [LinkModes.Full1000, LinkModes.Half1000, LinkModes.Full100, LinkModes.Half100, LinkModes.Full10, LinkModes.Half10];

    private const ushort Negotiates = 1 << 12, PowerDown = 1 << 11, Isolate = 1 << 10, Restart = 1 << 9, Reset = 1 << 15;
    private const ushort Ieee8023 = 1; // the selector field (annex 28A)

    private readonly LinkModes _abilities;
    private ushort _control = Negotiates;
    private LinkModes _offered;
    private bool _lostSinceRead = true;

    /// <summary>A PHY with a cable to an end that can do all.</summary>
    /// <param name="abilities">What the PHY can do; at first it offers that.</param>
    public PhyRegisters(LinkModes abilities = LinkModes.All)
    {
        _abilities = abilities;
        _offered = abilities;
        Relink();
    }

    /// <summary>What the other end can do.</summary>
    public LinkModes Partner
    {
        get;
        set => Change(ref field, value);
    } = LinkModes.All;

    /// <summary>The other end negotiates. One that does not is found by parallel detection, and taken for half duplex (§28.2.3.1).</summary>
    public bool PartnerNegotiates
    {
        get;
        set => Change(ref field, value);
    } = true;

    /// <summary>A cable to the other end is in.</summary>
    public bool HasCable
    {
        get;
        set => Change(ref field, value);
    } = true;

    /// <summary>Negotiation does not come to an end: there is no link yet.</summary>
    public bool IsNegotiating
    {
        get;
        set => Change(ref field, value);
    }

    /// <summary>What the PHY offers, as its registers 4 and 9 say.</summary>
    public LinkModes Offered => _offered;

    /// <summary>What both ends do now; <see cref="LinkModes.None"/> without a link.</summary>
    public LinkModes Link { get; private set; }

    /// <summary>Reads a register.</summary>
    /// <param name="register">Its number, 0 to 31.</param>
    public ushort Read(int register)
    {
        switch (register)
        {
            case 0:
                return _control;
            case 1:
                bool hasLink = Link != LinkModes.None && !_lostSinceRead;
                _lostSinceRead = Link == LinkModes.None;
                return (ushort)(Bits(_abilities, 11, LinkModes.Half10, LinkModes.Full10, LinkModes.Half100, LinkModes.Full100)
                    | ((_abilities & ~LinkModes.UpTo100) != LinkModes.None ? 1 << 8 : 0) | (Link != LinkModes.None && PartnerNegotiates ? 1 << 5 : 0) | (1 << 3) | (hasLink ? 1 << 2 : 0) | 1);
            case 2:
                return 0x0123;
            case 3:
                return 0x4560;
            case 4:
                return (ushort)(Ieee8023 | Bits(_offered, 5, LinkModes.Half10, LinkModes.Full10, LinkModes.Half100, LinkModes.Full100));
            case 5 when Link != LinkModes.None:
                return (ushort)((PartnerNegotiates ? Ieee8023 : 0) | Bits(Heard, 5, LinkModes.Half10, LinkModes.Full10, LinkModes.Half100, LinkModes.Full100));
            case 6:
                return (ushort)(Link != LinkModes.None && PartnerNegotiates ? 1 : 0);
            case 9:
                return (ushort)Bits(_offered, 8, LinkModes.Half1000, LinkModes.Full1000);
            case 10 when Link != LinkModes.None:
                return (ushort)Bits(Heard, 10, LinkModes.Half1000, LinkModes.Full1000);
            case 15:
                return (ushort)Bits(_abilities, 12, LinkModes.Half1000, LinkModes.Full1000);
            default:
                return 0;
        }
    }

    /// <summary>Writes a register.</summary>
    /// <param name="register">Its number, 0 to 31.</param>
    /// <param name="value">The value; bits that cannot be written are left.</param>
    public void Write(int register, ushort value)
    {
        switch (register)
        {
            case 0 when (value & Reset) != 0:
                _offered = _abilities;
                _control = Negotiates;
                Relink();
                break;
            case 0:
                bool again = (value & Restart) != 0 || ((value ^ _control) & (Negotiates | PowerDown | Isolate)) != 0;
                _control = (ushort)(value & (Negotiates | PowerDown | Isolate));
                if (again)
                {
                    Relink();
                }

                break;
            case 4:
                _offered = (_offered & ~LinkModes.UpTo100) | (_abilities & Modes(value, 5, LinkModes.Half10, LinkModes.Full10, LinkModes.Half100, LinkModes.Full100));
                break;
            case 9:
                _offered = (_offered & LinkModes.UpTo100) | (_abilities & Modes(value, 8, LinkModes.Half1000, LinkModes.Full1000));
                break;
            default:
                break;
        }
    }

    // What register 5 and 10 know of the other end: its pages, or what its signal looked like.
    private LinkModes Heard => PartnerNegotiates ? Partner : Link;

    private static LinkModes Resolve(LinkModes one, LinkModes other) => Array.Find(s_priority, mode => (one & other & mode) != LinkModes.None);

    private static int Bits(LinkModes modes, int lowest, params ReadOnlySpan<LinkModes> order)
    {
        int bits = 0;
        for (int i = 0; i < order.Length; i++)
        {
            bits |= (modes & order[i]) != LinkModes.None ? 1 << (lowest + i) : 0;
        }

        return bits;
    }

    private static LinkModes Modes(int bits, int lowest, params ReadOnlySpan<LinkModes> order)
    {
        LinkModes modes = LinkModes.None;
        for (int i = 0; i < order.Length; i++)
        {
            modes |= (bits & (1 << (lowest + i))) != 0 ? order[i] : LinkModes.None;
        }

        return modes;
    }

    private void Change<T>(ref T stored, T value)
        where T : struct
    {
        if (!EqualityComparer<T>.Default.Equals(stored, value))
        {
            stored = value;
            Relink();
        }
    }

    // Whatever has changed, the link was lost by it and is found anew.
    private void Relink()
    {
        bool canLink = HasCable && !IsNegotiating && (_control & (Negotiates | PowerDown | Isolate)) == Negotiates;
        Link = !canLink ? LinkModes.None : PartnerNegotiates ? Resolve(_offered, Partner) : Detect();
        _lostSinceRead = true;
    }

    // Parallel detection: by how the other end signals, which does not tell its duplex.
    private LinkModes Detect() => _abilities & ((Partner & (LinkModes.Half100 | LinkModes.Full100)) != LinkModes.None ? LinkModes.Half100
        : (Partner & (LinkModes.Half10 | LinkModes.Full10)) != LinkModes.None ? LinkModes.Half10 : LinkModes.None);
}

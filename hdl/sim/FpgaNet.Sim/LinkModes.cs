namespace FpgaNet.Sim;

/// <summary>What an end of an Ethernet link over twisted pairs can do.</summary>
[Flags]
public enum LinkModes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>10BASE-T.</summary>
    Half10 = 1,

    /// <summary>10BASE-T, full duplex.</summary>
    Full10 = 2,

    /// <summary>100BASE-TX.</summary>
    Half100 = 4,

    /// <summary>100BASE-TX, full duplex.</summary>
    Full100 = 8,

    /// <summary>1000BASE-T.</summary>
    Half1000 = 16,

    /// <summary>1000BASE-T, full duplex.</summary>
    Full1000 = 32,

    /// <summary>Those of Fast Ethernet.</summary>
    UpTo100 = Half10 | Full10 | Half100 | Full100,

    /// <summary>All of these.</summary>
    All = UpTo100 | Half1000 | Full1000,
}

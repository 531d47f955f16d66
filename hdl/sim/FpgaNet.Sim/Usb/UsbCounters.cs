namespace FpgaNet.Sim.Usb;

/// <summary>What passed the bus.</summary>
public sealed class UsbCounters
{
    /// <summary>Packets to the chip.</summary>
    public long PacketsToChip { get; internal set; }

    /// <summary>Bytes in them.</summary>
    public long BytesToChip { get; internal set; }

    /// <summary>Packets to the host, those of status alone included.</summary>
    public long PacketsToHost { get; internal set; }

    /// <summary>Bytes in them, status not counted.</summary>
    public long BytesToHost { get; internal set; }
}

namespace FpgaNet.Simulation;

/// <summary>A frame on a wire. Its bytes are not changed any more; who forwards it with other bytes makes another.</summary>
/// <param name="Bytes">From the Ethernet header on, without the frame check sequence.</param>
/// <param name="IsDamaged">A bit was turned over on its way. No frame is damaged twice: two errors can cancel each other in a checksum.</param>
public sealed record WireFrame(byte[] Bytes, bool IsDamaged = false);

/// <summary>What stands at the end of a link.</summary>
public interface IWireEnd
{
    /// <summary>A frame has come.</summary>
    void Deliver(WireFrame frame);
}

namespace FpgaNet.Driver;

/// <summary>The halves of 802.3x flow control (IEEE 802.3 annex 31B), as <c>ethtool -A</c> names them.</summary>
[Flags]
public enum FlowControl
{
    /// <summary>No PAUSE frame is sent, and one that comes is a frame as others.</summary>
    None = 0,

    /// <summary>PAUSE frames from the other side hold the transmitter and are not handed up; counted in <c>rx_pause</c>.</summary>
    Receive = 1,

    /// <summary>PAUSE frames are sent while the card's receive FIFO fills; counted in <c>tx_pause</c>.</summary>
    Transmit = 2,

    /// <summary>Both.</summary>
    Both = Receive | Transmit,
}

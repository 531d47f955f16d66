namespace FpgaNet.Sim.Cable;

/// <summary>The data pins of one direction of a GMII in one clock.</summary>
/// <param name="Data">TXD, RXD.</param>
/// <param name="Valid">TX_EN, RX_DV.</param>
/// <param name="Error">TX_ER, RX_ER.</param>
internal readonly record struct PinState(byte Data, bool Valid, bool Error);

/// <summary>Whatever stands at a card's GMII pins clock by clock instead of the frames of a wire.</summary>
internal interface IPinLine
{
    /// <summary>What the receive pins show in a cycle; asked once for each, in order.</summary>
    PinState Arriving(long cycle);

    /// <summary>Takes what the transmit pins showed in a cycle.</summary>
    void Leaving(long cycle, PinState pins);
}

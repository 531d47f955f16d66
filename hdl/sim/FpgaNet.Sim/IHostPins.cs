namespace FpgaNet.Sim;

/// <summary>What stands at a card's pins on the host's side.</summary>
internal interface IHostPins
{
    /// <summary>Nothing waits on the host's side for the card.</summary>
    bool IsIdle { get; }

    /// <summary>The last cycle in which something passed the pins.</summary>
    long LastActivity { get; }

    /// <summary>Sets the card's inputs for the coming edge.</summary>
    void Drive(long cycle);

    /// <summary>Looks at the card's outputs as the coming edge sees them.</summary>
    void Sample(long cycle);

    /// <summary>Looks for what takes too long; called now and then.</summary>
    void CheckTime(long cycle);

    /// <summary>The card is reset.</summary>
    void Reset();
}

namespace FpgaNet.Driver;

/// <summary>What a card did that no sound card does.</summary>
internal enum Misbehaviour
{
    /// <summary>A register read came back as all ones: unplugged, in reset, or hung.</summary>
    NoAnswer,

    /// <summary>A completion named a ring position other than the oldest one's.</summary>
    RingPosition,

    /// <summary>A receive completion named a length that its buffer cannot hold.</summary>
    ReceiveLength,

    /// <summary>A queue halted with an error, or is off although the driver switched it on.</summary>
    QueueHalted,

    /// <summary>Frames are in flight and none is finished.</summary>
    TransmitStuck,

    /// <summary>The card counts completions that are not in the ring, or whose phase is wrong.</summary>
    CompletionLost,
}

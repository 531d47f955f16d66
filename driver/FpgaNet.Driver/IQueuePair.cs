using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

/// <summary>One transmit and one receive queue of a card. One thread at a time, but for <see cref="Signal"/>.</summary>
internal interface IQueuePair
{
    /// <summary>What the card did wrong here since the start; null: nothing. Then nothing goes on until the card was reset.</summary>
    CardFault? Fault { get; }

    /// <summary>Frames that the card has not finished.</summary>
    int InFlight { get; }

    /// <summary>What to call, from any thread, when an armed pair has something.</summary>
    Action? Signal { get; set; }

    /// <summary>Adds a frame to those that <see cref="Post"/> hands down, and takes over its references.</summary>
    /// <returns>False when there is no room.</returns>
    bool TryAdd(in TxFrame frame);

    /// <summary>Tells the card of the frames added.</summary>
    void Post();

    /// <summary>Releases frames that the card has finished.</summary>
    /// <returns>How many.</returns>
    int Reap();

    /// <summary>Takes the oldest time stamp of a frame released that asked for one.</summary>
    /// <returns>False when there is none.</returns>
    bool TryTakeTimestamp(out TransmitTimestamp timestamp);

    /// <summary>Takes frames that have come in.</summary>
    /// <returns>How many.</returns>
    int Receive(Span<RxFrame> frames);

    /// <summary>Asks for one <see cref="Signal"/> as soon as there is something to receive or, if wanted, room to send.</summary>
    /// <param name="room">Room is waited for, too.</param>
    /// <returns>True when there is something already.</returns>
    bool Arm(bool room);

    /// <summary>Frames that the card dropped because this pair's receive queue had no buffers, since the last reset.</summary>
    uint Dropped => 0;

    /// <summary>Tells the card how the transmit queue stands to its others, now and after every reset.</summary>
    /// <returns>False when the card knows nothing of that.</returns>
    bool TrySchedule(in TransmitSchedule schedule) => false;
}

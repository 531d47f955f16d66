using FpgaNet.Packets.Buffers;

namespace FpgaNet.Driver;

/// <summary>
/// How a host reaches a card: its registers, its queue pairs, and the means to stop it. <see cref="FpgaNic"/> drives a card through this alone;
/// rings in host memory behind PCI Express (<c>Rings</c>) and packets on a USB pipe (<c>Pipe</c>) are its implementations.
/// </summary>
internal interface ICardTransport
{
    /// <summary>Where the card is, for people.</summary>
    string Location { get; }

    /// <summary>The block that a card behind this transport has.</summary>
    HostBlock HostBlock { get; }

    /// <summary>Counters of that block, 32 bits each, that start at 0 with every reset.</summary>
    IReadOnlyList<(uint Register, string Name)> Counters { get; }

    /// <summary>Those of <see cref="Attach"/>, as many as there were calls; the first serves <see cref="FpgaNic"/> itself.</summary>
    IReadOnlyList<IQueuePair> Queues { get; }

    /// <summary>An armed queue pair tells by itself that it has something; otherwise it must be asked now and then.</summary>
    bool Signals { get; }

    /// <summary>The card itself writes to the host's memory: what it has an address of must not be freed before it is quiet.</summary>
    bool WritesHostMemory { get; }

    /// <summary>A register read takes a microsecond or so, and not a millisecond: the data path may make a few.</summary>
    bool IsNear { get; }

    /// <summary>Reads a register and waits for the answer; not for the data path.</summary>
    /// <returns>The value; all ones when the card did not answer.</returns>
    uint ReadRegister(uint offset);

    /// <summary>Writes a register. It may arrive later, but behind everything written before.</summary>
    void WriteRegister(uint offset, uint value);

    /// <summary>Lets time pass for the card while something is waited for.</summary>
    void Pause();

    /// <summary>Adds what the host interface's block says of the card, with which the transport works from now on.</summary>
    CardDescription Describe(Card card, CardDescription description);

    /// <summary>Makes the next queue pair, for a card that is quiet.</summary>
    /// <param name="receivePool">Where received frames are put.</param>
    /// <param name="counters">What is counted.</param>
    void Attach(BufferPool receivePool, DriverCounters counters);

    /// <summary>Programs the host interface of a card that is fresh from reset, and starts the queue pairs empty.</summary>
    void Start();

    /// <summary>No new work: the queue pairs finish what they have begun.</summary>
    void BeginStop();

    /// <summary>All queue pairs came to rest after <see cref="BeginStop"/>.</summary>
    bool IsStopped { get; }

    /// <summary>Tells the card to reset itself.</summary>
    void BeginReset();

    /// <summary>Resets by the stronger means: the function, the port.</summary>
    void HardReset();

    /// <summary>Looks whether a reset has ended.</summary>
    ResetProgress PollReset();

    /// <summary>Core.Status as of the last look, without waiting; all ones when the card does not answer.</summary>
    uint PollStatus();

    /// <summary>Looks at the health of host interface and queue pairs, without waiting.</summary>
    /// <param name="held">The other side holds the transmitter: that no frame leaves is not the card's fault.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    CardFault? Check(bool held);

    /// <summary>Gives up the frames in flight: only when the card is known to be quiet.</summary>
    /// <returns>How many there were.</returns>
    int Abandon();

    /// <summary>Gives everything back: only when the card is known to be quiet.</summary>
    void Free();

    /// <summary>Ends what <see cref="Signals"/> promises; nobody is told of anything any more.</summary>
    void Silence();
}

using FpgaNet.Packets.Offload;

namespace FpgaNet.Packets.Devices;

/// <summary>
/// Two network devices of several queues each, joined in memory: every frame goes to the queue of the other end that <see cref="FlowSteering"/> says, as a card with receive side
/// scaling would have it. Each queue is used by one thread at a time.
/// </summary>
public sealed class MultiQueuePair : IDisposable
{
    private readonly MemoryPair[][] _pairs;

    /// <summary>Makes a pair.</summary>
    /// <param name="steeringA">The rule by which end A receives, and how many queues it has.</param>
    /// <param name="steeringB">That of end B.</param>
    /// <param name="options">How; null: the defaults.</param>
    public MultiQueuePair(FlowSteering steeringA, FlowSteering steeringB, MemoryPairOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(steeringA);
        ArgumentNullException.ThrowIfNull(steeringB);
        _pairs = [.. Enumerable.Range(0, steeringA.Queues).Select(_ => Enumerable.Range(0, steeringB.Queues).Select(_ => new MemoryPair(options)).ToArray())];
        A = [.. _pairs.Select(row => new SteeredDevice([.. row.Select(static pair => pair.A)], steeringB))];
        B = [.. Enumerable.Range(0, steeringB.Queues).Select(b => new SteeredDevice([.. _pairs.Select(row => row[b].B)], steeringA))];
    }

    /// <summary>The queues of one end.</summary>
    public IReadOnlyList<INetworkDevice> A { get; }

    /// <summary>The queues of the other end.</summary>
    public IReadOnlyList<INetworkDevice> B { get; }

    /// <summary>Disposes all queues and releases what was under way. None may be in use.</summary>
    public void Dispose()
    {
        foreach (MemoryPair pair in _pairs.SelectMany(static row => row))
        {
            pair.Dispose();
        }
    }
}

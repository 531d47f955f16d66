using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>
/// Which of several receive queues a flow belongs to: receive side scaling as cards do it, a Toeplitz hash and an indirection table of 128 entries that is
/// filled by turns. UDP goes by the port that it is sent to, so that a socket has one queue whoever writes to it. Software that knows the rule can choose a port whose answers come to
/// its own queue.
/// </summary>
public sealed class FlowSteering
{
    private const int IndirectionMask = 127;


    /// <summary>Makes the rule for the default key.</summary>
    /// <param name="queues">Queues, 1 to 128.</param>
    public FlowSteering(int queues)
        : this(queues, ToeplitzHash.DefaultKey)
    {
    }

    /// <summary>Makes the rule.</summary>
    /// <param name="queues">Queues, 1 to 128.</param>
    /// <param name="key">The key that the devices hash with, <see cref="ToeplitzHash.KeyLength"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">So many queues the table cannot name.</exception>
    public FlowSteering(int queues, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queues, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queues, IndirectionMask + 1);
        Queues = queues;
        Hash = new ToeplitzHash(key);
    }

    /// <summary>Queues.</summary>
    public int Queues { get; }

    internal ToeplitzHash Hash { get; }

    /// <summary>The queue of a hash.</summary>
    /// <param name="hash"><see cref="RxOffload.Hash"/>.</param>
    public int QueueOf(uint hash) => (int)(hash & IndirectionMask) % Queues;

    /// <summary>The queue in which a TCP segment arrives.</summary>
    /// <param name="source">Its sender.</param>
    /// <param name="destination">Its receiver, of the same family.</param>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    public int QueueOf(IpAddress source, IpAddress destination, ushort sourcePort, ushort destinationPort) => QueueOf(
        source.IsIPv4
            ? Hash.Compute(source.IPv4, destination.IPv4, sourcePort, destinationPort)
            : Hash.Compute(source.IPv6, destination.IPv6, sourcePort, destinationPort));

    /// <summary>The queue of all datagrams to a UDP port.</summary>
    /// <param name="destinationPort">The port.</param>
    public int QueueOfUdp(ushort destinationPort) => destinationPort % Queues;
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>A device with an address, and what all protocols over it share: the lock, the clock, the timers, the counters and the way out.</summary>
internal sealed class NetworkInterface
{
    private const int PacketPoolBytes = 1 << 20;

    private readonly StackClock _clock;

    public NetworkInterface(INetworkDevice device, NetworkOptions options)
    {
        Device = device;
        Options = options;
        Address = options.Address;
        int bits = options.PrefixLength;
        Mask = bits == 0 ? 0 : uint.MaxValue << (32 - bits);
        MaximumTransmissionUnit = Math.Min(device.Capabilities.MaximumTransmissionUnit, IPv4Header.MaximumPacketLength);
        _clock = new StackClock(options.TimeProvider);
        Completions = new CompletionQueue(options.InlineCompletions);
        Output = new FrameOutput(device, Counters, options.OutputQueueFrames, options.HeaderBuffers);
        int packetSize = MaximumTransmissionUnit + EthernetHeader.Length;
        Packets = new BufferPool(Math.Max(PacketPoolBytes / packetSize, 16), packetSize);
        Neighbors = new NeighborCache(this);
    }

    /// <summary>The stack's one lock. Everything below it is touched by its holder only.</summary>
    public Lock Gate { get; } = new();

    public INetworkDevice Device { get; }

    public NetworkOptions Options { get; }

    public StackCounters Counters { get; } = new();

    public TimerQueue Timers { get; } = new();

    public FrameOutput Output { get; }

    /// <summary>Buffers for whole packets that we make ourselves: datagrams and echo requests.</summary>
    public BufferPool Packets { get; }

    public NeighborCache Neighbors { get; }

    /// <summary>What is to be told to applications once the lock is free.</summary>
    public CompletionQueue Completions { get; }

    /// <summary>What is to be done before the lock is given up: serve connections, send.</summary>
    public Action? Settle { get; set; }

    /// <summary>Until when the event loop sleeps; who sets an earlier timer calls <see cref="Wake"/>.</summary>
    public Instant SleepsUntil { get; set; } = Instant.Never;

    /// <summary>
    /// The device knows already that the event loop waits for room. Without this every turn of a loop that finds the device full would wake itself for the next.
    /// </summary>
    public bool WaitsForRoom { get; set; }

    /// <summary>Wakes the event loop.</summary>
    public Action? Wake { get; set; }

    /// <summary>Our address.</summary>
    public IPv4Address Address { get; }

    /// <summary>The net mask.</summary>
    public uint Mask { get; }

    /// <summary>Largest IP packet in bytes.</summary>
    public int MaximumTransmissionUnit { get; }

    /// <summary>The time as of the last <see cref="ReadClock"/>.</summary>
    public Instant Now { get; private set; }

    /// <summary>The device has failed: nothing works any more.</summary>
    public bool IsDown { get; set; }

    /// <summary>Reads the clock once for all that follows.</summary>
    public void ReadClock() => Now = _clock.Read();

    /// <summary>The net's broadcast address, or the limited one.</summary>
    public bool IsBroadcast(IPv4Address address) =>
        address == IPv4Address.Broadcast || (Options.PrefixLength < 31 && address.Value == (Address.Value | ~Mask));

    /// <summary>Whether the address is on our link.</summary>
    public bool IsOnLink(IPv4Address address) => (address.Value & Mask) == (Address.Value & Mask);

    /// <summary>The neighbour through which an address is reached (RFC 1122 §3.3.1.1), or null when there is no route.</summary>
    public Neighbor? Route(IPv4Address destination)
    {
        if (IsOnLink(destination))
        {
            return Neighbors.Find(destination);
        }

        return Options.Gateway is { } gateway ? Neighbors.Find(gateway) : null;
    }

    /// <summary>Takes the lock for an application's call and reads the clock; give it up with <c>using</c>.</summary>
    public StackScope Enter()
    {
        Gate.Enter();
        ReadClock();
        return new StackScope(this);
    }

    /// <summary>Settles what was begun, gives the lock up and tells applications.</summary>
    public void Leave()
    {
        ICompletion? completions;
        try
        {
            Settle?.Invoke();
            if (Timers.Next < SleepsUntil || (Output.IsBlocked && !WaitsForRoom))
            {
                SleepsUntil = Timers.Next;
                Wake?.Invoke();
            }
        }
        finally
        {
            completions = Completions.TakeAll();
            Gate.Exit();
        }

        Completions.Run(completions);
    }
}

/// <summary>The stack's lock, held.</summary>
internal readonly ref struct StackScope(NetworkInterface networkInterface)
{
    public void Dispose() => networkInterface.Leave();
}

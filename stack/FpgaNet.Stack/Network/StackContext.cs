using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>What all interfaces and protocols of a stack share: the lock, the clock, the timers, the counters, and what is to be told to applications.</summary>
internal sealed class StackContext
{
    private const int LongPacketSize = 65536 + 128; // the longest datagram and its headers

    private readonly StackClock _clock;
    private readonly Lock? _gate;
    private bool _isHeld; // without a lock
    private Instant _now;
    private bool _isStale = true;
    private readonly List<IRoomUser> _roomUsers = [];
    private BufferPool? _longPackets;

    public StackContext(NetworkOptions options)
    {
        Options = options;
        _gate = options.Synchronized ? new Lock() : null;
        _clock = new StackClock(options.TimeProvider);
        Completions = new CompletionQueue(options.InlineCompletions);
        Random = options.Seed is { } seed ? new Random((int)seed) : new Random();
    }

    public NetworkOptions Options { get; }

    public StackCounters Counters { get; } = new();

    /// <summary>For delays and jitter; nothing that must be hard to guess.</summary>
    public Random Random { get; }

    public TimerWheel Timers { get; } = new();

    /// <summary>Buffers for datagrams that are longer than a packet.</summary>
    public BufferPool LongPackets => _longPackets ??= new BufferPool(Options.LongPackets, LongPacketSize);

    /// <summary>The same when it was made, for who frees it.</summary>
    public BufferPool? LongPacketsIfMade => _longPackets;

    /// <summary>All interfaces, in the order in which they were added. The array is replaced when one is added, never changed.</summary>
    public NetworkInterface[] Interfaces { get; private set; } = [];

    /// <summary>Who sees all frames; null: nobody.</summary>
    public IFrameObserver? FrameObserver { get; set; }

    /// <summary>What is to be told to applications once the lock is free.</summary>
    public CompletionQueue Completions { get; }

    /// <summary>What is to be done before the lock is given up: serve connections, send.</summary>
    public Action? Settle { get; set; }

    /// <summary>Until when the event loop sleeps; who sets an earlier timer calls <see cref="Wake"/>.</summary>
    public Instant SleepsUntil { get; set; } = Instant.Never;

    /// <summary>Wakes the event loop.</summary>
    public Action? Wake { get; set; }

    /// <summary>The time, read once for all that is done under one hold of the lock, and only when somebody asks.</summary>
    public Instant Now
    {
        get
        {
            if (_isStale)
            {
                _isStale = false;
                _now = _clock.Read();
            }

            return _now;
        }
    }

    /// <summary>Every device has failed, or the stack was disposed of: nothing works any more.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether some interface takes a data segment.</summary>
    public bool HasRoom
    {
        get
        {
            foreach (NetworkInterface network in Interfaces)
            {
                if (network.Output.HasRoom)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private bool WaitsUnnoticed
    {
        get
        {
            foreach (NetworkInterface network in Interfaces)
            {
                if (network.Output.IsBlocked && !network.WaitsForRoom)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Adds an interface.</summary>
    public void Add(NetworkInterface network) => Interfaces = [.. Interfaces, network];

    /// <summary>The interface with an index, or null.</summary>
    public NetworkInterface? FindInterface(int index)
    {
        foreach (NetworkInterface network in Interfaces)
        {
            if (network.Index == index)
            {
                return network;
            }
        }

        return null;
    }

    /// <summary>Whether a queue takes a frame now; else somebody is told when it does.</summary>
    public bool HasRoomFor(IRoomUser user, FrameOutput output)
    {
        if (!output.HasRoom)
        {
            output.Flush();
            if (!output.HasRoom)
            {
                AwaitRoom(user, output);
                return false;
            }
        }

        return true;
    }

    /// <summary>Somebody is to be told when a queue takes data again.</summary>
    private void AwaitRoom(IRoomUser user, FrameOutput output)
    {
        if (user.AwaitsRoomOf is null)
        {
            _roomUsers.Add(user);
        }

        user.AwaitsRoomOf = output;
    }

    /// <summary>He is not to be told any more.</summary>
    public void ForgetRoom(IRoomUser user)
    {
        if (user.AwaitsRoomOf is not null)
        {
            user.AwaitsRoomOf = null;
            _roomUsers.Remove(user);
        }
    }

    /// <summary>Tells who waits for room that has come. Costs one comparison when nobody waits.</summary>
    public void TellRoom()
    {
        for (int i = _roomUsers.Count - 1; i >= 0; i--)
        {
            IRoomUser user = _roomUsers[i];
            if (user.AwaitsRoomOf is null or { HasRoom: true } or { IsDown: true })
            {
                ForgetRoom(user);
                user.RoomCame();
            }
        }
    }

    /// <summary>The interface with a name (if_nametoindex(3)), or null.</summary>
    public NetworkInterface? FindInterface(string name) => Array.Find(Interfaces, network => string.Equals(network.Device.Name, name, StringComparison.Ordinal));

    /// <summary>Takes the stack's one lock for a call; give it up with <c>using</c>. Everything below is touched by its holder only.</summary>
    /// <exception cref="InvalidOperationException">The stack is not <see cref="NetworkOptions.Synchronized"/>, and another call is under way.</exception>
    public StackScope Enter()
    {
        Lock.Scope held = default;
        if (_gate is { } gate)
        {
            held = gate.EnterScope(); // it remembers its thread, which takes a call to look up
        }
        else
        {
            Hold();
        }

        _isStale = true;
        return new StackScope(this, held);
    }

    /// <summary>Gives up what <see cref="Enter"/> took.</summary>
    public void Leave(Lock.Scope held)
    {
        held.Dispose();
        _isHeld = false;
    }

    /// <summary>Settles what was begun, before the lock is given up.</summary>
    public void Conclude()
    {
        Settle?.Invoke();
        if (Timers.Next < SleepsUntil || WaitsUnnoticed)
        {
            SleepsUntil = Timers.Next;
            Wake?.Invoke();
        }
    }

    private void Hold()
    {
        if (_isHeld)
        {
            throw new InvalidOperationException(
                $"A call came while another was under way on a stack that is not {nameof(NetworkOptions.Synchronized)}: set the option, or keep the calls apart.");
        }

        _isHeld = true;
    }
}

/// <summary>The stack's lock, held.</summary>
internal ref struct StackScope(StackContext context, Lock.Scope held)
{
    private Lock.Scope _held = held;

    /// <summary>Settles what was begun, gives the lock up and tells applications.</summary>
    public void Dispose()
    {
        try
        {
            context.Conclude();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Gives the lock up and tells applications: for the event loop's turn, which has settled everything itself.</summary>
    public void Leave()
    {
        ICompletion? completions = context.Completions.TakeAll();
        context.Leave(_held);
        context.Completions.Run(completions);
    }
}

using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>A member of a set: it waits in the queue of what it watches, and puts itself into the set's ready list when it is signalled.</summary>
internal sealed class EpollEntry(EpollSet set, IPolledDescription file, int descriptor) : SocketWaiter
{
    private const EpollEvents Conditions = (EpollEvents)0xFFFF;

    private EpollEvents _events;

    /// <summary>What is watched.</summary>
    public IPolledDescription File { get; } = file;

    /// <summary>Its number when it was added; together with <see cref="File"/> it names the member (epoll(7), Q1).</summary>
    public int Descriptor { get; } = descriptor;

    /// <summary>What the program wants to be told with its events.</summary>
    public ulong Data { get; set; }

    /// <summary>What it is watched for and how. None: EPOLLONESHOT has been told, or it is in the set no more.</summary>
    public EpollEvents Events
    {
        get => _events;
        set
        {
            _events = value;
            Interest = DescriptorTable.Watched((PollEvents)(value & Conditions));
        }
    }

    /// <summary>The next in the ready list; the set's lock guards it and the next three.</summary>
    public EpollEntry? NextReady { get; set; }

    /// <summary>The next in the list of those that are closed.</summary>
    public EpollEntry? NextDead { get; set; }

    /// <summary>It is in the ready list.</summary>
    public bool IsReady { get; set; }

    /// <summary>It is in the set no more, or what it watches is closed.</summary>
    public bool IsDead { get; set; }

    /// <summary>What is there of what it is watched for.</summary>
    public EpollEvents Poll()
    {
        EpollEvents wanted = Events;
        return wanted == EpollEvents.None ? wanted : (EpollEvents)DescriptorTable.Complete(File.Poll()) & wanted & Conditions;
    }

    /// <inheritdoc/>
    protected internal override void Signal(PollEvents events) => set.Signal(this, events);

    /// <inheritdoc/>
    internal override bool SignalExclusive(PollEvents events) => set.Signal(this, events);
}

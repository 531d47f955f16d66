namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>What a member of a set of descriptors is watched for and how (epoll_ctl(2); Linux's numbers).</summary>
[Flags]
public enum EpollEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Receive or accept will not wait.</summary>
    EPOLLIN = 0x1,

    /// <summary>Out-of-band data.</summary>
    EPOLLPRI = 0x2,

    /// <summary>Send will not wait.</summary>
    EPOLLOUT = 0x4,

    /// <summary>An error is pending; always told.</summary>
    EPOLLERR = 0x8,

    /// <summary>Both directions have ended; always told.</summary>
    EPOLLHUP = 0x10,

    /// <summary>As EPOLLIN.</summary>
    EPOLLRDNORM = 0x40,

    /// <summary>As EPOLLOUT.</summary>
    EPOLLWRNORM = 0x100,

    /// <summary>The peer sends no more.</summary>
    EPOLLRDHUP = 0x2000,

    /// <summary>Of all sets that a descriptor is in, one that somebody waits on wakes, not all.</summary>
    EPOLLEXCLUSIVE = 1u << 28,

    /// <summary>Keeps a system awake; it has no meaning here.</summary>
    EPOLLWAKEUP = 1u << 29,

    /// <summary>Told once; then not before it is modified.</summary>
    EPOLLONESHOT = 1u << 30,

    /// <summary>Told when something happens (edge), not as long as it is so (level).</summary>
    EPOLLET = 1u << 31,
}

#pragma warning disable CA1707 // C's names
/// <summary>What <see cref="DescriptorTable.EpollCtl"/> does.</summary>
public enum EpollOperation
{
    /// <summary>Adds a descriptor.</summary>
    EPOLL_CTL_ADD = 1,

    /// <summary>Takes one out.</summary>
    EPOLL_CTL_DEL = 2,

    /// <summary>Changes what one is watched for.</summary>
    EPOLL_CTL_MOD = 3,
}
#pragma warning restore CA1707

/// <summary>One event of a set (<c>struct epoll_event</c>).</summary>
public struct EpollEvent
{
    /// <summary>What it is watched for, or what has happened.</summary>
    public EpollEvents Events;

    /// <summary>What the program wants to be told with it.</summary>
    public ulong Data;
}

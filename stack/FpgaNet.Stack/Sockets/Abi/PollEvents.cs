namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>What a socket is ready for (poll(2), epoll_ctl(2); Linux's numbers).</summary>
[Flags]
public enum PollEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Receive or accept will not wait.</summary>
    POLLIN = 0x1,

    /// <summary>Out-of-band data, or something in the error queue with SO_SELECT_ERR_QUEUE.</summary>
    POLLPRI = 0x2,

    /// <summary>Send will not wait.</summary>
    POLLOUT = 0x4,

    /// <summary>An error is pending; always told.</summary>
    POLLERR = 0x8,

    /// <summary>Both directions have ended; always told.</summary>
    POLLHUP = 0x10,

    /// <summary>No open descriptor; always told.</summary>
    POLLNVAL = 0x20,

    /// <summary>As POLLIN.</summary>
    POLLRDNORM = 0x40,

    /// <summary>Priority data (unused, as on Linux).</summary>
    POLLRDBAND = 0x80,

    /// <summary>As POLLOUT.</summary>
    POLLWRNORM = 0x100,

    /// <summary>As POLLOUT.</summary>
    POLLWRBAND = 0x200,

    /// <summary>The peer sends no more.</summary>
    POLLRDHUP = 0x2000,
}

namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>How a message is to be sent or received, and what was found out about one received (send(2), recv(2); Linux's numbers).</summary>
[Flags]
public enum MessageFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Out-of-band data.</summary>
    MSG_OOB = 0x1,

    /// <summary>Leaves what is received in the queue.</summary>
    MSG_PEEK = 0x2,

    /// <summary>Only to hosts on the same link.</summary>
    MSG_DONTROUTE = 0x4,

    /// <summary>Control data was lost for lack of room.</summary>
    MSG_CTRUNC = 0x8,

    /// <summary>Data was lost for lack of room; as an argument: the true length is asked for.</summary>
    MSG_TRUNC = 0x20,

    /// <summary>Never waits.</summary>
    MSG_DONTWAIT = 0x40,

    /// <summary>Ends a record.</summary>
    MSG_EOR = 0x80,

    /// <summary>Waits until the buffer is full.</summary>
    MSG_WAITALL = 0x100,

    /// <summary>No signal with EPIPE.</summary>
    MSG_NOSIGNAL = 0x4000,

    /// <summary>From the queue of errors and time stamps.</summary>
    MSG_ERRQUEUE = 0x2000,

    /// <summary>More follows at once.</summary>
    MSG_MORE = 0x8000,

    /// <summary>Waits for the first message only (recvmmsg(2)).</summary>
    MSG_WAITFORONE = 0x10000,

    /// <summary>Data with the SYN (RFC 7413).</summary>
    MSG_FASTOPEN = 0x20000000,

    /// <summary>Descriptors received are closed on exec.</summary>
    MSG_CMSG_CLOEXEC = 0x40000000,
}

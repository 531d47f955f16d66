namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>A message to be sent (<c>struct msghdr</c>, sendmsg(2)).</summary>
public ref struct MessageOut
{
    /// <summary>The bytes.</summary>
    public GatherList Data;

    /// <summary>To whom; AF_UNSPEC: to the peer that the socket is connected to.</summary>
    public SockAddr Address;

    /// <summary>Control messages, one behind the other (cmsg(3)); <see cref="ControlReader"/> reads them.</summary>
    public ReadOnlySpan<byte> Control;

    /// <summary>
    /// What goes with it (SCM_RIGHTS, unix(7)), as the descriptor layer found it behind its descriptors; null: nothing. One reference for each entry is handed over, together with the array, when the
    /// call takes the message; <see cref="Rights"/> is null afterwards. Otherwise both stay the caller's.
    /// </summary>
    public IOpenDescription[]? Rights;

    /// <summary>How.</summary>
    public MessageFlags Flags;

    /// <summary>Bytes that earlier rounds of the same call have sent: an error is left for the next call then.</summary>
    public int Progress;
}

/// <summary>A message to be received (<c>struct msghdr</c>, recvmsg(2)).</summary>
public ref struct MessageIn
{
    /// <summary>Where the bytes go.</summary>
    public ScatterList Data;

    /// <summary>Receives who sent it; AF_UNSPEC when nobody is said (a connected stream).</summary>
    public SockAddr Address;

    /// <summary>Room for control messages.</summary>
    public Span<byte> Control;

    /// <summary>Receives how many bytes of <see cref="Control"/> are used.</summary>
    public int ControlLength;

    /// <summary>The caller takes what comes with it (SCM_RIGHTS). Otherwise it is closed, with MSG_CTRUNC.</summary>
    public bool TakesRights;

    /// <summary>Receives what came with it (SCM_RIGHTS) with a reference for each entry; the descriptor layer gives it numbers. Null: nothing.</summary>
    public IOpenDescription[]? Rights;

    /// <summary>How, before the call (<c>flags</c> of recvmsg).</summary>
    public MessageFlags Flags;

    /// <summary>Bytes that earlier rounds of the same call have received: an error is left for the next call then.</summary>
    public int Progress;

    /// <summary>Bytes that the call waits for (MSG_WAITALL, SO_RCVLOWAT); 0 or 1: any. To be heeded by who leaves the bytes where they are (MSG_PEEK): EAGAIN while there are less.</summary>
    public int Target;

    /// <summary>Receives whether the call ends here, whatever it waits for: at a mark, or before something that has to be told by the next call.</summary>
    public bool IsComplete;

    /// <summary>Receives what is to be known about it: MSG_TRUNC, MSG_CTRUNC, MSG_EOR, MSG_OOB, MSG_ERRQUEUE.</summary>
    public MessageFlags Found;
}

/// <summary>One message of several that one call sends or receives (<c>struct mmsghdr</c>, sendmmsg(2), recvmmsg(2)).</summary>
public struct BatchMessage
{
    /// <summary>The bytes, or where they go.</summary>
    public Memory<byte> Data;

    /// <summary>To whom, or from whom.</summary>
    public SockAddr Address;

    /// <summary>Control messages, or room for them.</summary>
    public Memory<byte> Control;

    /// <summary>Receives how many bytes of <see cref="Control"/> are used (recvmmsg).</summary>
    public int ControlLength;

    /// <summary>Receives what is to be known about it (recvmmsg).</summary>
    public MessageFlags Found;

    /// <summary>Receives how many bytes were sent or received (<c>msg_len</c>).</summary>
    public int Length;
}

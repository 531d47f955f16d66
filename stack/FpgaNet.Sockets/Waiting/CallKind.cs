namespace FpgaNet.Sockets.Waiting;

/// <summary>What a waiting call does each time it is tried.</summary>
internal enum CallKind
{
    /// <summary>Takes bytes.</summary>
    Receive,

    /// <summary>Takes bytes and says from whom.</summary>
    ReceiveFrom,

    /// <summary>Takes bytes and says from whom, to which address and by which interface.</summary>
    ReceiveMessageFrom,

    /// <summary>Takes a connection.</summary>
    Accept,

    /// <summary>Sends all its bytes.</summary>
    Send,

    /// <summary>Sends a datagram to an address.</summary>
    SendTo,

    /// <summary>Connects.</summary>
    Connect,
}

using System.Net.Sockets;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What has happened to a connection since its user was last told.</summary>
[Flags]
internal enum TcpEvents
{
    None = 0,

    /// <summary>The connection is established.</summary>
    Connected = 1,

    /// <summary>Data has come, or the end of the stream.</summary>
    Readable = 2,

    /// <summary>Data was acknowledged: there is room to send, or all is delivered.</summary>
    Writable = 4,

    /// <summary>The network complained; <see cref="TcpConnection.SoftError"/> says of what.</summary>
    SoftError = 16,

    /// <summary>Urgent data is announced (RFC 9293 §3.8.5, MUST-32).</summary>
    Urgent = 32,

    /// <summary>The connection has ended; <see cref="TcpConnection.Error"/> says whether well.</summary>
    Closed = 8,
}

/// <summary>Who uses a connection (the "user" of RFC 9293 §3.9). Called under the stack's lock, once for a batch of segments; it may read and send.</summary>
internal interface ITcpUser
{
    void Signal(TcpEvents events);
}

/// <summary>Who accepts a listener's connections.</summary>
internal interface ITcpListenerUser
{
    /// <summary>A connection begins: it is to have what the listener has (accept(2) on Linux).</summary>
    void Prepare(TcpConnection connection)
    {
    }

    /// <summary>An established connection waits.</summary>
    void ConnectionWaits();

    /// <summary>Nothing will come any more.</summary>
    void Failed(SocketError error);
}

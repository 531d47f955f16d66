namespace FpgaNet.Sockets;

/// <summary>The calls that end by an event (<see cref="SocketAsyncEventArgs"/>): true when the event will come, false when all is done already.</summary>
public partial class Socket
{
    /// <summary>Takes a connection.</summary>
    /// <param name="e">Arguments and results.</param>
    /// <returns>Whether the event will come.</returns>
    public bool AcceptAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return e.BeginAccept(this);
    }

    /// <summary>Connects to <see cref="SocketAsyncEventArgs.RemoteEndPoint"/>.</summary>
    /// <inheritdoc cref="AcceptAsync(SocketAsyncEventArgs)"/>
    public bool ConnectAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(e.RemoteEndPoint);
        return e.Begin(this, SocketAsyncOperation.Connect, static (socket, e) => Zero(socket.ConnectAsync(e.RemoteEndPoint!, CancellationToken.None)));
    }

    /// <summary>Connects a new socket of both families to <see cref="SocketAsyncEventArgs.RemoteEndPoint"/>.</summary>
    /// <param name="socketType">Its type.</param>
    /// <param name="protocolType">Its protocol.</param>
    /// <param name="e">Arguments and results.</param>
    /// <returns>Whether the event will come.</returns>
    public static bool ConnectAsync(SocketType socketType, ProtocolType protocolType, SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(e.RemoteEndPoint);
        Socket socket = e.RemoteEndPoint.AddressFamily == AddressFamily.Unspecified ? new(socketType, protocolType) : new(e.RemoteEndPoint.AddressFamily, socketType, protocolType);
        return socket.ConnectAsync(e);
    }

    /// <summary>Ends the connection.</summary>
    /// <inheritdoc cref="AcceptAsync(SocketAsyncEventArgs)"/>
    public bool DisconnectAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return e.Begin(this, SocketAsyncOperation.Disconnect, static (socket, e) => Zero(socket.DisconnectAsync(e.DisconnectReuseSocket)));
    }

    /// <summary>Receives.</summary>
    /// <inheritdoc cref="AcceptAsync(SocketAsyncEventArgs)"/>
    public bool ReceiveAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return e.Begin(this, SocketAsyncOperation.Receive, static (socket, e) => e.BufferList is { } list
            ? new ValueTask<int>(socket.ReceiveAsync(list, e.SocketFlags))
            : socket.ReceiveAsync(Part(e), e.SocketFlags));
    }

    /// <summary>Receives a datagram.</summary>
    /// <inheritdoc cref="AcceptAsync(SocketAsyncEventArgs)"/>
    public bool ReceiveFromAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        CheckedForReceive(e.RemoteEndPoint!);
        return e.Begin(this, SocketAsyncOperation.ReceiveFrom, static (socket, e) => From(e, socket.ReceiveFromAsync(Part(e), e.SocketFlags, e.RemoteEndPoint!)));

        static async ValueTask<int> From(SocketAsyncEventArgs e, ValueTask<SocketReceiveFromResult> receiving)
        {
            SocketReceiveFromResult result = await receiving;
            e.RemoteEndPoint = result.RemoteEndPoint;
            return result.ReceivedBytes;
        }
    }

    /// <summary>Receives a datagram and where it was sent to.</summary>
    /// <inheritdoc cref="AcceptAsync(SocketAsyncEventArgs)"/>
    public bool ReceiveMessageFromAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        CheckedForReceive(e.RemoteEndPoint!);
        return e.Begin(this, SocketAsyncOperation.ReceiveMessageFrom, static (socket, e) => From(e, socket.ReceiveMessageFromAsync(Part(e), e.SocketFlags, e.RemoteEndPoint!)));

        static async ValueTask<int> From(SocketAsyncEventArgs e, ValueTask<SocketReceiveMessageFromResult> receiving)
        {
            SocketReceiveMessageFromResult result = await receiving;
            e.Take(result);
            return result.ReceivedBytes;
        }
    }

    /// <summary>Sends.</summary>
    /// <inheritdoc cref="AcceptAsync(SocketAsyncEventArgs)"/>
    public bool SendAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return e.Begin(this, SocketAsyncOperation.Send, static (socket, e) => e.BufferList is { } list
            ? new ValueTask<int>(socket.SendAsync(list, e.SocketFlags))
            : socket.SendAsync(Part(e), e.SocketFlags));
    }

    /// <summary>Sends a datagram to <see cref="SocketAsyncEventArgs.RemoteEndPoint"/>.</summary>
    /// <inheritdoc cref="AcceptAsync(SocketAsyncEventArgs)"/>
    public bool SendToAsync(SocketAsyncEventArgs e)
    {
        ArgumentNullException.ThrowIfNull(e);
        ArgumentNullException.ThrowIfNull(e.RemoteEndPoint);
        return e.Begin(this, SocketAsyncOperation.SendTo, static (socket, e) => socket.SendToAsync(Part(e), e.SocketFlags, e.RemoteEndPoint!));
    }

    private static Memory<byte> Part(SocketAsyncEventArgs e) => e.MemoryBuffer.Slice(e.Offset, e.Count);

    private static ValueTask<int> Zero(ValueTask task)
    {
        return task.IsCompletedSuccessfully ? default : After(task);

        static async ValueTask<int> After(ValueTask task)
        {
            await task;
            return 0;
        }
    }
}

using System.Net;

namespace FpgaNet.Sockets;

/// <summary>The same calls in pairs of Begin and End, as .NET had them first: the tasks of the others.</summary>
public partial class Socket
{
    /// <summary>Begins to connect.</summary>
    /// <param name="remoteEP">The peer.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginConnect(EndPoint remoteEP, AsyncCallback? callback, object? state) => TaskToAsyncResult.Begin(ConnectAsync(remoteEP), callback, state);

    /// <inheritdoc cref="BeginConnect(EndPoint, AsyncCallback, object)"/>
    /// <param name="host">The peer's name or address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="requestCallback">Called when it is done; null: nobody.</param>
    public IAsyncResult BeginConnect(string host, int port, AsyncCallback? requestCallback, object? state) => TaskToAsyncResult.Begin(ConnectAsync(host, port), requestCallback, state);

    /// <inheritdoc cref="BeginConnect(string, int, AsyncCallback, object)"/>
    /// <param name="address">The peer's address.</param>
    public IAsyncResult BeginConnect(IPAddress address, int port, AsyncCallback? requestCallback, object? state) =>
        TaskToAsyncResult.Begin(ConnectAsync(address, port), requestCallback, state);

    /// <inheritdoc cref="BeginConnect(string, int, AsyncCallback, object)"/>
    /// <param name="addresses">The peer's addresses.</param>
    public IAsyncResult BeginConnect(IPAddress[] addresses, int port, AsyncCallback? requestCallback, object? state) =>
        TaskToAsyncResult.Begin(ConnectAsync(addresses, port), requestCallback, state);

    /// <summary>Waits for the end of what was begun.</summary>
    /// <param name="asyncResult">What the beginning gave.</param>
    public void EndConnect(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    /// <summary>Ends the connection.</summary>
    /// <param name="reuseSocket">Not supported.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginDisconnect(bool reuseSocket, AsyncCallback? callback, object? state) => TaskToAsyncResult.Begin(DisconnectAsync(reuseSocket).AsTask(), callback, state);

    /// <inheritdoc cref="EndConnect"/>
    public void EndDisconnect(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    /// <summary>Begins to send.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="offset">The first of them.</param>
    /// <param name="size">How many.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginSend(byte[] buffer, int offset, int size, SocketFlags socketFlags, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(SendAsync(CheckedMemory(buffer, offset, size), socketFlags).AsTask(), callback, state);

    /// <inheritdoc cref="BeginSend(byte[], int, int, SocketFlags, AsyncCallback, object)"/>
    /// <param name="errorCode">Receives why it failed at once.</param>
    public IAsyncResult? BeginSend(byte[] buffer, int offset, int size, SocketFlags socketFlags, out SocketError errorCode, AsyncCallback? callback, object? state) =>
        Begin(SendAsync(CheckedMemory(buffer, offset, size), socketFlags).AsTask(), out errorCode, callback, state);

    /// <summary>Begins to send several runs as one.</summary>
    /// <param name="buffers">The runs.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginSend(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(SendAsync(buffers, socketFlags), callback, state);

    /// <inheritdoc cref="BeginSend(IList{ArraySegment{byte}}, SocketFlags, AsyncCallback, object)"/>
    /// <param name="errorCode">Receives why it failed at once.</param>
    public IAsyncResult? BeginSend(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags, out SocketError errorCode, AsyncCallback? callback, object? state) =>
        Begin(SendAsync(buffers, socketFlags), out errorCode, callback, state);

    /// <inheritdoc cref="EndConnect"/>
    /// <returns>Bytes taken.</returns>
    public int EndSend(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <inheritdoc cref="EndSend(IAsyncResult)"/>
    /// <param name="errorCode">Receives why it failed.</param>
    public int EndSend(IAsyncResult asyncResult, out SocketError errorCode) => End(asyncResult, out errorCode);

    /// <summary>Begins to send a file.</summary>
    /// <param name="fileName">The file.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginSendFile(string? fileName, AsyncCallback? callback, object? state) => TaskToAsyncResult.Begin(SendFileAsync(fileName).AsTask(), callback, state);

    /// <inheritdoc cref="BeginSendFile(string, AsyncCallback, object)"/>
    /// <param name="preBuffer">What goes before it.</param>
    /// <param name="postBuffer">What goes behind it.</param>
    /// <param name="flags">What is done afterwards.</param>
    public IAsyncResult BeginSendFile(string? fileName, byte[]? preBuffer, byte[]? postBuffer, TransmitFileOptions flags, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(SendFileAsync(fileName, preBuffer, postBuffer, flags).AsTask(), callback, state);

    /// <inheritdoc cref="EndConnect"/>
    public void EndSendFile(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    /// <summary>Begins to send a datagram.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="offset">The first of them.</param>
    /// <param name="size">How many.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="remoteEP">To whom.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginSendTo(byte[] buffer, int offset, int size, SocketFlags socketFlags, EndPoint remoteEP, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(SendToAsync(CheckedMemory(buffer, offset, size), socketFlags, remoteEP).AsTask(), callback, state);

    /// <inheritdoc cref="EndSend(IAsyncResult)"/>
    public int EndSendTo(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <summary>Begins to receive.</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="offset">Where to.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginReceive(byte[] buffer, int offset, int size, SocketFlags socketFlags, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReceiveAsync(CheckedMemory(buffer, offset, size), socketFlags).AsTask(), callback, state);

    /// <inheritdoc cref="BeginReceive(byte[], int, int, SocketFlags, AsyncCallback, object)"/>
    /// <param name="errorCode">Receives why it failed at once.</param>
    public IAsyncResult? BeginReceive(byte[] buffer, int offset, int size, SocketFlags socketFlags, out SocketError errorCode, AsyncCallback? callback, object? state) =>
        Begin(ReceiveAsync(CheckedMemory(buffer, offset, size), socketFlags).AsTask(), out errorCode, callback, state);

    /// <summary>Begins to receive into several runs.</summary>
    /// <param name="buffers">The runs.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginReceive(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReceiveAsync(buffers, socketFlags), callback, state);

    /// <inheritdoc cref="BeginReceive(IList{ArraySegment{byte}}, SocketFlags, AsyncCallback, object)"/>
    /// <param name="errorCode">Receives why it failed at once.</param>
    public IAsyncResult? BeginReceive(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags, out SocketError errorCode, AsyncCallback? callback, object? state) =>
        Begin(ReceiveAsync(buffers, socketFlags), out errorCode, callback, state);

    /// <inheritdoc cref="EndConnect"/>
    /// <returns>Bytes received.</returns>
    public int EndReceive(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <inheritdoc cref="EndReceive(IAsyncResult)"/>
    /// <param name="errorCode">Receives why it failed.</param>
    public int EndReceive(IAsyncResult asyncResult, out SocketError errorCode) => End(asyncResult, out errorCode);

    /// <summary>Begins to receive a datagram.</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="offset">Where to.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="remoteEP">An end point of the socket's family.</param>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginReceiveFrom(byte[] buffer, int offset, int size, SocketFlags socketFlags, ref EndPoint remoteEP, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReceiveFromAsync(CheckedMemory(buffer, offset, size), socketFlags, remoteEP).AsTask(), callback, state);

    /// <inheritdoc cref="EndReceive(IAsyncResult)"/>
    /// <param name="endPoint">Receives who sent it.</param>
    public int EndReceiveFrom(IAsyncResult asyncResult, ref EndPoint endPoint)
    {
        SocketReceiveFromResult result = TaskToAsyncResult.End<SocketReceiveFromResult>(asyncResult);
        endPoint = result.RemoteEndPoint;
        return result.ReceivedBytes;
    }

    /// <inheritdoc cref="BeginReceiveFrom"/>
    public IAsyncResult BeginReceiveMessageFrom(byte[] buffer, int offset, int size, SocketFlags socketFlags, ref EndPoint remoteEP, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReceiveMessageFromAsync(CheckedMemory(buffer, offset, size), socketFlags, remoteEP).AsTask(), callback, state);

    /// <inheritdoc cref="EndReceiveFrom"/>
    /// <param name="socketFlags">Receives whether it was cut.</param>
    /// <param name="ipPacketInformation">Receives where it was sent to.</param>
    public int EndReceiveMessageFrom(IAsyncResult asyncResult, ref SocketFlags socketFlags, ref EndPoint endPoint, out IPPacketInformation ipPacketInformation)
    {
        SocketReceiveMessageFromResult result = TaskToAsyncResult.End<SocketReceiveMessageFromResult>(asyncResult);
        (socketFlags, endPoint, ipPacketInformation) = (result.SocketFlags, result.RemoteEndPoint, result.PacketInformation);
        return result.ReceivedBytes;
    }

    /// <summary>Begins to take a connection.</summary>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginAccept(AsyncCallback? callback, object? state) => TaskToAsyncResult.Begin(AcceptAsync(), callback, state);

    /// <inheritdoc cref="EndConnect"/>
    /// <returns>The connection.</returns>
    public Socket EndAccept(IAsyncResult asyncResult) => TaskToAsyncResult.End<Socket>(asyncResult);

    private static IAsyncResult? Begin(Task<int> task, out SocketError errorCode, AsyncCallback? callback, object? state)
    {
        errorCode = ErrorOf(task);
        return errorCode == SocketError.Success ? TaskToAsyncResult.Begin(task, callback, state) : null;
    }

    private static int End(IAsyncResult asyncResult, out SocketError errorCode)
    {
        Task<int> task = TaskToAsyncResult.Unwrap<int>(asyncResult);
        ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        errorCode = ErrorOf(task);
        return errorCode == SocketError.Success ? task.GetAwaiter().GetResult() : 0;
    }

    private static SocketError ErrorOf(Task task) => task.IsFaulted && task.Exception.InnerException is SocketException e ? e.SocketErrorCode : SocketError.Success;
}

using System.Net;

namespace FpgaNet.Sockets;

/// <summary>The same calls as tasks, and by Begin and End.</summary>
public partial class Socket
{
    /// <inheritdoc cref="ReceiveAsync(Memory{byte}, CancellationToken)"/>
    public Task<int> ReceiveAsync(ArraySegment<byte> buffer) => ReceiveAsync(Checked(buffer).AsMemory(), SocketFlags.None, CancellationToken.None).AsTask();

    /// <inheritdoc cref="ReceiveAsync(Memory{byte}, SocketFlags, CancellationToken)"/>
    public Task<int> ReceiveAsync(ArraySegment<byte> buffer, SocketFlags socketFlags) => ReceiveAsync(Checked(buffer).AsMemory(), socketFlags, CancellationToken.None).AsTask();

    /// <summary>Receives into several runs, one after the other.</summary>
    /// <param name="buffers">The runs.</param>
    /// <returns>Bytes received; 0 at the end of a stream.</returns>
    public Task<int> ReceiveAsync(IList<ArraySegment<byte>> buffers) => ReceiveAsync(buffers, SocketFlags.None);

    /// <inheritdoc cref="ReceiveAsync(IList{ArraySegment{byte}})"/>
    /// <param name="socketFlags">How.</param>
    public Task<int> ReceiveAsync(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags)
    {
        _ = Kernel;
        Checked(buffers);
        return Run(_receives, Waiting.CallKind.Receive, buffers, socketFlags);
    }

    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public Task<int> SendAsync(ArraySegment<byte> buffer) => SendAsync(Checked(buffer).AsMemory(), SocketFlags.None, CancellationToken.None).AsTask();

    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, SocketFlags, CancellationToken)"/>
    public Task<int> SendAsync(ArraySegment<byte> buffer, SocketFlags socketFlags) => SendAsync(Checked(buffer).AsMemory(), socketFlags, CancellationToken.None).AsTask();

    /// <summary>Sends several runs of bytes as one.</summary>
    /// <param name="buffers">The runs.</param>
    /// <returns>Bytes taken.</returns>
    public Task<int> SendAsync(IList<ArraySegment<byte>> buffers) => SendAsync(buffers, SocketFlags.None);

    /// <inheritdoc cref="SendAsync(IList{ArraySegment{byte}})"/>
    /// <param name="socketFlags">How.</param>
    public Task<int> SendAsync(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags)
    {
        _ = Kernel;
        Checked(buffers);
        return Run(_sends, Waiting.CallKind.Send, buffers, socketFlags);
    }

    /// <inheritdoc cref="SendToAsync(ReadOnlyMemory{byte}, EndPoint, CancellationToken)"/>
    public Task<int> SendToAsync(ArraySegment<byte> buffer, EndPoint remoteEP) => SendToAsync(Checked(buffer).AsMemory(), SocketFlags.None, remoteEP).AsTask();

    /// <inheritdoc cref="SendToAsync(ReadOnlyMemory{byte}, SocketFlags, EndPoint, CancellationToken)"/>
    public Task<int> SendToAsync(ArraySegment<byte> buffer, SocketFlags socketFlags, EndPoint remoteEP) => SendToAsync(Checked(buffer).AsMemory(), socketFlags, remoteEP).AsTask();

    /// <inheritdoc cref="ReceiveFromAsync(Memory{byte}, EndPoint, CancellationToken)"/>
    public Task<SocketReceiveFromResult> ReceiveFromAsync(ArraySegment<byte> buffer, EndPoint remoteEndPoint) =>
        ReceiveFromAsync(Checked(buffer).AsMemory(), SocketFlags.None, remoteEndPoint).AsTask();

    /// <inheritdoc cref="ReceiveFromAsync(Memory{byte}, SocketFlags, EndPoint, CancellationToken)"/>
    public Task<SocketReceiveFromResult> ReceiveFromAsync(ArraySegment<byte> buffer, SocketFlags socketFlags, EndPoint remoteEndPoint) =>
        ReceiveFromAsync(Checked(buffer).AsMemory(), socketFlags, remoteEndPoint).AsTask();

    /// <inheritdoc cref="ReceiveMessageFromAsync(Memory{byte}, EndPoint, CancellationToken)"/>
    public Task<SocketReceiveMessageFromResult> ReceiveMessageFromAsync(ArraySegment<byte> buffer, EndPoint remoteEndPoint) =>
        ReceiveMessageFromAsync(Checked(buffer).AsMemory(), SocketFlags.None, remoteEndPoint).AsTask();

    /// <inheritdoc cref="ReceiveMessageFromAsync(Memory{byte}, SocketFlags, EndPoint, CancellationToken)"/>
    public Task<SocketReceiveMessageFromResult> ReceiveMessageFromAsync(ArraySegment<byte> buffer, SocketFlags socketFlags, EndPoint remoteEndPoint) =>
        ReceiveMessageFromAsync(Checked(buffer).AsMemory(), socketFlags, remoteEndPoint).AsTask();

    /// <inheritdoc cref="AcceptAsync(CancellationToken)"/>
    public Task<Socket> AcceptAsync() => AcceptAsync(acceptSocket: null, CancellationToken.None).AsTask();

    /// <inheritdoc cref="AcceptAsync(Socket, CancellationToken)"/>
    public Task<Socket> AcceptAsync(Socket? acceptSocket) => AcceptAsync(acceptSocket, CancellationToken.None).AsTask();

    /// <inheritdoc cref="ConnectAsync(EndPoint, CancellationToken)"/>
    public Task ConnectAsync(EndPoint remoteEP) => ConnectAsync(remoteEP, CancellationToken.None).AsTask();

    /// <inheritdoc cref="ConnectAsync(IPAddress, int, CancellationToken)"/>
    public Task ConnectAsync(IPAddress address, int port) => ConnectAsync(address, port, CancellationToken.None).AsTask();

    /// <inheritdoc cref="ConnectAsync(IPAddress[], int, CancellationToken)"/>
    public Task ConnectAsync(IPAddress[] addresses, int port) => ConnectAsync(addresses, port, CancellationToken.None).AsTask();

    /// <inheritdoc cref="ConnectAsync(string, int, CancellationToken)"/>
    public Task ConnectAsync(string host, int port) => ConnectAsync(host, port, CancellationToken.None).AsTask();

    private static ArraySegment<byte> Checked(ArraySegment<byte> buffer) => buffer.Array is not null ? buffer : throw new ArgumentNullException(nameof(buffer));

    private static Task<int> Run(Waiting.CallQueue queue, Waiting.CallKind kind, IList<ArraySegment<byte>> buffers, SocketFlags socketFlags)
    {
        Waiting.SocketCall call = queue.Rent(kind, CancellationToken.None);
        (call.Runs, call.Flags) = (buffers, socketFlags);
        return queue.Start(call).AsTask();
    }
}

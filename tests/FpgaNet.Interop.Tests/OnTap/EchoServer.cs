using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Interop.Tests.OnTap;

/// <summary>Sends back what comes, on our stack, until the peer half-closes.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly TcpListenerSocket _listener;
    private int _accepted;

    public EchoServer(TcpListenerSocket listener)
    {
        _listener = listener;
        _ = AcceptAsync();
    }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Waits until so many were accepted: Linux takes a connection to stand one segment earlier than we do.</summary>
    public async Task WaitForAsync(int count)
    {
        while (Accepted < count)
        {
            await Task.Delay(10);
        }
    }

    public static async Task ServeAsync(TcpSocket socket)
    {
        await using (socket)
        {
            byte[] buffer = new byte[8192];
            while (await socket.ReceiveAsync(buffer) is int count && count != 0)
            {
                await socket.SendAsync(buffer.AsMemory(0, count));
            }

            await socket.CloseAsync();
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpSocket socket = await _listener.AcceptAsync();
                Interlocked.Increment(ref _accepted);
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // the listener was closed: the test is over
        }
    }
}

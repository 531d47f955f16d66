using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>
/// A program as people write them for System.Net.Sockets: servers and clients of echo, by stream reader, by socket, by datagram, by Select. It knows nothing of this house. What it prints must not depend on
/// whose sockets it runs on.
/// </summary>
internal sealed class EchoProgram(IPAddress address, TextWriter output)
{
    public async Task RunAsync()
    {
        await LinesAsync();
        await ManyClientsAsync();
        Datagrams();
        await DatagramClientsAsync();
        SelectLoop();
        Errors();
    }

    // A server that accepts until it is cancelled, with a task for each client; the client reads and writes lines.
    private async Task LinesAsync()
    {
        using CancellationTokenSource stop = new();
        TcpListener listener = new(address, 0);
        listener.Start();
        Task serving = ServeAsync(listener, stop.Token);
        using (TcpClient client = new(address.AddressFamily))
        {
            await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
            client.NoDelay = true;
            await using NetworkStream stream = client.GetStream();
            using StreamReader reader = new(stream, Encoding.UTF8);
            await using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
            foreach (string line in (string[])["hello", "wörld", new string('x', 100_000)])
            {
                await writer.WriteLineAsync(line);
                string? answer = await reader.ReadLineAsync();
                output.WriteLine($"lines: {answer?.Length} {string.Equals(line, answer, StringComparison.Ordinal)}");
            }
        }

        await stop.CancelAsync();
        try
        {
            await serving;
        }
        catch (OperationCanceledException)
        {
            output.WriteLine("lines: the server was cancelled");
        }

        listener.Stop();
    }

    private static async Task ServeAsync(TcpListener listener, CancellationToken stop)
    {
        List<Task> clients = [];
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(stop);
                clients.Add(EchoAsync(client));
            }
        }
        finally
        {
            await Task.WhenAll(clients);
        }
    }

    private static async Task EchoAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            byte[] buffer = new byte[4096];
            int count;
            while ((count = await stream.ReadAsync(buffer)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }

    // Many clients at once, by socket.
    private async Task ManyClientsAsync()
    {
        using Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen(64);
        Task[] serving = [.. Enumerable.Range(0, 20).Select(async _ =>
        {
            using Socket server = await listener.AcceptAsync();
            byte[] buffer = new byte[512];
            int count;
            while ((count = await server.ReceiveAsync(buffer.AsMemory(), SocketFlags.None)) > 0)
            {
                await server.SendAsync(buffer.AsMemory(0, count), SocketFlags.None);
            }

            server.Shutdown(SocketShutdown.Both);
        })];
        int[] sums = await Task.WhenAll(Enumerable.Range(0, 20).Select(async number =>
        {
            using Socket client = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.LocalEndPoint!);
            byte[] sent = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * number))];
            Task sending = client.SendAsync(sent.AsMemory(), SocketFlags.None).AsTask();
            byte[] received = new byte[sent.Length];
            int count = 0;
            while (count < received.Length)
            {
                count += await client.ReceiveAsync(received.AsMemory(count));
            }

            await sending;
            client.Shutdown(SocketShutdown.Send);
            int end = await client.ReceiveAsync(received.AsMemory());
            return sent.AsSpan().SequenceEqual(received) ? received.Sum(b => b) + end : -1;
        }));
        await Task.WhenAll(serving);
        output.WriteLine($"many: {string.Join(' ', sums)}");
    }

    private void Datagrams()
    {
        using Socket server = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 30_000 };
        server.Bind(new IPEndPoint(address, 0));
        using Socket client = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 30_000 };
        for (int length = 0; length <= 1400; length += 700)
        {
            output.WriteLine($"datagram: sent {client.SendTo(new byte[length], server.LocalEndPoint!)}");
            EndPoint from = new IPEndPoint(address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            byte[] buffer = new byte[1000];
            int count = server.ReceiveFrom(buffer, ref from);
            output.WriteLine($"datagram: received {count} from {((IPEndPoint)from).Address.Equals(address)}, answered {server.SendTo(buffer.AsSpan(0, count), from)}");
            output.WriteLine($"datagram: echo {client.Receive(buffer)}");
        }
    }

    private async Task DatagramClientsAsync()
    {
        using UdpClient server = new(new IPEndPoint(address, 0));
        using UdpClient client = new(address.AddressFamily);
        client.Connect((IPEndPoint)server.Client.LocalEndPoint!);
        await client.SendAsync("ping"u8.ToArray());
        UdpReceiveResult received = await server.ReceiveAsync();
        output.WriteLine($"udp client: {Encoding.ASCII.GetString(received.Buffer)} {received.RemoteEndPoint.Equals(client.Client.LocalEndPoint)}");
        await server.SendAsync("pong"u8.ToArray(), received.RemoteEndPoint);
        output.WriteLine($"udp client: {Encoding.ASCII.GetString((await client.ReceiveAsync()).Buffer)}");
        using CancellationTokenSource stop = new();
        ValueTask<UdpReceiveResult> waiting = client.ReceiveAsync(stop.Token);
        await stop.CancelAsync();
        try
        {
            await waiting;
        }
        catch (OperationCanceledException)
        {
            output.WriteLine("udp client: cancelled");
        }
    }

    // The classic: one thread, many sockets.
    private void SelectLoop()
    {
        using Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen(5);
        Thread[] clients = [.. Enumerable.Range(1, 4).Select(number => new Thread(() =>
        {
            using Socket client = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(listener.LocalEndPoint!);
            byte[] bytes = new byte[number * 1000];
            client.Send(bytes);
            client.Shutdown(SocketShutdown.Send);
            while (client.Receive(bytes) > 0)
            {
            }
        }))];
        Array.ForEach(clients, client => client.Start());
        List<Socket> open = [];
        int accepted = 0;
        int total = 0;
        byte[] buffer = new byte[2048];
        while (accepted < clients.Length || open.Count > 0)
        {
            List<Socket> ready = [listener, .. open];
            Socket.Select(ready, null, null, -1);
            foreach (Socket socket in ready)
            {
                if (socket == listener)
                {
                    open.Add(listener.Accept());
                    accepted++;
                    continue;
                }

                int count = socket.Receive(buffer);
                total += count;
                if (count == 0)
                {
                    socket.Close();
                    open.Remove(socket);
                }
                else
                {
                    socket.Send(buffer, count, SocketFlags.None);
                }
            }
        }

        Array.ForEach(clients, client => client.Join());
        output.WriteLine($"select: {accepted} clients, {total} bytes");
    }

    private void Errors()
    {
        using TcpClient client = new(address.AddressFamily);
        int free;
        using (Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(address, 0));
            free = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        try
        {
            client.Connect(address, free);
        }
        catch (SocketException e)
        {
            output.WriteLine($"errors: {e.SocketErrorCode} {e.ErrorCode} {e.Message.Replace(new IPEndPoint(address, free).ToString(), "(the server)", StringComparison.Ordinal)}");
        }

        try
        {
            client.GetStream();
        }
        catch (InvalidOperationException)
        {
            output.WriteLine("errors: no stream");
        }

        client.Close();
        try
        {
            client.NoDelay = true;
        }
        catch (ObjectDisposedException)
        {
            output.WriteLine("errors: disposed");
        }
        catch (NullReferenceException)
        {
            output.WriteLine("errors: disposed");
        }
    }
}

using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Simulation;

/// <summary>One connection that carries as much as it can in one direction, checked byte by byte where it arrives.</summary>
public sealed class BulkFlow
{
    private readonly VirtualNetwork _network;
    private readonly long _length;
    private readonly ContentStream _content;

    /// <param name="network">The network.</param>
    /// <param name="from">Who connects and sends.</param>
    /// <param name="to">Who listens and receives.</param>
    /// <param name="port">The receiver's port.</param>
    /// <param name="length">Bytes to send; null: without end.</param>
    public BulkFlow(VirtualNetwork network, VirtualHost from, VirtualHost to, int port, long? length = null)
    {
        _network = network;
        _length = length ?? long.MaxValue;
        _content = new ContentStream((ulong)network.Seed + (ulong)port);
        Listener = to.Stack.Listen(new IPEndPoint(IPAddress.Any, port));
        Receiving = ReceiveAsync();
        Sending = SendAsync(from, new IPEndPoint(to.Address.ToIPAddress(), port));
    }

    public Task Sending { get; }

    public Task Receiving { get; }

    /// <summary>The sender's socket, once it is there.</summary>
    public TcpSocket? Sender { get; private set; }

    /// <summary>The receiver's socket, once it is there.</summary>
    public TcpSocket? Receiver { get; private set; }

    /// <summary>Bytes that the receiving application has.</summary>
    public long Received { get; private set; }

    /// <summary>When the last of them came.</summary>
    public TimeSpan LastReceivedAt { get; private set; }

    public bool IsDone => Sending.IsCompleted && Receiving.IsCompleted;

    private TcpListenerSocket Listener { get; }

    /// <summary>Ends it in the middle.</summary>
    public void Abort()
    {
        Listener.Dispose();
        Sender?.Abort();
        Receiver?.Abort();
    }

    private async Task SendAsync(VirtualHost from, IPEndPoint remote)
    {
        using TcpSocket socket = from.Stack.CreateTcpSocket();
        Sender = socket;
        await socket.ConnectAsync(remote);
        byte[] buffer = new byte[65536];
        for (long at = 0; at < _length;)
        {
            int part = (int)Math.Min(buffer.Length, _length - at);
            _content.Fill(at, buffer.AsSpan(0, part));
            await socket.SendAsync(buffer.AsMemory(0, part));
            at += part;
        }

        socket.Shutdown(SocketShutdown.Send);
        await socket.ReceiveAsync(buffer); // until the receiver has closed too
    }

    private async Task ReceiveAsync()
    {
        using TcpListenerSocket listener = Listener;
        using TcpSocket socket = await listener.AcceptAsync();
        Receiver = socket;
        byte[] buffer = new byte[65536];
        for (int count; (count = await socket.ReceiveAsync(buffer)) != 0;)
        {
            int wrong = _content.FirstDifference(Received, buffer.AsSpan(0, count));
            if (wrong >= 0)
            {
                _network.Fail($"byte {Received + wrong} of the stream is another");
            }

            Received += count;
            LastReceivedAt = _network.Time.Elapsed;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Simulation.Flows;

/// <summary>
/// Two applications that talk with each other over the network and check what they hear. They run as asynchronous methods on the one thread of the run;
/// random sizes and pauses come from the flow's own seed.
/// </summary>
public abstract class Flow
{
    private const int MostConnectAttempts = 20;

    private TimeSpan _progressAt;

    protected Flow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model)
    {
        Network = network;
        Client = client;
        Server = server;
        Model = model;
        Random = new Random(model.Seed);
        Up = new ContentStream((ulong)model.Seed * 2);
        Down = new ContentStream(((ulong)model.Seed * 2) + 1);
    }

    public FlowModel Model { get; }

    /// <summary>Done when both applications are.</summary>
    public Task Task { get; private set; } = Task.CompletedTask;

    /// <summary>When a byte or a connection last came through.</summary>
    public TimeSpan ProgressAt => _progressAt;

    /// <summary>How long nothing may come through.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromMinutes(5);

    /// <summary>What the client sends.</summary>
    protected ContentStream Up { get; }

    /// <summary>What the server sends.</summary>
    protected ContentStream Down { get; }

    protected VirtualNetwork Network { get; }

    protected VirtualHost Client { get; }

    protected VirtualHost Server { get; }

    protected Random Random { get; }

    /// <summary>Starts both applications.</summary>
    public void Start() => Task = RunAsync();

    public static Flow Create(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) => model.Kind switch
    {
        FlowKind.Bulk or FlowKind.SlowReader or FlowKind.Linger => new BulkUpFlow(network, client, server, model),
        FlowKind.BothWays => new BothWaysFlow(network, client, server, model),
        FlowKind.HalfClose => new HalfCloseFlow(network, client, server, model),
        FlowKind.RequestResponse => new RequestResponseFlow(network, client, server, model),
        FlowKind.ManyShort => new ManyShortFlow(network, client, server, model),
        FlowKind.Abort => new AbortFlow(network, client, server, model),
        FlowKind.Datagrams => new DatagramFlow(network, client, server, model),
        _ => new RefusedFlow(network, client, server, model),
    };

    public override string ToString() => $"{Model}: {(Task.IsCompleted ? "done" : $"last progress at {_progressAt.TotalSeconds:f6} s")}";

    protected abstract Task RunAsync();

    protected void Progress() => _progressAt = Network.Time.Elapsed;

    /// <summary>The server.</summary>
    protected IPEndPoint Remote => new(Model.IsIPv6 ? Server.Address6!.Value.ToIPAddress() : Server.Address.ToIPAddress(), Model.Port);

    /// <summary>Where the server listens: all its addresses.</summary>
    protected IPEndPoint Local => new(Model.IsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, Model.Port);

    protected TcpListenerSocket Listen() => Server.Stack.Listen(Local);

    /// <summary>Connects. Several ARP requests in a row may be lost where a fifth of all frames is, and a backlog may be full: that is no fault.</summary>
    protected async Task<TcpSocket> ConnectAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                TcpSocket socket = await Client.Stack.ConnectAsync(Remote);
                socket.NoDelay = Model.NoDelay;
                Progress();
                return socket;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.HostUnreachable && attempt < MostConnectAttempts)
            {
                await Network.Sleep(TimeSpan.FromSeconds(1));
            }
        }
    }

    protected async Task<TcpSocket> AcceptAsync(TcpListenerSocket listener)
    {
        TcpSocket socket = await listener.AcceptAsync();
        socket.NoDelay = Model.NoDelay;
        Progress();
        return socket;
    }

    /// <summary>Sends a part of a stream in pieces of random size, with pauses.</summary>
    protected async Task SendAsync(TcpSocket socket, ContentStream content, long position, long length)
    {
        byte[] buffer = new byte[Math.Min(Model.LargestWrite, Math.Max(length, 1))];
        for (long end = position + length; position < end;)
        {
            int part = (int)Math.Min(RandomSize(buffer.Length), end - position);
            content.Fill(position, buffer.AsSpan(0, part));
            await socket.SendAsync(buffer.AsMemory(0, part));
            position += part;
            Progress();
            await PauseAsync();
        }
    }

    /// <summary>Receives up to <paramref name="length"/> bytes, or to the end of the stream, in pieces of random size, and checks each byte.</summary>
    /// <returns>The bytes received.</returns>
    protected async Task<long> ReceiveAsync(TcpSocket socket, ContentStream content, long position, long length, bool slowly = false)
    {
        byte[] buffer = new byte[Math.Clamp(Model.LargestWrite, 1, 65536)];
        long received = 0;
        while (received < length)
        {
            if (slowly)
            {
                await Network.Sleep(TimeSpan.FromMilliseconds(Random.Next(1, 300)));
            }

            int most = (int)Math.Min(RandomSize(buffer.Length), length - received);
            int count = await socket.ReceiveAsync(buffer.AsMemory(0, most));
            if (count == 0)
            {
                break;
            }

            int wrong = content.FirstDifference(position + received, buffer.AsSpan(0, count));
            Check(wrong < 0, $"byte {position + received + wrong} is not what was sent");
            received += count;
            Progress();
            await PauseAsync();
        }

        return received;
    }

    /// <summary>Receives exactly what was sent, and then the end of the stream.</summary>
    protected async Task ReceiveAllAsync(TcpSocket socket, ContentStream content, long length, bool slowly = false)
    {
        long received = await ReceiveAsync(socket, content, 0, long.MaxValue, slowly);
        Check(received == length, $"{received} bytes came of {length}");
    }

    protected void Check(bool condition, string what)
    {
        if (!condition)
        {
            Network.Fail($"{Model}: {what}");
        }
    }

    private Task PauseAsync() => Random.NextDouble() < Model.PauseProbability
        ? Network.Sleep(TimeSpan.FromMicroseconds(Random.Next(500_000)))
        : Task.CompletedTask;

    // As many small as large ones: the exponent is drawn.
    private int RandomSize(int largest) => Math.Max((int)Math.Exp(Random.NextDouble() * Math.Log(largest + 1.0)), 1);
}

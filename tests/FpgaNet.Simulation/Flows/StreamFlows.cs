using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Simulation.Flows;

/// <summary>One connection; each kind says what its ends do.</summary>
public abstract class ConnectionFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : Flow(network, client, server, model)
{
    protected override Task RunAsync()
    {
        TcpListenerSocket listener = Listen();
        return Task.WhenAll(RunServerAsync(listener), RunClientAsync());
    }

    protected abstract Task ServeAsync(TcpSocket socket);

    protected abstract Task AskAsync(TcpSocket socket);

    /// <summary>The one connection; null when it ended before it was there.</summary>
    protected virtual async Task<TcpSocket?> AcceptOneAsync(TcpListenerSocket listener) => await AcceptAsync(listener);

    private async Task RunServerAsync(TcpListenerSocket listener)
    {
        using (listener)
        {
            using TcpSocket? socket = await AcceptOneAsync(listener);
            if (socket is not null)
            {
                await ServeAsync(socket);
            }
        }
    }

    private async Task RunClientAsync()
    {
        await Network.Sleep(Model.StartsAt);
        using TcpSocket socket = await ConnectAsync();
        await AskAsync(socket);
    }
}

/// <summary><see cref="FlowKind.Bulk"/>, <see cref="FlowKind.SlowReader"/> and <see cref="FlowKind.Linger"/>.</summary>
public sealed class BulkUpFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : ConnectionFlow(network, client, server, model)
{
    protected override async Task ServeAsync(TcpSocket socket)
    {
        if (Model.Kind == FlowKind.SlowReader)
        {
            await Network.Sleep(TimeSpan.FromMilliseconds(Random.Next(10_000)));
        }

        await ReceiveAllAsync(socket, Up, Model.Up, Model.Kind == FlowKind.SlowReader);
    }

    protected override async Task AskAsync(TcpSocket socket)
    {
        await SendAsync(socket, Up, 0, Model.Up);
        if (Model.Kind == FlowKind.Linger)
        {
            await socket.CloseAsync(); // otherwise it closes in the background: all that was sent still arrives, as the server checks
        }
    }
}

/// <summary><see cref="FlowKind.BothWays"/>.</summary>
public sealed class BothWaysFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : ConnectionFlow(network, client, server, model)
{
    protected override Task ServeAsync(TcpSocket socket) => TalkAsync(socket, Down, Model.Down, Up, Model.Up);

    protected override Task AskAsync(TcpSocket socket) => TalkAsync(socket, Up, Model.Up, Down, Model.Down);

    private async Task TalkAsync(TcpSocket socket, ContentStream ours, long length, ContentStream theirs, long expected)
    {
        Task receiving = ReceiveAllAsync(socket, theirs, expected);
        await SendAsync(socket, ours, 0, length);
        socket.Shutdown(SocketShutdown.Send);
        await receiving;
    }
}

/// <summary><see cref="FlowKind.HalfClose"/>.</summary>
public sealed class HalfCloseFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : ConnectionFlow(network, client, server, model)
{
    protected override async Task ServeAsync(TcpSocket socket)
    {
        await ReceiveAllAsync(socket, Up, Model.Up);
        await SendAsync(socket, Down, 0, Model.Down);
    }

    protected override async Task AskAsync(TcpSocket socket)
    {
        await SendAsync(socket, Up, 0, Model.Up);
        socket.Shutdown(SocketShutdown.Send);
        await ReceiveAllAsync(socket, Down, Model.Down);
    }
}

/// <summary><see cref="FlowKind.RequestResponse"/>.</summary>
public sealed class RequestResponseFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model)
    : ConnectionFlow(network, client, server, model)
{
    protected override async Task ServeAsync(TcpSocket socket)
    {
        for (int i = 0; i < Model.Rounds; i++)
        {
            Check(await ReceiveAsync(socket, Up, i * Model.Up, Model.Up) == Model.Up, $"request {i} ended early");
            await SendAsync(socket, Down, i * Model.Down, Model.Down);
        }

        Check(await ReceiveAsync(socket, Up, Model.Rounds * Model.Up, 1) == 0, "more came than was asked");
    }

    protected override async Task AskAsync(TcpSocket socket)
    {
        for (int i = 0; i < Model.Rounds; i++)
        {
            await SendAsync(socket, Up, i * Model.Up, Model.Up);
            Check(await ReceiveAsync(socket, Down, i * Model.Down, Model.Down) == Model.Down, $"answer {i} ended early");
        }
    }
}

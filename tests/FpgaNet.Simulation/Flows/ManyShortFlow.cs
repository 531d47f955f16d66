using FpgaNet.Stack.Sockets;

namespace FpgaNet.Simulation.Flows;

/// <summary><see cref="FlowKind.ManyShort"/>: some connections at a time, each with a request, an answer, and an end that now one side and now the other begins.</summary>
public sealed class ManyShortFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : Flow(network, client, server, model)
{
    private const int AtOnce = 6;

    private int _started;

    protected override async Task RunAsync()
    {
        using TcpListenerSocket listener = Listen();
        List<Task> all = [];
        Task accepting = AcceptAllAsync(listener, all);
        await Network.Sleep(Model.StartsAt);
        await Task.WhenAll([.. Enumerable.Range(0, AtOnce).Select(_ => AskAllAsync())]);
        await accepting;
        await Task.WhenAll(all);
    }

    private async Task AcceptAllAsync(TcpListenerSocket listener, List<Task> all)
    {
        for (int i = 0; i < Model.Rounds; i++)
        {
            all.Add(ServeAsync(await AcceptAsync(listener)));
        }
    }

    private async Task ServeAsync(TcpSocket accepted)
    {
        using TcpSocket socket = accepted;
        Check(await ReceiveAsync(socket, Up, 0, Model.Up) == Model.Up, "a request ended early");
        await SendAsync(socket, Down, 0, Model.Down);
        if (Random.Next(2) == 0)
        {
            await ReceiveAsync(socket, Up, Model.Up, 1); // the client closes first, and keeps TIME-WAIT
        }
    }

    private async Task AskAllAsync()
    {
        while (_started < Model.Rounds)
        {
            _started++;
            using TcpSocket socket = await ConnectAsync();
            await SendAsync(socket, Up, 0, Model.Up);
            Check(await ReceiveAsync(socket, Down, 0, Model.Down) == Model.Down, "an answer ended early");
        }
    }
}

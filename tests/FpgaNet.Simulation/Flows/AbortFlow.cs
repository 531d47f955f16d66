using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Simulation.Flows;

/// <summary>
/// <see cref="FlowKind.Abort"/>: both send; one side resets the connection in the middle. What the other has received is the beginning of what was sent, and it learns
/// of the end — or, when the reset is lost and it only listens, gives up by itself.
/// </summary>
public sealed class AbortFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : ConnectionFlow(network, client, server, model)
{
    private static readonly TimeSpan s_giveUp = TimeSpan.FromMinutes(10);

    private readonly bool _clientAborts = model.Seed % 2 == 0;
    private bool _aborted;

    public override TimeSpan Patience => s_giveUp + base.Patience;

    protected override async Task<TcpSocket?> AcceptOneAsync(TcpListenerSocket listener)
    {
        Network.After(s_giveUp, listener.Dispose);
        try
        {
            return await AcceptAsync(listener);
        }
        catch (SocketException e) when (_aborted && e.SocketErrorCode == SocketError.OperationAborted)
        {
            return null; // reset before the handshake was complete
        }
    }

    protected override Task ServeAsync(TcpSocket socket) => TalkAsync(socket, Down, Model.Down, Up, Model.Up, !_clientAborts);

    protected override Task AskAsync(TcpSocket socket) => TalkAsync(socket, Up, Model.Up, Down, Model.Down, _clientAborts);

    private async Task TalkAsync(TcpSocket socket, ContentStream ours, long length, ContentStream theirs, long expected, bool aborts)
    {
        if (aborts)
        {
            Network.After(TimeSpan.FromMicroseconds(Random.Next(3_000_000)), () =>
            {
                _aborted = true;
                socket.Abort();
            });
        }

        Network.After(s_giveUp, socket.Abort);
        Task receiving = Expect(ReceiveWhatComesAsync(socket, theirs, expected));
        await Expect(SendAsync(socket, ours, 0, length));
        await receiving;
    }

    private async Task ReceiveWhatComesAsync(TcpSocket socket, ContentStream content, long expected)
    {
        long received = await ReceiveAsync(socket, content, 0, long.MaxValue);
        Check(received == expected || _aborted, "the stream ended early, and nobody had aborted it");
    }

    // Once somebody has aborted, every call may say so.
    private async Task Expect(Task task)
    {
        try
        {
            await task;
        }
        catch (SocketException e) when (_aborted)
        {
            Check(
                e.SocketErrorCode is SocketError.OperationAborted or SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.TimedOut
                    or SocketError.HostUnreachable,
                $"an aborted connection says {e.SocketErrorCode}");
            Progress();
        }
    }
}

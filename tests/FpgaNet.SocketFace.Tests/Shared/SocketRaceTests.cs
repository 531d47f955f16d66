using System.Net.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Cancelling, disposing and shutting down while calls wait, by seed: every call ends, and with a result that the manual knows.</summary>
[TestClass]
public sealed class SocketRaceTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task Calls_that_are_cancelled_at_random_lose_no_byte()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        Random random = TestSeed.Random();
        const int Total = 3000;
        Task sending = Task.Run(async () =>
        {
            byte[] one = new byte[1];
            for (int i = 0; i < Total; i++)
            {
                one[0] = (byte)i;
                await connection.Server.SendAsync(one.AsMemory());
            }
        });
        byte[] buffer = new byte[64];
        int received = 0;
        while (received < Total)
        {
            using CancellationTokenSource stop = new();
            Task<int> receiving = connection.Client.ReceiveAsync(buffer.AsMemory(0, random.Next(1, 64)), stop.Token).AsTask();
            Task cancelling = random.Next(3) == 0 ? Task.Run(stop.Cancel) : Task.CompletedTask;
            try
            {
                int count = await receiving.WaitAsync(s_patience);
                for (int i = 0; i < count; i++)
                {
                    Assert.AreEqual((byte)received++, buffer[i]);
                }
            }
            catch (OperationCanceledException)
            {
                Assert.IsTrue(stop.IsCancellationRequested);
            }

            await cancelling;
        }

        await sending.WaitAsync(s_patience);
    }

    [TestMethod]
    public async Task Every_call_ends_when_sockets_are_closed_at_random()
    {
        using Rig rig = new();
        Random random = TestSeed.Random();
        for (int round = 0; round < 60; round++)
        {
            using Connection connection = new(rig);
            using CancellationTokenSource stop = new();
            List<Task> calls = [];
            for (int i = 0; i < 20; i++)
            {
                CancellationToken token = random.Next(2) == 0 ? stop.Token : CancellationToken.None;
                Socket socket = random.Next(2) == 0 ? connection.Client : connection.Server;
                calls.Add(random.Next(3) switch
                {
                    0 => Start(() => socket.SendAsync(new byte[50_000].AsMemory(), token).AsTask()),
                    1 => Start(() => connection.Listener.AcceptAsync(token).AsTask()),
                    _ => Start(() => socket.ReceiveAsync(new byte[1000].AsMemory(), token).AsTask()),
                });
                switch (random.Next(12))
                {
                    case 0:
                        calls.Add(Task.Run(connection.Client.Dispose));
                        break;
                    case 1:
                        calls.Add(Task.Run(connection.Server.Dispose));
                        break;
                    case 2:
                        calls.Add(Start(() => Task.Run(() => connection.Client.Shutdown(SocketShutdown.Both))));
                        break;
                    case 3:
                        calls.Add(Task.Run(stop.Cancel));
                        break;
                    case 4:
                        calls.Add(Task.Run(connection.Listener.Dispose));
                        break;
                }
            }

            connection.Dispose();
            await Task.WhenAll(calls).WaitAsync(s_patience);
        }
    }

    [TestMethod]
    public async Task Many_connections_at_once_each_get_their_own_bytes()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        const int Connections = 40;
        Task serving = Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using Socket server = await connection.Listener.AcceptAsync();
            byte[] buffer = new byte[3000];
            int count;
            while ((count = await server.ReceiveAsync(buffer.AsMemory())) > 0)
            {
                await server.SendAsync(buffer.AsMemory(0, count));
            }
        }));
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async number =>
        {
            using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(connection.Listener.LocalEndPoint!);
            byte[] sent = Enumerable.Repeat((byte)number, 2000).ToArray();
            byte[] received = new byte[sent.Length];
            for (int round = 0; round < 10; round++)
            {
                await client.SendAsync(sent.AsMemory());
                for (int count = 0; count < received.Length;)
                {
                    count += await client.ReceiveAsync(received.AsMemory(count));
                }

                CollectionAssert.AreEqual(sent, received);
            }

            client.Shutdown(SocketShutdown.Send);
        })).WaitAsync(s_patience);
        await serving.WaitAsync(s_patience);
    }

    // What a call may end with while its socket is closed, shut, reset or its token cancelled; anything else fails the test.
    private static async Task Start(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // Expected.
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted or SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected
            or SocketError.ConnectionAborted or SocketError.InvalidArgument)
        {
            // Expected too.
        }
    }
}

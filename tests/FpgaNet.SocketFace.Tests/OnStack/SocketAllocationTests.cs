using System.Net;
using FpgaNet.Sockets;

namespace FpgaNet.SocketFace.Tests.OnStack;

/// <summary>In steady state no call allocates, whether it waits or not, on whichever thread.</summary>
[TestClass]
public sealed class SocketAllocationTests
{
    private const int Rounds = 1000;

    [TestMethod]
    [DataRow(64)]
    [DataRow(65536)]
    public void Echo_by_tasks_allocates_nothing(int length) => AssertNothingIsAllocated(length == 64 ? Rounds : Rounds / 10, (connection, rounds) =>
    {
        // Each side's loop is one task; of its awaits most wait, and the thread pool goes on with them.
        byte[] sent = new byte[length];
        byte[] received = new byte[length];
        byte[] echoed = new byte[length];
        Task serving = EchoAsync(connection.Server, echoed, rounds);
        AskAsync(connection.Client, sent, received, rounds).Wait(TimeSpan.FromSeconds(30));
        serving.Wait(TimeSpan.FromSeconds(30));
    });

    [TestMethod]
    public void Datagrams_by_tasks_allocate_nothing()
    {
        using Rig rig = new();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0));
        using IDisposable atServer = rig.AtServer();
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(rig.Address, 0));
        SocketAddress to = server.LocalEndPoint!.Serialize();
        SocketAddress from = new(AddressFamily.InterNetwork);
        SocketAddress answerer = new(AddressFamily.InterNetwork);
        byte[] buffer = new byte[64];
        byte[] echoed = new byte[64];
        AssertNothingIsAllocated(Rounds, rounds =>
        {
            Task serving = AnswerAsync(server, echoed, from, rounds);
            CallAsync(client, buffer, to, answerer, rounds).Wait(TimeSpan.FromSeconds(30));
            serving.Wait(TimeSpan.FromSeconds(30));
        });
    }

    [TestMethod]
    public void Echo_by_threads_allocates_nothing() => AssertNothingIsAllocated(Rounds, (connection, rounds) =>
    {
        byte[] buffer = new byte[64];
        byte[] echoed = new byte[64];
        Thread serving = new(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                connection.Server.Send(echoed.AsSpan(0, connection.Server.Receive(echoed.AsSpan())));
            }
        });
        serving.Start();
        for (int i = 0; i < rounds; i++)
        {
            connection.Client.Send(buffer.AsSpan());
            connection.Client.Receive(buffer.AsSpan());
        }

        Assert.IsTrue(serving.Join(TimeSpan.FromSeconds(30)));
    });

    [TestMethod]
    public void Saying_WouldBlock_allocates_nothing() => AssertNothingIsAllocated(Rounds, (connection, rounds) =>
    {
        connection.Client.Blocking = false;
        Span<byte> buffer = stackalloc byte[1];
        for (int i = 0; i < rounds; i++)
        {
            connection.Client.Receive(buffer, SocketFlags.None, out SocketError error);
            Assert.IsTrue(error == SocketError.WouldBlock);
        }
    });

    private static void AssertNothingIsAllocated(int rounds, Action<Connection, int> action)
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        AssertNothingIsAllocated(rounds, count => action(connection, count));
    }

    // Setting up a run allocates the same whatever its length; first-tier code boxes, and the thread pool's queues grow: so the best of several runs counts.
    private static void AssertNothingIsAllocated(int rounds, Action<int> action)
    {
        double least = double.MaxValue;
        for (int attempt = 0; attempt < 30 && least > 1; attempt++)
        {
            long few = Allocated(() => action(rounds / 10));
            long many = Allocated(() => action(rounds));
            least = Math.Min(least, (many - few) / (rounds * 0.9));
        }

        Assert.IsLessThan(1, least, "bytes a round");
    }

    private static long Allocated(Action action)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task AskAsync(Socket socket, byte[] sent, byte[] received, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            await socket.SendAsync(sent.AsMemory(), SocketFlags.None);
            for (int count = 0; count < received.Length;)
            {
                count += await socket.ReceiveAsync(received.AsMemory(count), SocketFlags.None);
            }
        }
    }

    private static async Task EchoAsync(Socket socket, byte[] buffer, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            for (int count = 0; count < buffer.Length;)
            {
                count += await socket.ReceiveAsync(buffer.AsMemory(count), SocketFlags.None);
            }

            await socket.SendAsync(buffer.AsMemory(), SocketFlags.None);
        }
    }

    private static async Task CallAsync(Socket socket, byte[] buffer, SocketAddress to, SocketAddress from, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            ValueTask<int> answer = socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, from);
            await socket.SendToAsync(buffer.AsMemory(), SocketFlags.None, to);
            await answer;
        }
    }

    private static async Task AnswerAsync(Socket socket, byte[] buffer, SocketAddress from, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            int count = await socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, from);
            await socket.SendToAsync(buffer.AsMemory(0, count), SocketFlags.None, from);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Tcp.Congestion;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>Streams both ways over a bad network, in virtual time: byte-exact, in bounded time, without a lost buffer.</summary>
[TestClass]
public sealed class LossTests
{
    [TestMethod]
    [DataRow(0.0, 6)]
    [DataRow(0.01, 10)]
    [DataRow(0.05, 10)]
    [DataRow(0.2, 6)]
    public void Streams_are_exact_whatever_the_network_does(double loss, int runs)
    {
        int first = TestSeed.Take();
        for (int i = 0; i < runs; i++)
        {
            Exchange(unchecked(first + i), loss);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Known_seeds_with_one_percent_loss_stay_exact(int seed) => Exchange(seed, 0.01);

    private static void Exchange(int seed, double loss)
    {
        Random random = new(seed);
        LinkModel model = new()
        {
            Loss = loss,
            Reorder = loss == 0 ? random.Next(2) * 0.1 : 0.05,
            Duplicate = 0.01,
            Corrupt = 0.005,
            Delay = TimeSpan.FromMilliseconds(random.Next(1, 30)),
            BitsPerSecond = 10_000_000L << random.Next(6),
            QueueFrames = random.Next(20, 200),
        };
        TcpSettings settings = VirtualNetwork.SmallPools with
        {
            Timestamps = random.Next(4) != 0,
            SelectiveAcknowledgements = random.Next(3) != 0,
            WindowScaling = random.Next(4) != 0,
            ReceiveBufferSize = random.Next(3) == 0 ? null : 16 << (10 + random.Next(5)),
            SendBufferSize = random.Next(3) == 0 ? null : 256 << 10,
            Retries = 40,
            SynRetries = 30,
            TimeWait = TimeSpan.FromSeconds(5),
            MaximumRetransmissionTimeout = TimeSpan.FromSeconds(5),
        };
        int control = random.Next(4);
        settings = settings with
        {
            Pacing = random.Next(3) == 0,
            CongestionControl = control switch
            {
                0 => static () => new NewReno(),
                1 => static () => new Bbr(),
                _ => static () => new Cubic(),
            },
        };
        using VirtualNetwork network = new(seed, model);
        NetworkStack a = network.AddHost(settings, segments: random.Next(2) == 0, inSoftware: random.Next(2) == 0);
        NetworkStack b = network.AddHost(settings, segments: random.Next(2) == 0, inSoftware: random.Next(2) == 0);
        byte[] up = new byte[random.Next(1, loss > 0.1 ? 60_000 : 400_000)];
        byte[] down = new byte[random.Next(1, loss > 0.1 ? 60_000 : 400_000)];
        random.NextBytes(up);
        random.NextBytes(down);

        using TcpListenerSocket listener = b.Listen(new IPEndPoint(IPAddress.Any, 80));
        Task<byte[]> server = Serve(listener, down, random.Next());
        Task<byte[]> client = Fetch(a, up, random.Next());
        network.RunUntil(() => (server.IsCompleted && client.IsCompleted) || server.IsFaulted || client.IsFaulted, TimeSpan.FromMinutes(30));
        Assert.IsTrue(client.IsCompletedSuccessfully, $"seed {seed}: {client.Exception}");
        Assert.IsTrue(server.IsCompletedSuccessfully, $"seed {seed}: {server.Exception}");
        Assert.IsTrue(down.AsSpan().SequenceEqual(client.Result), $"seed {seed}: the client got other bytes");
        Assert.IsTrue(up.AsSpan().SequenceEqual(server.Result), $"seed {seed}: the server got other bytes");

        // Once TIME-WAIT is over nothing is left.
        network.IsFaulty = false;
        network.RunUntil(() => a.Tcp.ConnectionCount == 0 && b.Tcp.ConnectionCount == 0, TimeSpan.FromMinutes(10));
        if (loss == 0 && model.Reorder == 0)
        {
            Assert.IsLessThan(20ul, a.Counters[StackCounter.TcpTimeouts] + b.Counters[StackCounter.TcpTimeouts], $"seed {seed}: timeouts without loss");
        }
    }

    private static async Task<byte[]> Serve(TcpListenerSocket listener, byte[] answer, int seed)
    {
        using TcpSocket socket = await listener.AcceptAsync();
        return await Talk(socket, answer, seed);
    }

    private static async Task<byte[]> Fetch(NetworkStack stack, byte[] request, int seed)
    {
        using TcpSocket socket = await Connect(stack);
        return await Talk(socket, request, seed);
    }

    // Three ARP requests in a row are lost now and then where a fifth of all frames is: that is no fault.
    private static async Task<TcpSocket> Connect(NetworkStack stack)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await stack.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 80));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.HostUnreachable && attempt < 10)
            {
                continue;
            }
        }
    }

    private static async Task<byte[]> Talk(TcpSocket socket, byte[] bytes, int seed)
    {
        Task<byte[]> receiving = ReceiveAll(socket, new Random(seed));
        Random random = new(seed + 1);
        for (int at = 0; at < bytes.Length;)
        {
            int part = Math.Min(random.Next(1, 30_000), bytes.Length - at);
            await socket.SendAsync(bytes.AsMemory(at, part));
            at += part;
        }

        socket.Shutdown(SocketShutdown.Send);
        return await receiving;
    }

    private static async Task<byte[]> ReceiveAll(TcpSocket socket, Random random)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[20_000];
        while (true)
        {
            int count = await socket.ReceiveAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)));
            if (count == 0)
            {
                return all.ToArray();
            }

            all.Write(buffer, 0, count);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Dns;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>Hosts of several stacks, one for each queue of a device.</summary>
[TestClass]
public sealed class ShardedStackTests
{
    private const int Queues = 4;
    private static readonly IPEndPoint s_server = new(IPAddress.Parse("192.0.2.2"), 80);
    private static readonly IPEndPoint s_server6 = new(IPAddress.Parse("2001:db8::2"), 80);

    [TestMethod]
    public void A_thousand_connections_between_four_shards_each_stay_with_the_queue_they_belong_to()
    {
        using MultiQueuePair pair = new(new FlowSteering(Queues), new FlowSteering(Queues));
        using ShardedStack client = Make(pair.A, 1);
        using ShardedStack server = Make(pair.B, 2);
        int[] accepted = Echo(client, server, 1000);
        Assert.AreEqual(1000, accepted.Sum());
        foreach (int count in accepted)
        {
            Assert.IsGreaterThan(100, count, "receive side scaling spreads them");
        }

        foreach (ShardQueue queue in client.Queues.Concat(server.Queues))
        {
            Assert.AreEqual(0UL, queue.HandedOver, "every segment arrived at its own shard");
        }

        foreach (NetworkStack shard in client.Shards.Concat(server.Shards))
        {
            Assert.AreEqual(0UL, shard.Counters[StackCounter.TcpResetsSent]);
        }
    }

    [TestMethod]
    public void What_a_device_steers_by_another_rule_is_handed_over()
    {
        byte[] key = new byte[ToeplitzHash.KeyLength];
        new Random(1).NextBytes(key);
        using MultiQueuePair pair = new(new FlowSteering(Queues, key), new FlowSteering(Queues, key));
        using ShardedStack client = Make(pair.A, 1);
        using ShardedStack server = Make(pair.B, 2);
        Assert.AreEqual(100, Echo(client, server, 100).Sum());
        Assert.IsGreaterThan(100UL, server.Queues.Aggregate(0UL, static (sum, q) => sum + q.HandedOver));
    }

    [TestMethod]
    public void A_single_stack_reaches_all_shards_and_their_datagrams_reach_it()
    {
        using MultiQueuePair pair = new(new FlowSteering(1), new FlowSteering(Queues));
        using SoftwareOffload device = new(pair.A[0]);
        using NetworkStack client = new(device, Options(1));
        using ShardedStack server = Make(pair.B, 2);
        Task<int>[] exchanges = new Task<int>[8];
        for (int i = 0; i < exchanges.Length; i++)
        {
            exchanges[i] = Exchange(client, server.OpenUdp(new IPEndPoint(IPAddress.Any, 5000 + i)), 5000 + i);
        }

        Run(Task.WhenAll(exchanges), [client, .. server.Shards]);
        Assert.AreEqual(Enumerable.Range(5000, 8).Sum(), exchanges.Sum(static e => e.Result));
    }

    [TestMethod]
    public void The_resolver_of_every_shard_hears_the_answers_to_its_questions()
    {
        using MultiQueuePair pair = new(new FlowSteering(Queues), new FlowSteering(1));
        using ShardedStack client = Make(pair.A, 1);
        using SoftwareOffload device = new(pair.B[0]);
        using NetworkStack server = new(device, Options(2));
        using ScriptedNameServer names = new(server);
        names.Add("www.example.org", "A 192.0.2.80");
        foreach (NetworkStack shard in client.Shards)
        {
            using DnsResolver resolver = shard.CreateResolver(new DnsSettings { Servers = [names.EndPoint] });
            Task<IReadOnlyList<IPAddress>> asking = resolver.ResolveAsync("www.example.org");
            Run(asking, [.. client.Shards, server]);
            Assert.AreEqual("192.0.2.80", asking.Result.Single().ToString());
        }

        Assert.HasCount(2 * Queues, names.Questions, "A and AAAA, and none asked twice");
    }

    [TestMethod]
    public void Shards_with_threads_of_their_own_serve_streams_byte_by_byte()
    {
        using MultiQueuePair pair = new(new FlowSteering(Queues), new FlowSteering(Queues));
        using ShardedStack client = Make(pair.A, 1);
        using ShardedStack server = Make(pair.B, 2);
        StackThread[] threads = [.. client.Shards.Concat(server.Shards).Select(static s => new StackThread(s))];
        try
        {
            int[] accepted = new int[Queues];
            IReadOnlyList<TcpListenerSocket> listeners = server.Listen(new IPEndPoint(IPAddress.Any, s_server.Port));
            for (int i = 0; i < Queues; i++)
            {
                _ = Serve(listeners[i], accepted, i);
            }

            Task all = Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Talk(client, s_server, i, 200_000))));
            Assert.IsTrue(all.Wait(TimeSpan.FromSeconds(60)), "stuck");
            foreach (TcpListenerSocket listener in listeners)
            {
                listener.Dispose();
            }
        }
        finally
        {
            Array.ForEach(threads, static thread => thread.Dispose());
        }
    }

    [TestMethod]
    public void Linux_reaches_all_shards_over_a_TAP_with_as_many_queues()
    {
        Skip.UnlessNetworkNamespaces();
        using NetworkNamespace network = new();
        IReadOnlyList<TapDevice> queues = network.Inside(static () => TapDevice.OpenQueues(new TapOptions { Name = "tap0" }, Queues));
        network.Ip("addr", "add", "192.0.2.1/24", "dev", "tap0");
        network.Ip("link", "set", "tap0", "up");
        using ShardedStack server = new([.. queues.Select(static q => new SoftwareOffload(q))], Options(2) with { IPv6Address = null, InlineCompletions = false });
        StackThread[] threads = [.. server.Shards.Select(static s => new StackThread(s))];
        int[] accepted = new int[Queues];
        IReadOnlyList<TcpListenerSocket> listeners = server.Listen(new IPEndPoint(IPAddress.Any, s_server.Port));
        for (int i = 0; i < Queues; i++)
        {
            _ = Serve(listeners[i], accepted, i);
        }

        for (int i = 0; i < 40; i++)
        {
            using Socket socket = network.Inside(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            socket.SendTimeout = socket.ReceiveTimeout = 20_000;
            socket.Connect(s_server);
            byte[] sent = new byte[100_000];
            new Random(i).NextBytes(sent);
            Task sending = Task.Run(() => socket.Send(sent));
            byte[] received = new byte[sent.Length];
            for (int at = 0; at < received.Length;)
            {
                int count = socket.Receive(received.AsSpan(at));
                Assert.AreNotEqual(0, count);
                at += count;
            }

            Assert.IsTrue(sending.Wait(TimeSpan.FromSeconds(20)));
            Assert.IsTrue(sent.AsSpan().SequenceEqual(received), "every byte");
        }

        Assert.AreEqual(40, accepted.Sum());
        Assert.IsGreaterThan(1, accepted.Count(static n => n != 0));
        foreach (TcpListenerSocket listener in listeners)
        {
            listener.Dispose();
        }

        Array.ForEach(threads, static thread => thread.Dispose());
    }

    // Echoes through every connection; how many each shard of the server accepted.
    private static int[] Echo(ShardedStack client, ShardedStack server, int connections)
    {
        int[] accepted = new int[Queues];
        IReadOnlyList<TcpListenerSocket> listeners = server.Listen(new IPEndPoint(IPAddress.IPv6Any, s_server.Port), connections);
        for (int i = 0; i < Queues; i++)
        {
            _ = Serve(listeners[i], accepted, i);
        }

        Task talks = Task.WhenAll(Enumerable.Range(0, connections).Select(i => Talk(client, i % 2 == 0 ? s_server : s_server6, i, 3000)));
        Run(talks, [.. client.Shards, .. server.Shards]);
        foreach (TcpListenerSocket listener in listeners)
        {
            listener.Dispose();
        }

        return accepted;
    }

    private static async Task Serve(TcpListenerSocket listener, int[] accepted, int index)
    {
        try
        {
            while (true)
            {
                TcpSocket socket = await listener.AcceptAsync().ConfigureAwait(false);
                Interlocked.Increment(ref accepted[index]);
                _ = Return(socket);
            }
        }
        catch (SocketException)
        {
            // the test is over
        }
    }

    private static async Task Return(TcpSocket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[4096];
            for (int count; (count = await socket.ReceiveAsync(buffer).ConfigureAwait(false)) != 0;)
            {
                await socket.SendAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            }

            await socket.CloseAsync().ConfigureAwait(false);
        }
    }

    private static async Task Talk(ShardedStack client, IPEndPoint remote, int seed, int length)
    {
        byte[] sent = new byte[length];
        new Random(seed).NextBytes(sent);
        using TcpSocket socket = await client.ConnectAsync(remote).ConfigureAwait(false);
        Task sending = Send(socket, sent);
        byte[] received = new byte[length];
        int count = 0;
        for (int got; count < length && (got = await socket.ReceiveAsync(received.AsMemory(count)).ConfigureAwait(false)) != 0; count += got)
        {
        }

        await sending.ConfigureAwait(false);
        Assert.AreEqual(length, count);
        Assert.IsTrue(sent.AsSpan().SequenceEqual(received), "every byte");
    }

    private static async Task Send(TcpSocket socket, byte[] bytes)
    {
        await socket.SendAsync(bytes).ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<int> Exchange(NetworkStack client, UdpSocket server, int port)
    {
        using UdpSocket socket = client.OpenUdp(new IPEndPoint(IPAddress.Any, 0));
        byte[] buffer = new byte[4];
        await socket.SendToAsync(BitConverter.GetBytes(port), new IPEndPoint(s_server.Address, port)).ConfigureAwait(false);
        UdpDatagram request = await server.ReceiveFromAsync(buffer).ConfigureAwait(false);
        await server.SendToAsync(buffer, request.RemoteEndPoint).ConfigureAwait(false);
        byte[] answer = new byte[4];
        await socket.ReceiveFromAsync(answer).ConfigureAwait(false);
        server.Dispose();
        return BitConverter.ToInt32(answer);
    }

    private static void Run(Task task, NetworkStack[] stacks)
    {
        for (int turn = 0; !task.IsCompleted; turn++)
        {
            Assert.IsLessThan(2_000_000, turn, "stuck");
            Array.ForEach(stacks, static stack => stack.Poll());
        }

        task.GetAwaiter().GetResult();
    }

    private static ShardedStack Make(IReadOnlyList<INetworkDevice> queues, int host) => new([.. queues.Select(static q => new SoftwareOffload(q))], Options(host));

    private static NetworkStackOptions Options(int host) => new()
    {
        Address = new IPv4Address(0xC0000200 | (uint)host),
        IPv6Address = IPv6Address.Parse($"2001:db8::{host}"),
        DuplicateAddressTransmits = 0,
        InlineCompletions = true,
        Tcp = new TcpSettings { SendChunks = 256, ReceiveChunks = 256 },
    };
}

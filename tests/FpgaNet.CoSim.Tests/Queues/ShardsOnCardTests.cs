using System.Net;
using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.CoSim.Tests.Queues;

/// <summary>A stack of four shards on the four queues of a Verilated card, a peer in software at the other end of the wire, one thread, simulated time.</summary>
[TestClass]
public sealed class ShardsOnCardTests
{
    private const int Count = QueuesOnCard.Count;
    private const int Connections = 12;
    private const int Bytes = 24 * 1024;

    private static readonly IPEndPoint s_service = new(IPAddress.Parse("192.0.2.1"), 7000);

    [TestMethod]
    public void Streams_to_all_shards_arrive_byte_exact_and_each_in_its_own_queue()
    {
        // A key of the device's own, in which the stack and its choice of ports follow it.
        byte[] key = new byte[FpgaNicOptions.DefaultRssKey.Length];
        new Random(3).NextBytes(key);
        LockstepClock clock = new();
        using Wire wire = new(time: clock);
        SimulatedCard card = new(new SimulatedCardOptions { Model = "fn_nic_pcie_queues", Pci = PciRootOptions.Fast, CycleBudget = 20_000_000 }, wire.First);
        clock.Add(card);
        using SimulatedPciFunction function = SimulatedPciFunction.Lockstep(card);
        using FpgaNic nic = FpgaNic.Open(function, new FpgaNicOptions { Queues = Count, RssKey = key, TimeProvider = clock, ReceiveBuffers = 1024 });
        using ShardedStack server = new([.. nic.Queues.Select(static queue => new SoftwareOffload(queue))], Options(clock, "192.0.2.1"));
        using SoftwareOffload plain = new(new WireDevice(wire.Second, MacAddress.Parse("02:00:5e:10:00:02")));
        using NetworkStack client = new(plain, Options(clock, "192.0.2.2") with { Seed = 5 });
        foreach (NetworkStack stack in server.Shards.Append(client))
        {
            clock.Add(stack.Poll, stack.ArmWake);
        }

        int[] accepted = new int[Count];
        IReadOnlyList<TcpListenerSocket> listeners = server.Listen(s_service);
        for (int i = 0; i < Count; i++)
        {
            _ = Serve(listeners[i], accepted, i);
        }

        Task all = Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Call(client, i)));
        Assert.IsTrue(clock.RunUntil(() => all.IsCompleted, TimeSpan.FromSeconds(1)), $"not done after {card.Cycles} cycles; accepted {string.Join(' ', accepted)}");
        all.GetAwaiter().GetResult();

        Console.WriteLine($"accepted {string.Join(' ', accepted)} in {clock.Elapsed}");
        Assert.AreEqual(Connections, accepted.Sum());
        for (int i = 0; i < Count; i++)
        {
            ulong received = Counter(nic.Queues[i], "driver_rx_frames");
            Assert.IsGreaterThan(0, accepted[i], "every shard has its part");
            Assert.IsGreaterThan(10UL, received, $"queue {i}");
            Assert.AreNotEqual(0UL, Counter(nic.Queues[i], "driver_interrupts"), "each queue's own vector wakes its shard");
            Assert.AreEqual(0UL, server.Queues[i].HandedOver, "the card steers as the shards expect");
        }

        Assert.AreEqual(0UL, Counter(nic, "rx_queue_full") + Counter(nic, "rx_overflow") + Counter(nic, "driver_resets"));
        foreach (TcpListenerSocket listener in listeners)
        {
            listener.Dispose();
        }
    }

    // The same with threads: the card's own, one for each shard, and the peer's. While streams run the function is reset under them all.
    [TestMethod]
    public void Shards_with_threads_of_their_own_go_on_over_a_reset_of_the_card()
    {
        using Wire wire = new();
        SimulatedCard card = new(new SimulatedCardOptions { Model = "fn_nic_pcie_queues", Pci = PciRootOptions.Fast }, wire.First);
        using SimulatedPciFunction function = SimulatedPciFunction.FreeRunning(card);
        using FpgaNic nic = FpgaNic.Open(function, new FpgaNicOptions { Queues = Count, ReceiveBuffers = 1024, HealthInterval = TimeSpan.FromMilliseconds(10) });
        using ShardedStack server = new([.. nic.Queues.Select(static queue => new SoftwareOffload(queue))], Options(TimeProvider.System, "192.0.2.1"));
        using SoftwareOffload plain = new(new WireDevice(wire.Second, MacAddress.Parse("02:00:5e:10:00:02")));
        using NetworkStack client = new(plain, Options(TimeProvider.System, "192.0.2.2") with { Seed = 5 });
        StackThread[] threads = [.. server.Shards.Append(client).Select(static stack => new StackThread(stack))];
        try
        {
            int[] accepted = new int[Count];
            IReadOnlyList<TcpListenerSocket> listeners = server.Listen(s_service);
            for (int i = 0; i < Count; i++)
            {
                _ = Serve(listeners[i], accepted, i);
            }

            Task all = Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(() => Call(client, i))));
            SpinWait.SpinUntil(() => accepted.Sum() > Connections / 2, TimeSpan.FromSeconds(20));
            function.Reset();
            Assert.IsTrue(all.Wait(TimeSpan.FromSeconds(60)), $"stuck; accepted {string.Join(' ', accepted)}, resets {Counter(nic, "driver_resets")}, {function.Fault}");
            Assert.AreEqual(Connections, accepted.Sum());
            Assert.IsNull(function.Fault);
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

    private static ulong Counter(INetworkDevice device, string name)
    {
        List<DeviceCounter> counters = [];
        device.ReadCounters(counters);
        return counters.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal)).Value;
    }

    private static async Task Serve(TcpListenerSocket listener, int[] accepted, int shard)
    {
        while (true)
        {
            TcpSocket socket = await listener.AcceptAsync();
            accepted[shard]++;
            _ = Answer(socket);
        }
    }

    private static async Task Answer(TcpSocket socket)
    {
        using (socket)
        {
            byte[] data = new byte[4 * 1024];
            for (int got; (got = await socket.ReceiveAsync(data)) != 0;)
            {
                await socket.SendAsync(data.AsMemory(0, got));
            }

            await socket.CloseAsync();
        }
    }

    private static async Task Call(NetworkStack client, int seed)
    {
        byte[] data = new byte[Bytes];
        new Random(seed).NextBytes(data);
        using TcpSocket socket = await client.ConnectAsync(s_service);
        byte[] echo = await StackOnCardHosts.Talk(socket, data);
        Assert.IsTrue(data.AsSpan().SequenceEqual(echo), $"connection {seed}: {echo.Length} bytes came back");
    }

    private static NetworkStackOptions Options(TimeProvider clock, string address) => new()
    {
        Address = IPv4Address.Parse(address),
        Seed = 1,
        TimeProvider = clock,
        InlineCompletions = clock is LockstepClock,
        Tcp = new TcpSettings { SendChunks = 64, ReceiveChunks = 128 },
    };
}

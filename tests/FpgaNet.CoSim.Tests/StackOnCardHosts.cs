using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.CoSim.Tests;

/// <summary>
/// Two hosts on one wire, one thread, simulated time. <see cref="A"/> sits on the Verilated card through the driver, <see cref="B"/> on a plain
/// software device. Each polls its stack when its device, an application or the time calls, as the product's event loop does.
/// </summary>
internal sealed class StackOnCardHosts : IDisposable
{
    // So many cycles are minutes of this machine's time: a test that gets there has gone wrong.
    private const long CycleBudget = 20_000_000;

    private static readonly MacAddress s_peerMac = MacAddress.Parse("02:00:5e:10:00:02");

    private readonly BufferPool _received;
    private readonly SoftwareOffload _offloadB;
    private int _ended;

    /// <param name="pci">The host's memory; null for a fast one.</param>
    /// <param name="wire">The cable; null for a good one.</param>
    /// <param name="cardFeatures">What the card is told to do; null for all that it can.</param>
    /// <param name="receiveBuffer">Bytes in each receive buffer: with room for several segments the card coalesces.</param>
    public StackOnCardHosts(PciRootOptions? pci = null, WireOptions? wire = null, OffloadFeatures? cardFeatures = null, int receiveBuffer = 2048)
    {
        _received = new BufferPool(2048, receiveBuffer);
        Wire = new Wire(wire, Clock);
        Card = new SimulatedCard(new SimulatedCardOptions { Pci = pci ?? PciRootOptions.Fast, CycleBudget = CycleBudget }, Wire.First);
        Clock.Add(Card);
        Function = new StackOnCardFunction(Card);
        Nic = FpgaNic.Open(Function, new FpgaNicOptions
        {
            TimeProvider = Clock,
            ReceivePool = _received,
            RssKey = FpgaNicOptions.DefaultRssKey,

            // A missing completion keeps the card busy for so long, and every clock of it is simulated.
            ReadTimeout = TimeSpan.FromMicroseconds(200),

            // Nor is a card at rest whose queue has halted before frames that wait for it.
            HealthInterval = TimeSpan.FromMilliseconds(1),
            StuckTimeout = TimeSpan.FromMilliseconds(5),
        });
        Offload = new SoftwareOffload(Nic);
        Nic.EnabledFeatures = cardFeatures ?? Nic.Capabilities.Features;
        Tap = new StackOnCardTap(new WireDevice(Wire.Second, s_peerMac), Clock);
        _offloadB = new SoftwareOffload(Tap);
        A = Make(Offload, "192.0.2.1");
        B = Make(_offloadB, "192.0.2.2");
        Clock.Add(A.Poll, A.ArmWake);
        Clock.Add(B.Poll, B.ArmWake);
    }

    public LockstepClock Clock { get; } = new();

    public Wire Wire { get; }

    public SimulatedCard Card { get; }

    public StackOnCardFunction Function { get; }

    public FpgaNic Nic { get; }

    public SoftwareOffload Offload { get; }

    public StackOnCardTap Tap { get; }

    public NetworkStack A { get; }

    public NetworkStack B { get; }

    public static IPEndPoint Service { get; } = new(IPAddress.Parse("192.0.2.2"), 7000);

    /// <summary>Connects A to B, sends so many random bytes each way at once, closes both ends, and compares every byte.</summary>
    /// <param name="bytes">Bytes each way.</param>
    /// <param name="limit">Simulated time in which all of it must be done.</param>
    /// <returns>The simulated time from before the SYN until both ends had read to the end.</returns>
    public TimeSpan Exchange(int bytes, TimeSpan limit)
    {
        byte[] up = new byte[bytes];
        byte[] down = new byte[bytes];
        new Random(bytes).NextBytes(up);
        new Random(~bytes).NextBytes(down);
        using TcpListenerSocket listener = B.Listen(Service);
        TimeSpan start = Clock.Elapsed;
        Task<byte[]> server = Serve(listener, down);
        Task<byte[]> client = Connect(up);
        Run(Task.WhenAll(server, client), limit);
        TimeSpan took = Clock.Elapsed - start;

        // What the wire still holds arrives before anybody compares counters.
        Clock.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.IsTrue(up.AsSpan().SequenceEqual(server.Result), $"what B received is not what A sent: {server.Result.Length} bytes of {bytes}");
        Assert.IsTrue(down.AsSpan().SequenceEqual(client.Result), $"what A received is not what B sent: {client.Result.Length} bytes of {bytes}");
        return took;
    }

    /// <summary>Runs until a task is done; a task that failed throws here.</summary>
    public void Run(Task task, TimeSpan limit)
    {
        bool done = Clock.RunUntil(() => task.IsCompleted, limit);
        Assert.IsTrue(done, $"not done after {Clock.Elapsed} of simulated time, {Card.Cycles} cycles\n{string.Join('\n', Counters().Where(static c => !c.EndsWith(" 0", StringComparison.Ordinal)))}");
        task.GetAwaiter().GetResult();
    }

    /// <summary>Ends both hosts in order and looks for what was left over: PCI Express reads, buffers, frames of the stack.</summary>
    public void CheckCleanEnd()
    {
        A.Dispose();
        B.Dispose();
        Clock.RunUntil(() => Wire.IsIdle && Card.IsIdle, TimeSpan.FromSeconds(1));
        Assert.IsTrue(Card.IsIdle, "the card does not come to rest");
        Card.Root.CheckQuiescent();
        DisposeDevices();
        Assert.AreEqual(0, Offload.BuffersOutstanding, "header buffers of A's offload");
        Assert.AreEqual(0, _offloadB.BuffersOutstanding, "header buffers of B's offload");
        Assert.AreEqual(_received.BufferCount, _received.Available, "A's receive buffers");
        Assert.AreEqual(0, Card.Root.Memory.RegionCount, "DMA mappings");
        Assert.AreEqual(0, A.BuffersInUse, "A has lost buffers");
        Assert.AreEqual(0, B.BuffersInUse, "B has lost buffers");
    }

    /// <summary>Everything that anybody counts, one line each: equal in two runs that were equal.</summary>
    public List<string> Counters()
    {
        List<string> lines = [$"cycles {Card.Cycles}", $"time {Clock.GetTimestamp()}", $"trace {Tap.Trace:x16}"];
        List<DeviceCounter> counters = [];
        A.Counters.Read(counters);
        Add("A");
        B.Counters.Read(counters);
        Add("B");
        Offload.ReadCounters(counters);
        Add("card");
        _offloadB.ReadCounters(counters);
        Add("peer");
        lines.Add($"wire A to B: {Show(Wire.First.SentCounters)}");
        lines.Add($"wire B to A: {Show(Wire.Second.SentCounters)}");
        PciStatistics pci = Card.Root.Statistics;
        lines.Add($"PCI Express: reads {pci.ReadRequests}, writes {pci.WriteRequests}, completions {pci.Completions}, interrupts {pci.Interrupts}, faults {pci.FaultsInjected}");
        return lines;

        void Add(string owner)
        {
            lines.AddRange(counters.Select(counter => string.Create(CultureInfo.InvariantCulture, $"{owner} {counter.Name} {counter.Value}")));
            counters.Clear();
        }
    }

    /// <summary>A counter of the card, of its driver or of the offload in software above.</summary>
    public ulong this[string name]
    {
        get
        {
            List<DeviceCounter> counters = [];
            Offload.ReadCounters(counters);
            return counters.Single(counter => name.Equals(counter.Name, StringComparison.Ordinal)).Value;
        }
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        DisposeDevices();
        _received.Dispose();
        Function.Dispose();
        Wire.Dispose();
    }

    /// <summary>Sends all, then ends the sending direction, and reads to the end.</summary>
    public static async Task<byte[]> Talk(TcpSocket socket, byte[] data)
    {
        Task sending = Send(socket, data);
        byte[] received = new byte[data.Length + 1];
        int count = 0;
        for (int got; (got = await socket.ReceiveAsync(received.AsMemory(count))) != 0; count += got)
        {
        }

        await sending;
        await socket.CloseAsync();
        return received[..count];
    }

    private static async Task Send(TcpSocket socket, byte[] data)
    {
        await socket.SendAsync(data);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> Serve(TcpListenerSocket listener, byte[] data)
    {
        using TcpSocket socket = await listener.AcceptAsync();
        return await Talk(socket, data);
    }

    private static string Show(WireCounters c) =>
        $"sent {c.Sent}, delivered {c.Delivered}, lost {c.Lost}, corrupted {c.Corrupted}, hidden {c.HiddenCorrupted}, duplicated {c.Duplicated}, reordered {c.Reordered}, full {c.Full}";

    private async Task<byte[]> Connect(byte[] data)
    {
        using TcpSocket socket = await A.ConnectAsync(Service);
        return await Talk(socket, data);
    }

    private void DisposeDevices()
    {
        if (_ended++ == 0)
        {
            Offload.Dispose();
            _offloadB.Dispose();
        }
    }

    private NetworkStack Make(INetworkDevice device, string address) => new(device, new NetworkStackOptions
    {
        Address = IPv4Address.Parse(address),
        Seed = 1,
        TimeProvider = Clock,
        InlineCompletions = true,
        Tcp = new TcpSettings { SendChunks = 64, ReceiveChunks = 128 },
    });
}

using System.Net;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Stack.Tests;

/// <summary>A stack without a lock: for one thread, and refusing what overlaps.</summary>
[TestClass]
public sealed class UnsynchronizedTests
{
    private static readonly IPEndPoint s_server = new(IPAddress.Parse("192.0.2.2"), 80);

    [TestMethod]
    public void One_thread_exchanges_bytes_without_a_lock()
    {
        using MemoryPair pair = new(new MemoryPairOptions());
        using SoftwareOffload deviceA = new(pair.A);
        using SoftwareOffload deviceB = new(pair.B);
        using NetworkStack a = Make(deviceA, "192.0.2.1");
        using NetworkStack b = Make(deviceB, "192.0.2.2");
        using TcpListenerSocket listener = b.Listen(s_server);
        Task<TcpSocket> connecting = a.ConnectAsync(s_server).AsTask();
        Task<TcpSocket> accepting = listener.AcceptAsync().AsTask();
        while (!connecting.IsCompleted || !accepting.IsCompleted)
        {
            a.Poll();
            b.Poll();
        }

        byte[] sent = new byte[100_000];
        new Random(1).NextBytes(sent);
        byte[] received = new byte[sent.Length];
        for (int at = 0, got = 0; got < received.Length;)
        {
            at += connecting.Result.TrySend(sent.AsSpan(at));
            b.Poll();
            got += accepting.Result.TryReceive(received.AsSpan(got), out int count) ? count : 0;
            a.Poll();
        }

        CollectionAssert.AreEqual(sent, received);
        Assert.IsFalse(a.IsSynchronized);
    }

    [TestMethod]
    public void A_thread_of_its_own_is_refused()
    {
        using MemoryPair pair = new(new MemoryPairOptions());
        using SoftwareOffload device = new(pair.A);
        using NetworkStack stack = Make(device, "192.0.2.1");
        ArgumentException refused = Assert.ThrowsExactly<ArgumentException>(() => new StackThread(stack));
        Assert.Contains("Synchronized", refused.Message);
    }

    [TestMethod]
    public void A_call_within_a_call_is_refused_and_the_next_one_is_taken()
    {
        using Reentrant device = new();
        using SoftwareOffload software = new(device);
        using NetworkStack stack = Make(software, "192.0.2.1");
        device.Stack = stack;
        Assert.ThrowsExactly<InvalidOperationException>(() => stack.Poll());
        device.Stack = null;
        Assert.AreNotEqual(TimeSpan.Zero, stack.Poll());
    }

    private static NetworkStack Make(INetworkDevice device, string address) =>
        new(device, new NetworkStackOptions { Address = IPv4Address.Parse(address), InlineCompletions = true, Synchronized = false, Seed = 1 });

    /// <summary>Calls the stack that calls it.</summary>
    private sealed class Reentrant : INetworkDevice
    {
        public NetworkStack? Stack { get; set; }

        public string Name => "reentrant";

        public MacAddress MacAddress => MacAddress.Parse("02:00:5e:10:00:01");

        public DeviceCapabilities Capabilities => new(Packets.Offload.OffloadFeatures.None, 1500);

        public Packets.Offload.OffloadFeatures EnabledFeatures { get; set; }

        public DeviceState State => DeviceState.Up;

        public int Transmit(ReadOnlySpan<TxFrame> frames) => 0;

        public int Receive(Span<RxFrame> frames)
        {
            Stack?.Poll();
            return 0;
        }

        public void ArmWake(Action wake)
        {
        }

        public void ReadCounters(IList<DeviceCounter> counters)
        {
        }

        public void Dispose()
        {
        }
    }
}

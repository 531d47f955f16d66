using System.Net;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests.Recovery;

/// <summary>What loss recovery is for: how fast a stream gets through a bad network of 100 Mbit/s and 20 ms, in virtual time. The bounds are about what recovery by byte ranges had reached.</summary>
[TestClass]
public sealed class GoodputTests
{
    private const int Runs = 12;
    private const int Bytes = 2_000_000;

    [TestMethod]
    [DataRow(0.01, 0.0, true, 10.5)]
    [DataRow(0.05, 0.0, true, 2.3)]
    [DataRow(0.01, 0.05, true, 5.0)]
    [DataRow(0.05, 0.05, true, 1.8)]
    [DataRow(0.01, 0.0, false, 9.0)]
    [DataRow(0.05, 0.0, false, 1.6)]
    public void A_stream_is_no_slower_than_it_was(double loss, double reorder, bool sack, double least)
    {
        TimeSpan total = TimeSpan.Zero;
        ulong timeouts = 0;
        ulong recoveries = 0;
        ulong again = 0;
        for (int seed = 1; seed <= Runs; seed++)
        {
            LinkModel model = new() { Loss = loss, Reorder = reorder, Delay = TimeSpan.FromMilliseconds(10), BitsPerSecond = 100_000_000 };
            using VirtualNetwork network = new(seed, model);
            TcpSettings settings = VirtualNetwork.SmallPools with { SelectiveAcknowledgements = sack, TimeWait = TimeSpan.FromSeconds(1) };
            NetworkStack a = network.AddHost(settings, segments: seed % 2 == 0);
            NetworkStack b = network.AddHost(settings, segments: seed % 2 == 0);
            using TcpListenerSocket listener = b.Listen(new IPEndPoint(IPAddress.Any, 80));
            Task<long> server = Receive(listener);
            Task client = Send(a);
            network.RunUntil(() => server.IsCompleted, TimeSpan.FromMinutes(10));
            Assert.AreEqual(Bytes, server.Result);
            total += network.Time.Elapsed;
            timeouts += a.Counters[StackCounter.TcpTimeouts];
            recoveries += a.Counters[StackCounter.TcpFastRetransmits];
            again += a.Counters[StackCounter.TcpBytesRetransmitted];
            network.IsFaulty = false;
            network.RunUntil(() => client.IsCompleted, TimeSpan.FromMinutes(10));
        }

        double rate = Runs * Bytes * 8.0 / 1e6 / total.TotalSeconds;
        string seen = $"{rate:F2} Mbit/s, {timeouts} timeouts, {recoveries} recoveries, {again * 100.0 / (Runs * Bytes):F1} % sent again";
        Console.WriteLine(seen);
        Assert.IsGreaterThan(least, rate, seen);
    }

    private static async Task<long> Receive(TcpListenerSocket listener)
    {
        using TcpSocket socket = await listener.AcceptAsync();
        byte[] buffer = new byte[65536];
        long all = 0;
        for (int count; (count = await socket.ReceiveAsync(buffer)) != 0;)
        {
            all += count;
        }

        return all;
    }

    private static async Task Send(NetworkStack stack)
    {
        using TcpSocket socket = await stack.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 80));
        await socket.SendAsync(new byte[Bytes]);
        await socket.CloseAsync();
    }
}

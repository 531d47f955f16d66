using System.Net;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Stack.Tests;

/// <summary>Bulk through a pair of devices in memory, in this process, with threads and in one.</summary>
[TestClass]
public sealed class BulkTests
{
    private static readonly IPEndPoint s_server = new(IPAddress.Parse("192.0.2.2"), 80);

    [TestMethod]
    [DataRow(false, "cubic", false)]
    [DataRow(true, "cubic", false)]
    [DataRow(false, "cubic", true)]
    [DataRow(false, "bbr", false)]
    public async Task A_stream_crosses_two_stacks_with_their_own_threads_byte_by_byte(bool inSoftware, string congestion, bool isPaced)
    {
        using MemoryPair pair = new(new MemoryPairOptions { Features = inSoftware ? OffloadFeatures.None : MemoryPairOptions.SupportedFeatures });
        using INetworkDevice deviceA = inSoftware ? new SoftwareOffload(pair.A) : pair.A;
        using INetworkDevice deviceB = inSoftware ? new SoftwareOffload(pair.B) : pair.B;
        NetworkStack a = Make(deviceA, "192.0.2.1", Settings(congestion, isPaced));
        NetworkStack b = Make(deviceB, "192.0.2.2", Settings(congestion, isPaced));
        using (StackThread threadA = new(a))
        using (StackThread threadB = new(b))
        {
            using TcpListenerSocket listener = b.Listen(s_server);
            ValueTask<TcpSocket> accepting = listener.AcceptAsync();
            using TcpSocket client = await a.ConnectAsync(s_server);
            using TcpSocket server = await accepting;
            byte[] sent = new byte[20_000_000];
            new Random(1).NextBytes(sent);
            Task sending = Task.Run(async () =>
            {
                for (int at = 0; at < sent.Length; at += 300_000)
                {
                    await client.SendAsync(sent.AsMemory(at, Math.Min(300_000, sent.Length - at)));
                }

                await client.CloseAsync();
            });
            byte[] received = new byte[sent.Length];
            int count = 0;
            for (int got; (got = await server.ReceiveAsync(received.AsMemory(count))) != 0; count += got)
            {
            }

            server.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await sending;
            Assert.AreEqual(sent.Length, count);
            Assert.IsTrue(sent.AsSpan().SequenceEqual(received));
        }

        a.Dispose();
        b.Dispose();
        deviceA.Dispose();
        deviceB.Dispose();
        Assert.AreEqual(0, a.BuffersInUse, "the client has lost buffers");
        Assert.AreEqual(0, b.BuffersInUse, "the server has lost buffers");
    }

    [TestMethod]
    [DataRow("cubic", false, "192.0.2.2")]
    [DataRow("cubic", false, "2001:db8::2")]
    [DataRow("cubic", true, "192.0.2.2")]
    [DataRow("bbr", false, "192.0.2.2")]
    public void Sending_and_receiving_allocates_nothing_in_steady_state(string congestion, bool isPaced, string address)
    {
        IPEndPoint to = new(IPAddress.Parse(address), s_server.Port);
        TcpSettings settings = Settings(congestion, isPaced);
        using MemoryPair pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures });
        NetworkStack a = Make(pair.A, "192.0.2.1", settings);
        NetworkStack b = Make(pair.B, "192.0.2.2", settings);
        using (TcpListenerSocket listener = b.Listen(to))
        {
            TcpSocket client = a.CreateTcpSocket();
            Task connecting = client.ConnectAsync(to).AsTask();
            while (!connecting.IsCompleted)
            {
                a.Poll();
                b.Poll();
            }

            TcpSocket server = listener.TryAccept()!;
            byte[] sent = new byte[100_000];
            byte[] received = new byte[100_000];
            new Random(3).NextBytes(sent);
            Exchange(500);

            // What allocates for every segment or call does so every time. Once is the runtime: its first code for a method boxes here and there, and under load it keeps that code for long.
            long least = long.MaxValue;
            for (int batch = 0; batch < 10 && least != 0; batch++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Exchange(100);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.AreEqual(0L, least);
            client.Abort();
            server.Abort();

            void Exchange(int rounds)
            {
                for (int i = 0; i < rounds; i++)
                {
                    for (int at = 0, got = 0; got < received.Length;)
                    {
                        at += client.TrySend(sent.AsSpan(at));
                        b.Poll();
                        if (server.TryReceive(received.AsSpan(got), out int count))
                        {
                            got += count;
                        }

                        a.Poll();
                    }

                    if (!sent.AsSpan().SequenceEqual(received))
                    {
                        Assert.Fail($"round {i}: other bytes came");
                    }
                }
            }
        }

        a.Dispose();
        b.Dispose();
        pair.Dispose();
        Assert.AreEqual(0, a.BuffersInUse);
        Assert.AreEqual(0, b.BuffersInUse);
    }

    private static TcpSettings Settings(string congestion, bool isPaced) => new()
    {
        SendChunks = 64,
        ReceiveChunks = 32,
        Pacing = isPaced,
        CongestionControl = congestion is "bbr" ? static () => new Bbr() : static () => new Cubic(),
    };

    private static NetworkStack Make(INetworkDevice device, string address, TcpSettings settings) =>
        new(device, new NetworkStackOptions
        {
            Address = IPv4Address.Parse(address),
            IPv6Address = IPv6Address.Parse($"2001:db8::{address[^1]}"),
            DuplicateAddressTransmits = 0,
            Seed = 1,
            Tcp = settings,
        });
}

using System.Net;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests;

/// <summary>Bulk through a pair of devices in memory, in this process, with threads and in one.</summary>
[TestClass]
public sealed class BulkTests
{
    private static readonly IPEndPoint s_server = new(IPAddress.Parse("192.0.2.2"), 80);

    [TestMethod]
    public async Task A_stream_crosses_two_stacks_with_their_own_threads_byte_by_byte()
    {
        using MemoryPair pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures });
        NetworkStack a = Make(pair.A, "192.0.2.1");
        NetworkStack b = Make(pair.B, "192.0.2.2");
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
        pair.Dispose();
        a.Dispose();
        b.Dispose();
        Assert.IsEmpty(a.Pools, "the client has lost buffers");
        Assert.IsEmpty(b.Pools, "the server has lost buffers");
    }

    private static NetworkStack Make(INetworkDevice device, string address) =>
        new(device, new NetworkStackOptions { Address = IPv4Address.Parse(address), Seed = 1, Tcp = new TcpSettings { SendChunks = 64, ReceiveChunks = 32 } });
}

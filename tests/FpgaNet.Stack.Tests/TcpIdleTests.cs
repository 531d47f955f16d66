using System.Net;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Stack.Tests;

/// <summary>What connections hold that do nothing.</summary>
[TestClass]
[DoNotParallelize]
public sealed class TcpIdleTests
{
    private const int Connections = 2000;
    private const int Few = 32; // headers that the output has at hand

    [TestMethod]
    public void An_idle_connection_holds_two_kilobytes_and_no_buffer_whatever_it_has_done()
    {
        VirtualTime time = new();
        using MemoryPair pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures });
        NetworkStack a = Make(pair.A, "192.0.2.1", time);
        NetworkStack b = Make(pair.B, "192.0.2.2", time);
        byte[] block = new byte[100_000];
        TcpSocket[] clients = new TcpSocket[Connections];
        TcpSocket[] servers = new TcpSocket[Connections];
        using TcpListenerSocket listener = b.Listen(new IPEndPoint(IPAddress.Any, 80));

        // What is shared, and grows with the first connections, does not count.
        Open(0, 1000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Open(1000, Connections);
        double each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (2.0 * (Connections - 1000));
        Console.WriteLine($"{each:f0} bytes");
        Assert.IsLessThan(2200, each);
        Assert.IsLessThan(Few, a.BuffersInUse);
        Assert.IsLessThan(Few, b.BuffersInUse);
        for (int i = 0; i < Connections; i += 10)
        {
            Carry(clients[i], servers[i], 1000);
            Carry(servers[i], clients[i], 1000);
        }

        GC.KeepAlive(clients);
        GC.KeepAlive(servers);
        a.Dispose();
        b.Dispose();

        void Open(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                TcpSocket client = clients[i] = a.CreateTcpSocket();
                client.NoDelay = true;
                Task connecting = client.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 80)).AsTask();
                while (!connecting.IsCompleted || (servers[i] ??= listener.TryAccept()!) is null)
                {
                    Poll();
                }

                Carry(client, servers[i], block.Length);
                Carry(servers[i], client, block.Length);
                time.MoveTo(time.Elapsed + TimeSpan.FromSeconds(1));
                Poll();
            }
        }

        void Carry(TcpSocket sender, TcpSocket receiver, int length)
        {
            int sent = 0;
            for (int got = 0; got < length;)
            {
                sent += sender.TrySend(block.AsSpan(sent, length - sent));
                Poll();
                got += receiver.TryReceive(block.AsSpan(got, length - got), out int count) ? count : 0;
                Poll();
            }
        }

        void Poll()
        {
            a.Poll();
            b.Poll();
        }
    }

    private static NetworkStack Make(INetworkDevice device, string address, VirtualTime time) =>
        new(device, new NetworkStackOptions { Address = IPv4Address.Parse(address), Seed = 1, InlineCompletions = true, TimeProvider = time });
}

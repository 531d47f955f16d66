using System.Diagnostics;
using System.Net;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Bench;

/// <summary>
/// The suite "idle": a hundred thousand established connections between two stacks in this process, each of which has carried data both ways and now does nothing. What is
/// counted is the managed heap, after a full collection, with sockets; packet buffers are counted apart, and there must be none.
/// </summary>
internal static class IdleBenchmarks
{
    private const string Suite = "idle";
    private const int Connections = 100_000;
    private const int Listeners = 4; // an address pair and a port allow 64,512 connections
    private const int FirstPort = 7;
    private const int AtOnce = 250;
    private const int Sample = 2000;
    private const int Few = 32; // headers that the output has at hand

    /// <summary>Measures everything.</summary>
    /// <exception cref="InvalidOperationException">A byte arrived wrong, a connection was lost, or a buffer was kept.</exception>
    public static IEnumerable<BenchRow> Run()
    {
        using Rig rig = new();
        long empty = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        rig.Open();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int i = 0; i < Connections; i++)
        {
            rig.Exchange(i);
        }

        rig.Settle();
        long both = GC.GetTotalMemory(forceFullCollection: true) - empty;
        Random random = new(1);
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Sample; i++)
        {
            rig.Exchange(random.Next(Connections));
        }

        double exchange = Stopwatch.GetElapsedTime(start).TotalSeconds / Sample;
        long whole = GC.GetTotalMemory(forceFullCollection: true);
        rig.ForgetClient();
        long client = whole - GC.GetTotalMemory(forceFullCollection: true);
        const string Name = "100,000 idle connections: memory of one";
        yield return new BenchRow(Suite, Name, "the end that connected", (double)client / Connections, "B");
        yield return new BenchRow(Suite, Name, "the end that accepted", (double)(both - client) / Connections, "B");
        yield return new BenchRow(Suite, "100,000 connections: opening", "both ends", Connections / seconds / 1e3, "k/s", Note: $"{seconds:f1} s for all");
        yield return new BenchRow(Suite, "A round trip of 64 B on one of 100,000", "both ends", exchange * 1e6, "us");
    }

    private sealed class Rig : IDisposable
    {
        private readonly MemoryPair _pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures, Capacity = 1024 });
        private readonly NetworkStack _b;
        private readonly TcpSocket[] _servers = new TcpSocket[Connections];
        private readonly byte[] _message = new byte[64];
        private readonly byte[] _answer = new byte[64];
        private NetworkStack _a;
        private TcpSocket[] _clients = new TcpSocket[Connections];

        public Rig()
        {
            _a = Make(_pair.A, "192.0.2.1");
            _b = Make(_pair.B, "192.0.2.2");
            new Random(2).NextBytes(_message);
        }

        public void Open()
        {
            Task[] connecting = new Task[AtOnce];
            Dictionary<int, int> places = [];
            TcpListenerSocket[] listeners = [.. Enumerable.Range(FirstPort, Listeners).Select(port => _b.Listen(new IPEndPoint(IPAddress.Any, port), AtOnce))];
            IPAddress address = _b.Address.ToIPAddress();
            for (int first = 0; first < Connections; first += AtOnce)
            {
                TcpListenerSocket listener = listeners[first / AtOnce % Listeners];
                IPEndPoint remote = new(address, listener.LocalEndPoint.Port);
                places.Clear();
                for (int i = 0; i < AtOnce; i++)
                {
                    TcpSocket client = _clients[first + i] = _a.CreateTcpSocket();
                    client.NoDelay = true;
                    connecting[i] = client.ConnectAsync(remote).AsTask();
                    places.Add(client.LocalEndPoint!.Port, first + i);
                }

                for (int accepted = 0; accepted < AtOnce || !Task.WhenAll(connecting).IsCompleted;)
                {
                    Poll();
                    while (listener.TryAccept() is { } server)
                    {
                        server.NoDelay = true;
                        _servers[places[server.RemoteEndPoint!.Port]] = server;
                        accepted++;
                    }
                }
            }
        }

        /// <summary>Sends 64 bytes there and back on one connection, and compares them.</summary>
        public void Exchange(int connection)
        {
            _message[0]++;
            Carry(_clients[connection], _servers[connection]);
            Carry(_servers[connection], _clients[connection]);
        }

        /// <summary>Lets all acknowledgements and timers have their say.</summary>
        public void Settle()
        {
            for (Stopwatch time = Stopwatch.StartNew(); time.Elapsed < TimeSpan.FromSeconds(1);)
            {
                Poll();
            }

            if (Math.Max(_a.BuffersInUse, _b.BuffersInUse) >= Few)
            {
                throw new InvalidOperationException($"Idle connections hold {_a.BuffersInUse} and {_b.BuffersInUse} buffers.");
            }
        }

        public void ForgetClient()
        {
            _a = null!;
            _clients = [];
        }

        public void Dispose()
        {
            _a?.Dispose();
            _b.Dispose();
            _pair.Dispose();
        }

        private static NetworkStack Make(INetworkDevice device, string address) =>
            new(device, new NetworkStackOptions { Address = IPv4Address.Parse(address), InlineCompletions = true });

        private void Carry(TcpSocket from, TcpSocket to)
        {
            while (from.TrySend(_message) == 0)
            {
                Poll(); // the last ten thousand hold all memory for data that the peer will acknowledge when its timers go off
            }

            for (int got = 0; got < _answer.Length;)
            {
                Poll();
                got += to.TryReceive(_answer.AsSpan(got), out int count) ? count : 0;
            }

            if (!_message.AsSpan().SequenceEqual(_answer))
            {
                throw new InvalidOperationException("A connection delivered a wrong byte.");
            }
        }

        private void Poll()
        {
            _a.Poll();
            _b.Poll();
        }
    }
}

using System.Diagnostics;
using System.Net;
using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Bench;

/// <summary>
/// The suite "card": how fast the whole simulated PCI Express card runs on one thread, root complex, PHY, driver and both stacks included, and how much
/// of its wire one TCP connection fills. The variants run one after another on one board, so that what differs is the traffic.
/// </summary>
internal static class CardBenchmarks
{
    private const string Suite = "card";
    private const int Runs = 9;
    private const int RunBytes = 512 << 10;
    private const int IdleCycles = 500_000;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    /// <summary>Measures everything.</summary>
    /// <exception cref="InvalidOperationException">A byte arrived wrong.</exception>
    public static IEnumerable<BenchRow> Run()
    {
        using Rig rig = new();
        (string Name, Func<(double, double)> Run)[] variants =
        [
            ("idle", rig.Idle),
            ("TCP from host to wire", () => rig.Transfer(fromCard: true)),
            ("TCP from wire to host", () => rig.Transfer(fromCard: false)),
        ];
        for (Stopwatch warm = Stopwatch.StartNew(); warm.Elapsed < s_warmUp;)
        {
            foreach ((_, Func<(double, double)> run) in variants)
            {
                run();
            }
        }

        double[][] speed = [.. variants.Select(static _ => new double[Runs])];
        double[][] rate = [.. variants.Select(static _ => new double[Runs])];
        for (int i = 0; i < Runs; i++)
        {
            for (int v = 0; v < variants.Length; v++)
            {
                (speed[v][i], rate[v][i]) = variants[v].Run();
            }
        }

        for (int v = 0; v < variants.Length; v++)
        {
            Array.Sort(speed[v]);
            yield return new BenchRow(Suite, "simulated clock of the whole card", variants[v].Name, speed[v][Runs / 2], "Mcycles/s", speed[v][0], speed[v][^1]);
        }

        for (int v = 1; v < variants.Length; v++)
        {
            Array.Sort(rate[v]);
            yield return new BenchRow(Suite, "goodput in simulated time, 1 Gb/s wire", variants[v].Name, rate[v][Runs / 2], "Mb/s", rate[v][0], rate[v][^1]);
        }
    }

    /// <summary>One host behind the card, one at the other end of its cable, in lockstep.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly LockstepClock _clock = new();
        private readonly SimulatedCard _card;
        private readonly SoftwareOffload _deviceA;
        private readonly SoftwareOffload _deviceB;
        private readonly NetworkStack _a;
        private readonly NetworkStack _b;
        private readonly TcpSocket _near;
        private readonly TcpSocket _far;
        private readonly byte[] _source = new byte[RunBytes];
        private readonly byte[] _sink = new byte[RunBytes];

        public Rig()
        {
            new Random(1).NextBytes(_source);
            Wire wire = new(time: _clock);
            _card = new SimulatedCard(new SimulatedCardOptions { Pci = PciRootOptions.Fast }, wire.First);
            _clock.Add(_card);
            FpgaNic nic = FpgaNic.Open(SimulatedPciFunction.Lockstep(_card), new FpgaNicOptions { TimeProvider = _clock, RssKey = FpgaNicOptions.DefaultRssKey });
            _deviceA = new SoftwareOffload(nic);
            _deviceB = new SoftwareOffload(new WireDevice(wire.Second, new MacAddress(0x02_00_5E_00_00_0B)));
            IPv4Address addressB = IPv4Address.Parse("192.0.2.2");
            _a = new NetworkStack(_deviceA, Options(IPv4Address.Parse("192.0.2.1")));
            _b = new NetworkStack(_deviceB, Options(addressB));
            _clock.Add(() => Deadline(_a.Poll()));
            _clock.Add(() => Deadline(_b.Poll()));
            TcpListenerSocket listener = _b.Listen(new IPEndPoint(IPAddress.Any, 7));
            Task<TcpSocket> connecting = _a.ConnectAsync(new IPEndPoint(addressB.ToIPAddress(), 7)).AsTask();
            Task<TcpSocket> accepting = listener.AcceptAsync().AsTask();
            if (!_clock.RunUntil(() => connecting.IsCompleted && accepting.IsCompleted, TimeSpan.FromSeconds(10)))
            {
                throw new InvalidOperationException("The two hosts did not find each other.");
            }

            _near = connecting.GetAwaiter().GetResult();
            _far = accepting.GetAwaiter().GetResult();
        }

        /// <summary>Lets the clock run and nothing else.</summary>
        public (double MegacyclesPerSecond, double MegabitsPerSecond) Idle()
        {
            _card.StepUntilIdle();
            long start = Stopwatch.GetTimestamp();
            _card.Step(IdleCycles);
            return (IdleCycles / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6, 0);
        }

        /// <summary>Moves <see cref="RunBytes"/> over the connection, one way, and compares them.</summary>
        public (double MegacyclesPerSecond, double MegabitsPerSecond) Transfer(bool fromCard)
        {
            TcpSocket from = fromCard ? _near : _far;
            TcpSocket to = fromCard ? _far : _near;
            int sent = 0;
            int received = 0;
            _sink.AsSpan().Clear();
            long cycles = _card.Cycles;
            TimeSpan simulated = _clock.Elapsed;
            long start = Stopwatch.GetTimestamp();
            bool done = _clock.RunUntil(
                () =>
                {
                    sent += sent < RunBytes ? from.TrySend(_source.AsSpan(sent)) : 0;
                    while (received < RunBytes && to.TryReceive(_sink.AsSpan(received), out int count))
                    {
                        received += count;
                    }

                    return received == RunBytes;
                },
                TimeSpan.FromSeconds(10));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (!done || !_sink.AsSpan().SequenceEqual(_source))
            {
                throw new InvalidOperationException($"TCP through the card delivered {received} of {RunBytes} bytes, or wrong ones.");
            }

            return ((_card.Cycles - cycles) / seconds / 1e6, RunBytes * 8 / (_clock.Elapsed - simulated).TotalSeconds / 1e6);
        }

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
            _deviceA.Dispose();
            _deviceB.Dispose();
        }

        private NetworkStackOptions Options(IPv4Address address) => new() { Address = address, TimeProvider = _clock, Seed = 1, InlineCompletions = true };

        private long Deadline(TimeSpan wait) =>
            wait == Timeout.InfiniteTimeSpan ? LockstepClock.NoDeadline : _clock.GetTimestamp() + (wait.Ticks * 100);
    }
}

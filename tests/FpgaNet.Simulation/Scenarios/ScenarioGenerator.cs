using FpgaNet.Packets.Offload;
using FpgaNet.Simulation.Flows;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation.Scenarios;

/// <summary>Draws a scenario from a seed. What is likely in the world is likely here; what breaks stacks is more likely.</summary>
/// <param name="seed">The seed.</param>
/// <param name="bytes">About how many bytes all flows together move: bounds the work.</param>
public sealed class ScenarioGenerator(int seed, long bytes)
{
    private readonly Random _random = new(seed);

    public static Scenario Draw(int seed, long bytes) => new ScenarioGenerator(seed, bytes).Draw();

    private Scenario Draw()
    {
        Topology topology = One(Topology.Pair, Topology.Pair, Topology.Hub, Topology.Dumbbell, Topology.Line);
        int pairs = topology switch { Topology.Hub or Topology.Dumbbell => _random.Next(2, 5), _ => 1 };
        int hops = topology switch { Topology.Line => _random.Next(0, 4), _ => 1 };
        double badness = One(0, 0, 0.3, 1, 3);
        TcpSettings common = DrawTcp();
        HostModel client = DrawHost(common);
        HostModel server = DrawHost(_random.Next(2) == 0 ? common : DrawTcp());
        bool mayIPv6 = Math.Min(client.MaximumTransmissionUnit, server.MaximumTransmissionUnit) >= 1280;
        List<FlowModel> flows = [];
        int count = _random.Next(1, 4);
        for (int i = 0; i < count * pairs; i++)
        {
            flows.Add(DrawFlow(80 + i, bytes / (count * pairs), badness) with { IsIPv6 = mayIPv6 && Maybe(0.5) });
        }

        bool isShared = topology is Topology.Dumbbell or Topology.Line;
        return new Scenario
        {
            Seed = seed,
            Topology = topology,
            Pairs = pairs,
            Hops = [.. Enumerable.Range(0, hops).Select(_ => DrawBothLinks(badness, isShared))],
            Client = client,
            Server = server,
            PathMtu = One(1280, 1400, 1500, 9000, 9000),
            AreRoutersSilent = Maybe(0.2),
            Flows = flows,
            Disturbances = [.. Enumerable.Range(0, One(0, 0, 1, 3)).Select(_ => DrawDisturbance(topology, hops)).Where(d => d.Hop < Math.Max(hops, 1))],
        };
    }

    private (TimeSpan At, Disturbance What, int Hop) DrawDisturbance(Topology topology, int hops)
    {
        bool isShared = topology is Topology.Dumbbell or Topology.Line;
        Disturbance what = isShared
            ? One(Disturbance.LinkDown, Disturbance.Slower, Disturbance.Longer, Disturbance.SmallerMtu, Disturbance.BlackHole)
            : One(Disturbance.LinkDown, Disturbance.Slower, Disturbance.Longer);
        return (TimeSpan.FromMilliseconds(_random.Next(1, 5000)), what, isShared && hops == 0 ? int.MaxValue : _random.Next(Math.Max(hops, 1)));
    }

    private (LinkModel Right, LinkModel Left) DrawBothLinks(double badness, bool isShared)
    {
        LinkModel right = DrawLink(badness, isShared);
        return _random.Next(3) switch
        {
            0 => (right, right),
            1 => (right, DrawLink(badness, isShared)), // asymmetric
            _ => (right, right with { Loss = 0, Burst = null, Reorder = 0, Corrupt = 0, Duplicate = 0, EcnThresholdBytes = null }),
        };
    }

    private LinkModel DrawLink(double badness, bool isShared)
    {
        long speed = (long)(100_000 * Math.Pow(10, _random.NextDouble() * 4)); // 100 kb/s to 1 Gb/s
        TimeSpan delay = TimeSpan.FromMicroseconds(Math.Pow(10, 1 + (_random.NextDouble() * 4.3))); // 10 µs to 200 ms
        long product = (long)(speed / 8.0 * delay.TotalSeconds * 2);
        int queue = (int)Math.Clamp(product * One(0.2, 0.5, 1, 2, 5), 20_000, 2_000_000);
        return new LinkModel
        {
            BitsPerSecond = speed,
            Delay = delay,
            Jitter = Maybe(0.3) ? delay * _random.NextDouble() : TimeSpan.Zero,
            QueueFrames = isShared ? int.MaxValue : _random.Next(5, 300),
            QueueBytes = isShared ? queue : int.MaxValue,
            EcnThresholdBytes = isShared && Maybe(0.3) ? queue / 3 : null,
            Loss = Maybe(0.6) ? One(0.001, 0.01, 0.02, 0.05) * badness : 0,
            Burst = Maybe(0.25) && badness > 0 ? new GilbertElliott(0.002 * badness, One(0.1, 0.3, 0.6)) : null,
            Reorder = Maybe(0.4) ? One(0.001, 0.02, 0.1) * badness : 0,
            ReorderDelay = Maybe(0.5) ? null : TimeSpan.FromMilliseconds(_random.Next(1, 50)),
            Duplicate = Maybe(0.3) ? 0.01 * badness : 0,
            Corrupt = Maybe(0.3) ? 0.005 * badness : 0,
        };
    }

    private TcpSettings DrawTcp()
    {
        int? receive = Maybe(0.7) ? 4096 << _random.Next(9) : null;
        int? send = Maybe(0.7) ? 4096 << _random.Next(9) : null;
        return new TcpSettings
        {
            Timestamps = Maybe(0.75),
            SelectiveAcknowledgements = Maybe(0.75),
            WindowScaling = Maybe(0.75),
            ReceiveBufferSize = receive,
            SendBufferSize = send,
            MemoryLimit = One(1 << 20, 8 << 20, 64 << 20),
            SendChunks = One(24, 40, 80),
            ReceiveChunks = One(16, 40, 80),
            MaximumConnections = 512,
            MinimumRetransmissionTimeout = TimeSpan.FromMilliseconds(One(50, 200, 200, 1000)),
            MaximumRetransmissionTimeout = TimeSpan.FromSeconds(One(2, 5, 10)),
            DelayedAcknowledgement = TimeSpan.FromMilliseconds(One(1, 40, 40, 200)),
            TimeWait = TimeSpan.FromSeconds(One(1, 10, 60)),
            FinWait2 = TimeSpan.FromSeconds(One(20, 60)),
            Retries = 200, // a run that ends in a timeout would prove nothing
            SynRetries = 100,
            Pacing = Maybe(0.2),
            CongestionControl = CongestionControls.All[_random.Next(CongestionControls.All.Count)].Make,
        };
    }

    private HostModel DrawHost(TcpSettings tcp)
    {
        bool software = Maybe(0.5);
        OffloadFeatures card = software && Maybe(0.5) ? OffloadFeatures.None : VirtualDevice.Features(Maybe(0.5));
        return new HostModel
        {
            Tcp = tcp,
            MaximumTransmissionUnit = One(576, 1280, 1500, 1500, 1500, 4000, 9000),
            Features = card,
            InSoftware = software,
            StackFeatures = software ? DrawFeatures() : OffloadFeatures.All,
            ReceiveBuffers = One(64, 256, 1024),
        };
    }

    // Without segmentation the stack cuts itself; without coalescing it sees each segment.
    private OffloadFeatures DrawFeatures() => One(
        OffloadFeatures.All, OffloadFeatures.All, OffloadFeatures.TxChecksum, OffloadFeatures.All & ~OffloadFeatures.RxCoalesce, OffloadFeatures.All & ~OffloadFeatures.RxChecksum);

    private FlowModel DrawFlow(int port, long share, double badness)
    {
        FlowKind kind = One(
            FlowKind.Bulk, FlowKind.Bulk, FlowKind.BothWays, FlowKind.BothWays, FlowKind.HalfClose, FlowKind.RequestResponse, FlowKind.ManyShort, FlowKind.SlowReader,
            FlowKind.Abort, FlowKind.Linger, FlowKind.Datagrams, FlowKind.Refused);
        long up = Length(share);
        long down = Length(share);
        int rounds = 1;
        switch (kind)
        {
            case FlowKind.RequestResponse:
                rounds = _random.Next(1, 30);
                (up, down) = ((up / rounds) + 1, (down / rounds) + 1);
                break;
            case FlowKind.ManyShort:
                rounds = _random.Next(2, badness > 1 ? 20 : 60);
                (up, down) = (Length(3000) + 1, Length(3000) + 1);
                break;
            case FlowKind.SlowReader:
                up = Math.Min(up, 200_000);
                break;
            case FlowKind.Datagrams:
                rounds = _random.Next(1, 100);
                break;
            default:
                break;
        }

        return new FlowModel
        {
            Kind = kind,
            Port = port,
            Seed = _random.Next(),
            Up = up,
            Down = down,
            Rounds = rounds,
            LargestWrite = One(1, 30, 1000, 1460, 20_000, 100_000, 1_000_000) is var write && up + down > write * 2000L ? 10_000 : write,
            PauseProbability = One(0, 0, 0.01, 0.1),
            NoDelay = Maybe(0.5),
            StartsAt = TimeSpan.FromMicroseconds(_random.Next(One(1, 1000, 2_000_000))),
        };
    }

    // As many short as long ones.
    private long Length(long most) => (long)Math.Exp(_random.NextDouble() * Math.Log(most + 1.0));

    private bool Maybe(double probability) => _random.NextDouble() < probability;

    private T One<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}

using System.Diagnostics.CodeAnalysis;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation.Flows;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation.Fuzzing;

/// <summary>
/// A victim that serves an honest client, while an attacker on the same wire sends it frames: in the client's name without knowing its sequence numbers, and in its
/// own name whatever it likes. The honest transfer ends byte-exact; nothing is thrown, lost or grows without bounds.
/// </summary>
public sealed class FuzzRun : IWireEnd
{
    private const int FramesBetweenChecks = 1000;
    private const ushort HonestPort = 8000;

    private static readonly IPv4Address s_victim = IPv4Address.Parse("192.0.2.1");
    private static readonly IPv4Address s_client = IPv4Address.Parse("192.0.2.2");
    private static readonly IPv4Address s_attacker = IPv4Address.Parse("192.0.2.66");
    private static readonly IPv6Address s_victim6 = IPv6Address.Parse("2001:db8::1");
    private static readonly IPv6Address s_client6 = IPv6Address.Parse("2001:db8::2");
    private static readonly IPv6Address s_attacker6 = IPv6Address.Parse("2001:db8::66");
    private static readonly MacAddress s_attackerMac = new(0x0200_5E00_0066);
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(2);

    private readonly VirtualNetwork _network;
    private readonly VirtualHost _victim;
    private readonly VirtualHost _client;
    private readonly Random _random;
    private readonly List<Injection> _injected = [];
    private readonly List<Flow> _flows = [];
    private readonly Attackable _services;
    private readonly IWireEnd _wire;
    private int _port = HonestPort;

    private FuzzRun(VirtualNetwork network, int seed)
    {
        _network = network;
        _random = new Random(seed);
        TcpSettings settings = new()
        {
            Timestamps = _random.Next(2) == 0,
            SelectiveAcknowledgements = _random.Next(2) == 0,
            SendChunks = 64,
            ReceiveChunks = 64,
            SendBufferSize = 32768,
            ReceiveBufferSize = 32768,
            MaximumConnections = 300,
            HalfOpenConnections = 64,
            TimeWait = TimeSpan.FromSeconds(1),
            FinWait2 = TimeSpan.FromSeconds(5),
            MaximumRetransmissionTimeout = TimeSpan.FromSeconds(2),
            Retries = 60,
            SynRetries = 6,
        };
        HostModel host = new() { Tcp = settings, InSoftware = _random.Next(2) == 0, ReceiveBuffers = 512 };
        LinkModel link = new() { Delay = TimeSpan.FromMilliseconds(1), BitsPerSecond = 50_000_000 };
        EthernetSegment segment = network.AddSegment("lan");
        _victim = network.AddHost(host with { IPv6Address = s_victim6 }, segment, s_victim, null, link);
        _client = network.AddHost(host with { IPv6Address = s_client6 }, segment, s_client, null, link);
        _wire = network.Plug(this, segment, s_attacker, s_attackerMac);
        _services = new Attackable(_victim.Stack);
        Target = new FuzzTarget
        {
            Mac = _victim.Device.MacAddress,
            Address = s_victim,
            Address6 = s_victim6,
            Peer = s_client,
            Peer6 = s_client6,
            Attacker = s_attacker,
            Attacker6 = s_attacker6,
            AttackerMac = s_attackerMac,
            TcpPorts = [Attackable.EchoPort, Attackable.SilentPort],
            UdpPorts = [Attackable.UdpPort],
            Connections = () => _victim.Stack.Tcp.Connections,
        };
    }

    private FuzzTarget Target { get; }

    /// <summary>Runs so many frames by seed.</summary>
    /// <exception cref="SimulationException">A rule was broken; the report ends with the frames that bring it about, cut down.</exception>
    public static void Run(int seed, int frames)
    {
        List<Injection> injected = [];
        try
        {
            Play(seed, run => run.InjectByGrammar(frames), injected);
        }
        catch (SimulationException e)
        {
            IReadOnlyList<Injection> shrunk = Shrinker.Shrink(injected, list => Fails(seed, list, e), attempts: 300);
            throw new SimulationException(
                $"{e.Message}{Environment.NewLine}corpus file (of {injected.Count} frames these are left):{Environment.NewLine}seed {seed}{Environment.NewLine}{string.Join(Environment.NewLine, shrunk)}", e);
        }
    }

    /// <summary>Runs the frames of a corpus file.</summary>
    public static void Replay(string corpus)
    {
        (int seed, IReadOnlyList<Injection> frames) = Injection.Parse(corpus);
        Play(seed, run => run.Inject(frames), []);
    }

    /// <summary>The attacker hears: it answers who asks for its address, or nothing would be sent to it.</summary>
    public void Deliver(WireFrame frame)
    {
        if (NeighborAnswer.To(frame.Bytes, s_attackerMac, flags: NeighborAnswer.Solicited | NeighborAnswer.Override, s_attacker6) is { } answer)
        {
            _wire.Deliver(new WireFrame(answer));
        }
        else if (EthernetHeader.TryParse(frame.Bytes, out EthernetHeader ethernet) && ethernet.EtherType == EtherType.Arp
            && ArpPacket.TryParse(ethernet.Payload, out ArpPacket arp) && arp.Operation == ArpOperation.Request && arp.TargetProtocol == s_attacker)
        {
            byte[] reply = new byte[ArpPacket.Length];
            ArpPacket.Write(reply, new ArpFields(ArpOperation.Reply, s_attackerMac, s_attacker, arp.SenderHardware, arp.SenderProtocol));
            _wire.Deliver(new WireFrame(PacketBuilder.Ethernet(arp.SenderHardware, s_attackerMac, EtherType.Arp, reply)));
        }
    }

    private static bool Fails(int seed, IReadOnlyList<Injection> frames, SimulationException like)
    {
        try
        {
            Play(seed, run => run.Inject(frames), []);
            return false;
        }
        catch (SimulationException e)
        {
            return e.InnerException?.GetType() == like.InnerException?.GetType();
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever it is, it belongs in the report")]
    private static void Play(int seed, Action<FuzzRun> inject, List<Injection> injected)
    {
        using VirtualNetwork network = new(seed);
        FuzzRun? run = null;
        try
        {
            run = new FuzzRun(network, seed);
            run.Play(inject);
        }
        catch (Exception e) when (e is not SimulationException)
        {
            network.Fail(e.ToString(), e);
        }
        finally
        {
            injected.AddRange(run?._injected ?? []);
        }
    }

    private void Play(Action<FuzzRun> inject)
    {
        StartFlow();
        _network.Run(TimeSpan.FromMilliseconds(50));
        inject(this);
        _network.RunUntil(() => FlowsAreDone(), s_patience);
        Check();
        _services.Close();
        _network.RunUntil(() => _victim.Stack.Tcp.ConnectionCount == 0 && _client.Stack.Tcp.ConnectionCount == 0, s_patience);
    }

    private void InjectByGrammar(int frames)
    {
        FrameGrammar grammar = new(_random, Target);
        for (int i = 0; i < frames; i++)
        {
            if (_random.Next(4) == 0)
            {
                _network.Run(TimeSpan.FromMicroseconds(_random.Next(1, _random.Next(50) == 0 ? 300_000 : 500)));
            }

            Inject(new Injection(_network.Time.Elapsed, grammar.Next()));
            if (i % FramesBetweenChecks == 0)
            {
                Check();
            }

            if (FlowsAreDone())
            {
                StartFlow();
            }
        }
    }

    private void Inject(IReadOnlyList<Injection> frames)
    {
        foreach (Injection injection in frames)
        {
            TimeSpan wait = injection.At - _network.Time.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                _network.Run(wait);
            }

            Inject(injection);
            if (FlowsAreDone())
            {
                StartFlow();
            }
        }
    }

    // At once and alone, so that what the grammar knows of the connection still holds.
    private void Inject(Injection injection)
    {
        _injected.Add(injection);
        _victim.Device.Deliver(injection.Bytes);
        _network.Run(TimeSpan.Zero);
    }

    private void StartFlow()
    {
        Flow flow = new BothWaysFlow(_network, _client, _victim, new FlowModel
        {
            Kind = FlowKind.BothWays,
            Port = _port++,
            Seed = _random.Next(),
            Up = _random.Next(200_000),
            Down = _random.Next(200_000),
            PauseProbability = 0.01,
            IsIPv6 = _random.Next(2) == 0,
        });
        _flows.Clear();
        _flows.Add(flow);
        flow.Start();
    }

    private bool FlowsAreDone()
    {
        foreach (Flow flow in _flows)
        {
            if (flow.Task.IsFaulted)
            {
                Exception e = flow.Task.Exception!.GetBaseException();
                _network.Fail($"the honest transfer was harmed: {flow}: {e}", e);
            }

            if (!flow.Task.IsCompleted)
            {
                if (_network.Time.Elapsed - flow.ProgressAt > flow.Patience)
                {
                    _network.Fail($"the honest transfer stands still: {flow}");
                }

                return false;
            }
        }

        return true;
    }

    private void Check()
    {
        Invariants.CheckAlive(_network);
        TcpSettings settings = _victim.Stack.Tcp.Settings;
        if (_victim.Stack.Tcp.ConnectionCount > settings.MaximumConnections)
        {
            _network.Fail($"{_victim.Stack.Tcp.ConnectionCount} connections are more than may be");
        }
    }
}

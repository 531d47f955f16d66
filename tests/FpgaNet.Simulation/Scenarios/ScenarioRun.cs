using System.Diagnostics.CodeAnalysis;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation.Flows;

namespace FpgaNet.Simulation.Scenarios;

/// <summary>What a run came to.</summary>
/// <param name="Hash">Of all frames with their times (<see cref="FrameLog.Hash"/>).</param>
/// <param name="Frames">Frames on all links.</param>
/// <param name="Elapsed">Virtual time.</param>
public readonly record struct ScenarioResult(ulong Hash, long Frames, TimeSpan Elapsed);

/// <summary>Runs a scenario to its end and checks what every run has to keep.</summary>
public sealed class ScenarioRun
{
    private const int FramesBetweenChecks = 500;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_lastConnections = TimeSpan.FromHours(1);

    private readonly Scenario _scenario;
    private readonly VirtualNetwork _network;
    private readonly List<(VirtualHost Client, VirtualHost Server)> _pairs = [];
    private readonly List<(Link Right, Link Left, Router.Port? Out)> _hops = [];
    private readonly List<Flow> _flows = [];
    private long _checkedAt;

    private ScenarioRun(Scenario scenario, VirtualNetwork network)
    {
        _scenario = scenario;
        _network = network;
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="SimulationException">A rule was broken; with the report.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "whatever it is, it belongs in the report")]
    public static ScenarioResult Run(Scenario scenario)
    {
        using VirtualNetwork network = new(scenario.Seed) { Scenario = scenario.ToString() };
        try
        {
            return new ScenarioRun(scenario, network).Run();
        }
        catch (Exception e) when (e is not SimulationException)
        {
            network.Fail(e.ToString(), e);
            return default;
        }
    }

    private ScenarioResult Run()
    {
        Build();
        _network.Details = () => string.Join(Environment.NewLine, _flows);
        foreach ((TimeSpan at, Disturbance what, int hop) in _scenario.Disturbances)
        {
            _network.At(at, () => Disturb(what, _hops[hop]));
        }

        for (int i = 0; i < _scenario.Flows.Count; i++)
        {
            (VirtualHost client, VirtualHost server) = _pairs[i % _pairs.Count];
            Flow flow = Flow.Create(_network, client, server, _scenario.Flows[i]);
            _flows.Add(flow);
            flow.Start();
        }

        _network.RunUntil(FlowsAreDone, s_longest);
        TimeSpan elapsed = _network.Time.Elapsed;
        foreach (Flow flow in _flows)
        {
            flow.Task.GetAwaiter().GetResult();
        }

        // Connections go on without their applications; on a quiet network they end.
        _network.IsFaulty = false;
        foreach ((Link right, Link left, _) in _hops)
        {
            right.IsUp = left.IsUp = true;
        }

        _network.RunUntil(() => _network.Hosts.All(host => host.Stack.Tcp.ConnectionCount == 0), s_lastConnections);
        return new ScenarioResult(_network.Log.Hash, _network.Log.Count, elapsed);
    }

    private bool FlowsAreDone()
    {
        bool done = true;
        foreach (Flow flow in _flows)
        {
            if (flow.Task.IsFaulted)
            {
                Exception e = flow.Task.Exception!.GetBaseException();
                if (e is SimulationException)
                {
                    throw e;
                }

                _network.Fail($"{flow.Model}: {e}", e);
            }

            if (!flow.Task.IsCompleted)
            {
                done = false;
                if (_network.Time.Elapsed - flow.ProgressAt > flow.Patience)
                {
                    _network.Fail($"{flow.Model}: nothing has come through since {flow.ProgressAt.TotalSeconds:f6} s");
                }
            }
        }

        if (_network.Log.Count - _checkedAt >= FramesBetweenChecks)
        {
            _checkedAt = _network.Log.Count;
            Invariants.CheckAlive(_network);
        }

        return done;
    }

    private void Build()
    {
        if (_scenario.Topology is Topology.Dumbbell or Topology.Line)
        {
            Dumbbell dumbbell = new(_network, _scenario.Pairs, _scenario.Hops, _ => _scenario.Client, _ => _scenario.Server);
            foreach (Router router in dumbbell.Routers)
            {
                router.SendsIcmp = !_scenario.AreRoutersSilent;
            }

            foreach (Router.Port port in dumbbell.Routers.SelectMany(router => router.Ports))
            {
                port.MaximumTransmissionUnit = _scenario.PathMtu;
            }

            _pairs.AddRange(dumbbell.Senders.Zip(dumbbell.Receivers));
            _hops.AddRange(dumbbell.Hops.Select(hop => (hop.Right.Link, hop.Left.Link, (Router.Port?)hop.Right)));
            return;
        }

        EthernetSegment segment = _network.AddSegment("lan");
        segment.IsHub = _scenario.Topology == Topology.Hub;
        (LinkModel right, LinkModel left) = _scenario.Hops[0];
        VirtualHost server = _network.AddHost(WithIPv6(_scenario.Server, 1), segment, new IPv4Address(0xC000_0201), null, left);
        for (int i = 0; i < _scenario.Pairs; i++)
        {
            VirtualHost client = _network.AddHost(WithIPv6(_scenario.Client, i + 2), segment, new IPv4Address(0xC000_0202 + (uint)i), null, right);
            _pairs.Add((client, server));
            _hops.Add((client.Link, server.Link, null));
        }
    }

    private void Disturb(Disturbance what, (Link Right, Link Left, Router.Port? Out) hop)
    {
        switch (what)
        {
            case Disturbance.LinkDown:
                hop.Right.IsUp = hop.Left.IsUp = false;
                _network.After(TimeSpan.FromSeconds(3), () => hop.Right.IsUp = hop.Left.IsUp = true);
                break;
            case Disturbance.Slower:
                hop.Right.Model = hop.Right.Model with { BitsPerSecond = Math.Max(hop.Right.Model.BitsPerSecond / 10, 100_000) };
                break;
            case Disturbance.Longer:
                hop.Right.Model = hop.Right.Model with { Delay = hop.Right.Model.Delay + TimeSpan.FromMilliseconds(150) };
                break;
            case Disturbance.BlackHole:
                hop.Out!.Router.SendsIcmp = false;
                hop.Out.MaximumTransmissionUnit = 1280;
                break;
            default:
                hop.Out!.MaximumTransmissionUnit = 1280;
                break;
        }
    }

    private static HostModel WithIPv6(HostModel host, int number) => host.MaximumTransmissionUnit < 1280
        ? host
        : host with { IPv6Address = new IPv6Address(((UInt128)0x2001_0DB8 << 96) | (uint)number) };
}

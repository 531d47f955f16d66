using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation;

/// <summary>What must hold of every stack in every run.</summary>
public static class Invariants
{
    private const int MostTimersOfAStack = 30;
    private const int MostTimersOfAConnection = 2;

    private static readonly StackCounter[] s_outcomes =
    [
        StackCounter.RxNotForUs, StackCounter.RxUnknownType, StackCounter.RxMalformed, StackCounter.RxBadNetworkChecksum, StackCounter.RxBadTransportChecksum,
        StackCounter.RxMartian, StackCounter.RxFragments, StackCounter.RxExtensionRefused, StackCounter.RxUnknownProtocol, StackCounter.ArpReceived,
        StackCounter.IcmpReceived, StackCounter.IgmpReceived, StackCounter.UdpReceived, StackCounter.UdpNoSocket, StackCounter.UdpQueueFull,
        StackCounter.TcpSegmentsReceived,
    ];

    // No run is long enough to count so far: what is above has gone below zero.
    private const ulong Absurd = 1UL << 62;

    /// <summary>While stacks live: counters are numbers that can be.</summary>
    public static void CheckAlive(VirtualNetwork network)
    {
        foreach (VirtualHost host in network.Hosts)
        {
            List<DeviceCounter> counters = [];
            host.Stack.Counters.Read(counters);
            host.Top.ReadCounters(counters);
            foreach (DeviceCounter counter in counters)
            {
                if (counter.Value > Absurd)
                {
                    network.Fail($"{host.Address}: {counter.Name} is {unchecked((long)counter.Value)}");
                }
            }

            StackCounters all = host.Stack.Counters;
            if (all[StackCounter.RxFrames] - all[StackCounter.LoopbackFrames] > (ulong)host.FramesReceived)
            {
                network.Fail($"{host.Address}: the card received {host.FramesReceived} frames, the stack {all[StackCounter.RxFrames]}");
            }

            // A connection has one timer, listeners and the network layer have a few: more would be timers that nobody removed.
            int timers = host.Stack.Network.Timers.Count;
            if (timers > MostTimersOfAStack + (host.Stack.Tcp.ConnectionCount * MostTimersOfAConnection))
            {
                network.Fail($"{host.Address}: {timers} timers wait, with {host.Stack.Tcp.ConnectionCount} connections");
            }

            CheckOutcomes(network, host, all);
            CheckConnections(network, host);
        }
    }

    // Each frame, and each datagram that was put together of several, has ended in exactly one way.
    private static void CheckOutcomes(VirtualNetwork network, VirtualHost host, StackCounters counters)
    {
        ulong frames = counters[StackCounter.RxFrames] + counters[StackCounter.RxReassembled];
        ulong outcomes = 0;
        foreach (StackCounter outcome in s_outcomes)
        {
            outcomes += counters[outcome];
        }

        if (frames != outcomes)
        {
            network.Fail($"{host.Address}: {frames} frames and datagrams came, and {outcomes} outcomes are counted: {string.Join(", ", s_outcomes.Select(o => $"{o} {counters[o]}"))}");
        }
    }

    private static void CheckConnections(VirtualNetwork network, VirtualHost host)
    {
        foreach (TcpConnection connection in host.Stack.Tcp.Connections)
        {
            if (connection.Readable > (host.Stack.Tcp.Settings.ReceiveBufferSize ?? host.Stack.Tcp.Settings.MaximumReceiveBufferSize))
            {
                network.Fail($"{host.Address}: {connection.Readable} bytes wait to be read, more than the receive buffer holds");
            }
        }
    }

    /// <summary>After stacks and devices were disposed of: every buffer is back, no connection is left.</summary>
    public static void CheckEnded(VirtualNetwork network)
    {
        foreach (VirtualHost host in network.Hosts)
        {
            if (host.Stack.BuffersInUse != 0)
            {
                network.Fail($"{host.Address} lost {host.Stack.BuffersInUse} buffers");
            }

            if (host.Stack.Tcp.ConnectionCount != 0)
            {
                network.Fail($"{host.Address} keeps {host.Stack.Tcp.ConnectionCount} connections");
            }
        }
    }
}

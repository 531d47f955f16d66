using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation;

/// <summary>What must hold of every stack in every run.</summary>
public static class Invariants
{
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
            if (all[StackCounter.RxFrames] - all[StackCounter.LoopbackFrames] > (ulong)host.FramesReceived || all[StackCounter.TcpSegmentsReceived] + all[StackCounter.UdpReceived] > all[StackCounter.RxFrames])
            {
                network.Fail(
                    $"{host.Address}: the card received {host.FramesReceived} frames, the stack {all[StackCounter.RxFrames]}, TCP {all[StackCounter.TcpSegmentsReceived]}, UDP {all[StackCounter.UdpReceived]}");
            }

            CheckConnections(network, host);
        }
    }

    private static void CheckConnections(VirtualNetwork network, VirtualHost host)
    {
        foreach (TcpConnection connection in host.Stack.Tcp.Connections)
        {
            if (connection.Readable > host.Stack.Tcp.Settings.ReceiveBufferSize)
            {
                network.Fail($"{host.Address}: {connection.Readable} bytes wait to be read, more than the receive buffer holds");
            }
        }
    }

    /// <summary>After stacks and devices were disposed of: every buffer is back, no timer waits.</summary>
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

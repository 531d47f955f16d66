using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Network;

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

            if (host.Stack.Counters[StackCounter.TcpBytesRetransmitted] > host.Stack.Counters[StackCounter.TxBytes])
            {
                network.Fail($"{host.Address}: more was sent again than was sent");
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

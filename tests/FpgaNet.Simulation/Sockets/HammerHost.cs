using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;

namespace FpgaNet.Simulation.Sockets;

/// <summary>One of two hosts on a cable, and the few descriptors that all threads share.</summary>
internal sealed class HammerHost
{
    private const int Places = 40;
    private const int Highest = 512; // descriptors stay far below: each place holds one, and a thread a few

    private readonly int[] _places = new int[Places];

    private HammerHost(NetworkStack stack)
    {
        Stack = stack;
        Calls = new DescriptorTable(new SocketSystem(stack)) { Limit = Highest };
        Array.Fill(_places, -1);
    }

    public NetworkStack Stack { get; }

    public DescriptorTable Calls { get; }

    /// <summary>Ports that are listened at now and then.</summary>
    public const int Ports = 4;

    /// <summary>An address of this host.</summary>
    public SockAddr At(int port) => SockAddr.Inet(Stack.Address, (ushort)port);

    /// <summary>A descriptor that is open, or was.</summary>
    public int Any(Random random) => Volatile.Read(ref _places[random.Next(Places)]);

    /// <summary>Puts a descriptor where others find it, and closes what stood there.</summary>
    public void Put(Random random, int descriptor)
    {
        int old = Interlocked.Exchange(ref _places[random.Next(Places)], descriptor);
        if (old >= 0)
        {
            Calls.Close(old);
        }
    }

    public void CloseAll()
    {
        for (int i = 0; i < Highest; i++)
        {
            Calls.Close(i);
        }
    }

    public static (HammerHost[] Hosts, IDisposable[] Parts) MakePair()
    {
        MemoryPair cable = new(new MemoryPairOptions());
        HammerHost[] hosts = new HammerHost[2];
        List<IDisposable> parts = [];
        for (int i = 0; i < hosts.Length; i++)
        {
            SoftwareOffload offload = new(i == 0 ? cable.A : cable.B);
            NetworkStack stack = new(offload, new NetworkStackOptions { Address = IPv4Address.Parse(i == 0 ? "192.0.2.1" : "192.0.2.2") });
            hosts[i] = new HammerHost(stack);
            parts.InsertRange(0, [new StackThread(stack), stack, offload]);
        }

        return (hosts, [.. parts, cable]);
    }
}

using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.CoSim.Tests.Queues;

/// <summary>SO_PRIORITY of a socket chooses the card's queue: what is urgent passes what waits.</summary>
[TestClass]
public sealed class SocketPriorityOnCardTests
{
    private const int Bulk = 60;

    [TestMethod]
    public void An_urgent_datagram_passes_those_that_wait_in_a_queue_of_lower_priority()
    {
        int first = PlaceOfUrgent(urgentPriority: 6);
        Assert.IsLessThan(Bulk / 2, first);
        Assert.AreEqual(Bulk, PlaceOfUrgent(urgentPriority: 3), "not urgent enough for the other queue");
    }

    // How many datagrams of the bulk leave before the last one that was sent.
    private static int PlaceOfUrgent(int urgentPriority)
    {
        const ushort BulkPort = 7000;
        const ushort UrgentPort = 7001;
        using QueuesOnCard rig = new(TestSeed.Random());
        Array.Fill(rig.Asleep, true); // the stack takes what comes
        ((FpgaNicQueue)rig.Nic.Queues[1]).Schedule = new TransmitSchedule(Priority: 1);
        SoftwareOffload first = new(rig.Nic);
        SoftwareOffload second = new(rig.Nic.Queues[1]);
        using NetworkStack stack = new(new NetworkStackOptions { TimeProvider = rig.Clock, Seed = 1 });
        stack.AddInterface(first, new InterfaceOptions
        {
            Addresses = [new AddressPrefix(IPv4Address.Parse("192.0.2.1"), 24)],
            Bands = [new TransmitBand(second, LeastPriority: 4)],
        });
        SocketSystem system = new(stack);
        KernelSocket bulk = Open(system, 0);
        KernelSocket urgent = Open(system, urgentPriority);
        for (int i = 0; i < Bulk; i++)
        {
            Send(bulk, BulkPort, 1400);
        }

        Send(urgent, UrgentPort, 100);
        List<ushort> ports = [];
        rig.RunUntil(
            () =>
            {
                stack.Poll();
                while (rig.OnWire.TryDequeue(out byte[]? frame))
                {
                    if (IPv4Header.TryParse(frame.AsSpan(EthernetHeader.Length), frame.Length - EthernetHeader.Length, out IPv4Header header) && header.Protocol == IpProtocol.Udp
                        && UdpHeader.TryParse(header.Payload, header.PayloadLength, out UdpHeader datagram))
                    {
                        ports.Add(datagram.DestinationPort);
                    }
                }

                return ports.Count == Bulk + 1;
            },
            "all are on the wire");
        return ports.IndexOf(UrgentPort);
    }

    private static KernelSocket Open(SocketSystem system, int priority)
    {
        Assert.AreEqual(Errno.None, system.Create(new SocketRequest(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM, 0, Credentials.Own), out KernelSocket? socket));
        Assert.AreEqual(Errno.None, socket!.SetOption(SOL_SOCKET, SO_PRIORITY, BitConverter.GetBytes(priority)));
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_BROADCAST, BitConverter.GetBytes(1))); // nobody has to be asked for a station
        return socket;
    }

    private static void Send(KernelSocket socket, ushort port, int length)
    {
        MessageOut message = new() { Data = new GatherList(new byte[length]), Address = SockAddr.Inet(IPv4Address.Parse("192.0.2.255"), port) };
        Assert.AreEqual(Errno.None, socket.Send(ref message, out _));
    }
}

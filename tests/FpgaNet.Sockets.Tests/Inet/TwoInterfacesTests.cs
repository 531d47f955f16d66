using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>A host with two cables: which of them a datagram takes, and comes by.</summary>
[TestClass]
public sealed class TwoInterfacesTests
{
    private const string Group = "239.9.9.9";

    [TestMethod]
    public void A_socket_bound_to_a_device_uses_it_alone()
    {
        using Rig rig = new();
        KernelSocket free = rig.Open(7000, reuse: true);
        KernelSocket bound = rig.Open(7000, reuse: true, device: rig.Far[1].Name);
        byte[] buffer = new byte[10];
        rig.FromOutside(0, 7000);
        rig.FromOutside(1, 7000);
        Assert.AreEqual(1, rig.Receive(free, buffer), "by the first cable");
        Assert.AreEqual(0, rig.Receive(free, buffer), "what suits better gets it");
        Assert.AreEqual(1, rig.Receive(bound, buffer));
        Assert.AreEqual(0, rig.Receive(bound, buffer));

        // 198.51.100.0/24 is on the second cable; the socket of the first does not reach it.
        KernelSocket first = rig.Open(0, device: rig.Far[0].Name);
        Assert.AreEqual(Errno.ENETUNREACH, rig.Send(first, "198.51.100.9"));
        Assert.AreEqual(Errno.None, rig.Send(first, "192.0.2.9"));
    }

    [TestMethod]
    public void A_group_is_reached_through_the_interface_that_was_chosen()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Open(0);
        foreach (int i in (int[])[1, 0])
        {
            byte[] request = new byte[12]; // struct ip_mreqn
            request[8] = (byte)rig.Stack.Interfaces[i].Index;
            Assert.AreEqual(Errno.None, socket.SetOption(SOL_IP, IP_MULTICAST_IF, request));
            rig.Clear();
            Assert.AreEqual(Errno.None, rig.Send(socket, Group));
            Assert.AreEqual((i == 0 ? 1 : 0, i == 1 ? 1 : 0), (rig.Datagrams(0), rig.Datagrams(1)));
        }
    }

    [TestMethod]
    public void Packet_information_chooses_the_interface()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Open(0);
        foreach (int i in (int[])[1, 0])
        {
            byte[] info = new byte[12];
            info[0] = (byte)rig.Stack.Interfaces[i].Index;
            byte[] control = new byte[ControlWriter.Space(info.Length)];
            new ControlWriter(control).Write(SOL_IP, IP_PKTINFO, info);
            rig.Clear();
            Assert.AreEqual(Errno.None, rig.Send(socket, Group, control: control));
            Assert.AreEqual((i == 0 ? 1 : 0, i == 1 ? 1 : 0), (rig.Datagrams(0), rig.Datagrams(1)));
        }
    }

    [TestMethod]
    public void Without_routes_only_hosts_on_the_link_are_reached()
    {
        using Rig rig = new();
        rig.Stack.Routes.Add(new Route(new AddressPrefix(IpAddress.IPv4Any, 0), rig.Stack.Interfaces[0].Index, IPv4Address.Parse("192.0.2.254")));
        KernelSocket socket = rig.Open(0);
        Assert.AreEqual(Errno.None, rig.Send(socket, "203.0.113.9"));
        Assert.AreEqual(Errno.ENETUNREACH, rig.Send(socket, "203.0.113.9", MessageFlags.MSG_DONTROUTE));
        Assert.AreEqual(Errno.None, rig.Send(socket, "192.0.2.9", MessageFlags.MSG_DONTROUTE));
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_DONTROUTE, BitConverter.GetBytes(1)));
        Assert.AreEqual(Errno.ENETUNREACH, rig.Send(socket, "203.0.113.9"));
    }

    private sealed class Rig : IDisposable
    {
        private readonly MemoryPair[] _cables = [new(new MemoryPairOptions()), new(new MemoryPairOptions())];
        private readonly SoftwareOffload[] _devices;
        private readonly RxFrame[] _batch = new RxFrame[16];
        private readonly SocketSystem _system;

        public Rig()
        {
            Stack = new NetworkStack(new NetworkStackOptions());
            _devices = [.. _cables.Select(static cable => new SoftwareOffload(cable.A))];
            string[] addresses = ["192.0.2.1", "198.51.100.1"];
            for (int i = 0; i < _devices.Length; i++)
            {
                Stack.AddInterface(_devices[i], new InterfaceOptions { Addresses = [new AddressPrefix(IPv4Address.Parse(addresses[i]), 24)] });
            }

            _system = new SocketSystem(Stack);
            Clear();
        }

        public NetworkStack Stack { get; }

        public IReadOnlyList<StackInterface> Far => Stack.Interfaces;

        public KernelSocket Open(ushort port, bool reuse = false, string? device = null)
        {
            Assert.AreEqual(Errno.None, _system.Create(new SocketRequest(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM, 0, Credentials.Own), out KernelSocket? socket));
            Assert.AreEqual(Errno.None, socket!.SetOption(SOL_SOCKET, SO_REUSEADDR, BitConverter.GetBytes(reuse ? 1 : 0)));
            if (device is not null)
            {
                Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_BINDTODEVICE, System.Text.Encoding.UTF8.GetBytes(device)));
            }

            Assert.AreEqual(Errno.None, socket.Bind(SockAddr.Inet(default, port)));
            return socket;
        }

        public Errno Send(KernelSocket socket, string address, MessageFlags flags = MessageFlags.None, byte[]? control = null)
        {
            MessageOut message = new() { Data = new GatherList([42]), Address = SockAddr.Inet(IPv4Address.Parse(address), 9), Flags = flags, Control = control };
            return socket.Send(ref message, out _);
        }

        public int Receive(KernelSocket socket, byte[] buffer)
        {
            MessageIn message = new() { Data = new ScatterList(buffer), Flags = MessageFlags.MSG_DONTWAIT };
            return socket.Receive(ref message, out int received) == Errno.None ? received : 0;
        }

        /// <summary>A datagram comes to us by a cable.</summary>
        public void FromOutside(int cable, ushort port)
        {
            IPv4Address own = Stack.Interfaces[cable].Addresses[0].Address.IPv4;
            byte[] frame = new byte[EthernetHeader.Length + 20 + 8 + 1];
            EthernetHeader.Write(frame, _devices[cable].MacAddress, MacAddress.Parse("02:00:00:00:00:99"), EtherType.IPv4);
            IPv4Header.Write(frame.AsSpan(14), new IPv4Fields { Source = new IPv4Address(own.Value + 8), Destination = own, Protocol = IpProtocol.Udp, PayloadLength = 9, TimeToLive = 64 });
            UdpHeader.Write(frame.AsSpan(34), 5000, port, 1, 0); // without a checksum
            using FpgaNet.Packets.Buffers.BufferPool pool = new(1, 2048);
            FpgaNet.Packets.Buffers.PacketBuffer buffer = pool.TryRent()!.Value;
            frame.CopyTo(buffer.Span);
            TxFrame[] one = [new() { Frame = new FpgaNet.Packets.Buffers.Frame(new FpgaNet.Packets.Buffers.BufferSlice(buffer, 0, frame.Length)) }];
            Assert.AreEqual(1, _cables[cable].B.Transmit(one));
            Stack.Poll();
        }

        /// <summary>UDP datagrams that have left by a cable.</summary>
        public int Datagrams(int cable)
        {
            int found = 0;
            int count = _cables[cable].B.Receive(_batch);
            foreach (ref RxFrame frame in _batch.AsSpan(0, count))
            {
                ReadOnlySpan<byte> bytes = frame.Frame.Header.Span;
                found += bytes[12] == 8 && bytes[13] == 0 && bytes[23] == (byte)IpProtocol.Udp ? 1 : 0;
                frame.Frame.Release();
            }

            return found;
        }

        public void Clear()
        {
            Stack.Poll();
            Datagrams(0);
            Datagrams(1);
        }

        public void Dispose()
        {
            Stack.Dispose();
            foreach (SoftwareOffload device in _devices)
            {
                device.Dispose();
            }

            foreach (MemoryPair cable in _cables)
            {
                cable.Dispose();
            }
        }
    }
}

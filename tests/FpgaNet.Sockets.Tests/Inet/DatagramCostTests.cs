using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>What a datagram costs.</summary>
[TestClass]
public sealed class DatagramCostTests
{
    [TestMethod]
    public void Sending_polling_and_receiving_allocate_nothing()
    {
        using MemoryPair cable = new(new MemoryPairOptions());
        using SoftwareOffload offload = new(cable.A);
        using NetworkStack stack = new(offload, new NetworkStackOptions { Address = IPv4Address.Parse("192.0.2.1") });
        SocketSystem system = new(stack);
        SockAddr address = SockAddr.Inet(stack.Address, 7000);
        KernelSocket receiver = Open(system);
        KernelSocket sender = Open(system);
        Assert.AreEqual(Errno.None, receiver.Bind(address));
        foreach ((int level, int name) in ((int, int)[])[(SOL_IP, IP_PKTINFO), (SOL_IP, IP_RECVTTL), (SOL_SOCKET, SO_TIMESTAMPNS)])
        {
            Assert.AreEqual(Errno.None, receiver.SetOption(level, name, BitConverter.GetBytes(1)));
        }

        Assert.AreEqual(Errno.None, sender.Connect(address));
        byte[] data = new byte[100];
        byte[] control = new byte[256];
        Exchange(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(1000);
        Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.AreEqual(Errno.None, sender.Close());
        Assert.AreEqual(Errno.None, receiver.Close());

        void Exchange(int count)
        {
            for (int i = 0; i < count; i++)
            {
                MessageOut message = new() { Data = new GatherList(data), Address = (i & 1) == 0 ? default : address };
                Assert.IsTrue(sender.Send(ref message, out int sent) == Errno.None && sent == data.Length);
                stack.Poll();
                MessageIn received = new() { Data = new ScatterList(data), Control = control, Flags = MessageFlags.MSG_DONTWAIT };
                Assert.IsTrue(receiver.Receive(ref received, out int length) == Errno.None && length == data.Length && received.ControlLength > 0);
            }
        }
    }

    private static KernelSocket Open(SocketSystem system)
    {
        Assert.AreEqual(Errno.None, system.Create(new SocketRequest(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM, 0, Credentials.Own), out KernelSocket? socket));
        return socket!;
    }
}

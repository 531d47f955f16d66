using System.Buffers.Binary;
using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Names;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Names;

/// <summary>What interfaces say of themselves (netdevice(7)): the same requests on our sockets and on Linux's.</summary>
[TestClass]
public sealed class InterfaceTests
{
    private const int NameLength = 16;
    private const int RequestLength = 40;

    [TestMethod, OnBothSides]
    public void Requests_are_answered_by_name(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        string name = FindName(rig.Client, socket, out int index);
        Assert.AreEqual(SocketRig.ClientAt(0), AddressOf(Ask(rig.Client, socket, SIOCGIFADDR, name)));
        Assert.AreEqual(SocketRig.ClientAt(0), AddressOf(Ask(rig.Client, socket, SIOCGIFDSTADDR, name)));
        Assert.AreEqual("192.0.2.255:0", $"{AddressOf(Ask(rig.Client, socket, SIOCGIFBRDADDR, name))}".Replace("0.0.0.0", "192.0.2.255", StringComparison.Ordinal)); // Linux's was given none
        Assert.AreEqual("255.255.255.0:0", $"{AddressOf(Ask(rig.Client, socket, SIOCGIFNETMASK, name))}");
        Assert.AreEqual(index, BinaryPrimitives.ReadInt32LittleEndian(Ask(rig.Client, socket, SIOCGIFINDEX, name)));
        Assert.AreEqual(1500, BinaryPrimitives.ReadInt32LittleEndian(Ask(rig.Client, socket, SIOCGIFMTU, name)));
        Assert.AreEqual(0, BinaryPrimitives.ReadInt32LittleEndian(Ask(rig.Client, socket, SIOCGIFMETRIC, name)));
        Assert.AreEqual(0x1 | 0x2 | 0x40 | 0x1000, BinaryPrimitives.ReadInt16LittleEndian(Ask(rig.Client, socket, SIOCGIFFLAGS, name)));
        byte[] station = Ask(rig.Client, socket, SIOCGIFHWADDR, name);
        Assert.AreEqual(1, BinaryPrimitives.ReadInt16LittleEndian(station)); // ARPHRD_ETHER
        Assert.AreNotEqual(0, station[7]);
        Assert.AreEqual(0x8, BinaryPrimitives.ReadInt16LittleEndian(Ask(rig.Client, socket, SIOCGIFFLAGS, "lo")) & 0xA);
        Assert.AreEqual(772, BinaryPrimitives.ReadInt16LittleEndian(Ask(rig.Client, socket, SIOCGIFHWADDR, "lo")));
        foreach (int request in (int[])[SIOCGIFADDR, SIOCGIFFLAGS, SIOCGIFMTU, SIOCGIFINDEX, SIOCGIFHWADDR, SIOCGIFNETMASK, SIOCGIFMETRIC, SIOCGIFBRDADDR])
        {
            Expect.Error(ENODEV, rig.Client.Ioctl(socket, request, Request("nobody")));
        }

        byte[] none = Request(string.Empty);
        BinaryPrimitives.WriteInt32LittleEndian(none.AsSpan(NameLength), 9999);
        Expect.Error(ENODEV, rig.Client.Ioctl(socket, SIOCGIFNAME, none));
    }

    [TestMethod]
    public void The_list_has_each_address_of_IPv4()
    {
        using SocketHosts hosts = new();
        DescriptorTable table = hosts.A.Calls;
        int socket = table.Socket(AF_INET6, SOCK_STREAM, 0);
        byte[] needed = new byte[16];
        Assert.AreEqual(0, table.Ioctl(socket, SIOCGIFCONF, needed));
        int length = BinaryPrimitives.ReadInt32LittleEndian(needed);
        Assert.AreEqual(2 * RequestLength, length);
        byte[] list = new byte[16 + length + 10];
        BinaryPrimitives.WriteInt32LittleEndian(list, length + 10);
        Assert.AreEqual(0, table.Ioctl(socket, SIOCGIFCONF, list));
        Assert.AreEqual(length, BinaryPrimitives.ReadInt32LittleEndian(list));
        Assert.AreEqual(hosts.A.Stack.Interfaces[0].Name, NameOf(list.AsSpan(16)));
        Assert.AreEqual(hosts.A.Inet, AddressOf(list[(16 + NameLength)..]));
        Assert.AreEqual("lo", NameOf(list.AsSpan(16 + RequestLength)));
        Assert.AreEqual("127.0.0.1:0", $"{AddressOf(list[(16 + RequestLength + NameLength)..])}");
        BinaryPrimitives.WriteInt32LittleEndian(list, RequestLength + 1);
        Assert.AreEqual(0, table.Ioctl(socket, SIOCGIFCONF, list));
        Assert.AreEqual(RequestLength, BinaryPrimitives.ReadInt32LittleEndian(list));
        Assert.AreEqual(-1, table.Ioctl(socket, SIOCGIFCONF, new byte[8]));
        Assert.AreEqual(EFAULT, DescriptorTable.Errno);
        Assert.AreEqual(-1, table.Ioctl(socket, SIOCGIFMTU, new byte[16]));
        Assert.AreEqual(EFAULT, DescriptorTable.Errno);
    }

    [TestMethod]
    public void Names_and_numbers_lead_to_each_other()
    {
        using SocketHosts hosts = new();
        DescriptorTable table = hosts.A.Calls;
        IfNameIndex[] all = table.IfNameIndex();
        CollectionAssert.Contains(all, new IfNameIndex(hosts.A.Stack.Interfaces[0].Index, hosts.A.Stack.Interfaces[0].Name));
        CollectionAssert.Contains(all.Select(each => each.Name).ToArray(), "lo");
        foreach (IfNameIndex each in all)
        {
            Assert.AreEqual(each.Index, table.IfNameToIndex(each.Name));
            Assert.AreEqual(each.Name, table.IfIndexToName(each.Index));
        }

        Assert.AreEqual(0, table.IfNameToIndex("nobody"));
        Assert.AreEqual(ENODEV, DescriptorTable.Errno);
        Assert.IsNull(table.IfIndexToName(9999));
        Assert.AreEqual(ENXIO, DescriptorTable.Errno);
    }

    private static string FindName(ISocketCalls calls, int socket, out int index)
    {
        for (index = 1; index < 10_000; index++)
        {
            byte[] request = Request(string.Empty);
            BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(NameLength), index);
            if (calls.Ioctl(socket, SIOCGIFNAME, request) == 0 && !string.Equals(NameOf(request), "lo", StringComparison.Ordinal)
                && calls.Ioctl(socket, SIOCGIFADDR, request) == 0)
            {
                return NameOf(request);
            }
        }

        throw new AssertFailedException("There is no interface with an address.");
    }

    private static byte[] Ask(ISocketCalls calls, int socket, int request, string name)
    {
        byte[] bytes = Request(name);
        Expect.Ok(calls.Ioctl(socket, request, bytes));
        Assert.AreEqual(name, NameOf(bytes));
        return bytes[NameLength..];
    }

    private static byte[] Request(string name)
    {
        byte[] request = new byte[RequestLength];
        Encoding.ASCII.GetBytes(name, request);
        return request;
    }

    private static string NameOf(Span<byte> request) => Encoding.ASCII.GetString(request[..request.IndexOf((byte)0)]);

    private static SockAddr AddressOf(byte[] bytes)
    {
        Assert.AreEqual(None, SockAddr.TryRead(bytes.AsSpan(0, 16), out SockAddr address));
        return address;
    }
}

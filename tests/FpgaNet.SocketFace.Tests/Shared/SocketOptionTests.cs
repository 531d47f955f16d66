using System.Net;
using System.Net.Sockets;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Options, by property, by name and as bytes.</summary>
[TestClass]
public sealed class SocketOptionTests
{
    [TestMethod]
    [DataRow(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)]
    [DataRow(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp)]
    [DataRow(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)]
    [DataRow(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp)]
    public void Properties_are_read_as_they_were_set(AddressFamily family, SocketType type, ProtocolType protocol)
    {
        using Rig rig = new();
        using Socket socket = new(family, type, protocol);
        Assert.AreEqual(64, socket.Ttl);
        socket.Ttl = 7;
        Assert.AreEqual(7, socket.Ttl);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.Ttl = 256);
        Assert.IsFalse(socket.EnableBroadcast);
        if (type == SocketType.Dgram)
        {
            socket.EnableBroadcast = true;
            Assert.IsTrue(socket.EnableBroadcast);
        }

        Assert.AreEqual((false, 0), (socket.LingerState!.Enabled, socket.LingerState.LingerTime));
        socket.LingerState = new LingerOption(enable: true, seconds: 3);
        Assert.AreEqual((true, 3), (socket.LingerState!.Enabled, socket.LingerState.LingerTime));
        Assert.IsTrue(socket.ExclusiveAddressUse);
        socket.ExclusiveAddressUse = false;
        Assert.IsFalse(socket.ExclusiveAddressUse);
        Assert.AreEqual(1, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress));
        socket.ReceiveBufferSize = 8192;
        Assert.AreEqual(16384, socket.ReceiveBufferSize);
        socket.SendBufferSize = 8192;
        Assert.AreEqual(16384, socket.SendBufferSize);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.SendBufferSize = -1);
        Assert.IsFalse(socket.DualMode);
        Assert.AreEqual(0, socket.SendTimeout);
        socket.SendTimeout = 5;
        Assert.AreEqual(5, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.SendTimeout));
        if (family == AddressFamily.InterNetwork)
        {
            Assert.IsFalse(socket.DontFragment);
            socket.DontFragment = true;
            Assert.IsTrue(socket.DontFragment);
            Assert.ThrowsExactly<NotSupportedException>(() => socket.DualMode = true);
        }
        else
        {
            Assert.ThrowsExactly<NotSupportedException>(() => socket.DontFragment);
            socket.DualMode = true;
            Assert.IsTrue(socket.DualMode);
        }

        Assert.IsTrue(socket.MulticastLoopback);
    }

    [TestMethod]
    public void Options_have_names_numbers_and_bytes()
    {
        using Rig rig = new();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.AreEqual(1, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Type));
        Assert.AreEqual(0, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error));
        Assert.AreEqual(0, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection));
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 33);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 4);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 5);
        CollectionAssert.AreEqual(new byte[] { 1, 0, 0, 0 }, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, 4));
        byte[] value = new byte[4];
        socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, value);
        Assert.AreEqual(33, BitConverter.ToInt32(value));
        Assert.AreEqual(4, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.NoDelay, BitConverter.GetBytes(1));
        Assert.IsTrue(socket.NoDelay);
        Assert.AreEqual(4, socket.GetRawSocketOption(6, 1, value)); // IPPROTO_TCP, TCP_NODELAY
        Assert.AreEqual(1, value[0]);
        socket.SetRawSocketOption(6, 1, new byte[4]);
        Assert.IsFalse(socket.NoDelay);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Linger, new LingerOption(enable: true, seconds: 2));
        Assert.AreEqual(2, ((LingerOption)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Linger)!).LingerTime);
        Assert.ThrowsExactly<ArgumentException>(() => socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Linger, "no"));
        Expect.Error(SocketError.OperationNotSupported, () => socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.MaxConnections));
        socket.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => socket.NoDelay);
        Assert.ThrowsExactly<ObjectDisposedException>(() => socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Type));
    }

    [TestMethod]
    public void A_group_is_joined_and_left_once()
    {
        using Rig rig = new();
        using IDisposable atServer = rig.AtServer();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        MulticastOption group = new(IPAddress.Parse("224.0.0.200"), rig.Address);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, group);
        Expect.Error(SocketError.AddressAlreadyInUse, () => socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, group));
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.DropMembership, group);
        Expect.Error(SocketError.AddressNotAvailable, () => socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.DropMembership, group));
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 3);
        Assert.AreEqual(3, socket.GetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive));
    }
}

using System.Net;
using System.Net.Sockets;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Datagrams, on the calling thread and by tasks.</summary>
[TestClass]
public sealed class SocketDatagramTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    public void A_datagram_says_who_sent_it_and_is_cut_to_the_buffer()
    {
        using Rig rig = new();
        using Socket server = Server(rig);
        using Socket client = Client();
        Assert.IsNull(client.LocalEndPoint);
        Assert.AreEqual(5, client.SendTo([1, 2, 3, 4, 5], server.LocalEndPoint!));
        Assert.IsTrue(client.IsBound);
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        byte[] buffer = new byte[3];
        Assert.AreEqual(3, server.ReceiveFrom(buffer, ref from));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, buffer);
        Assert.AreEqual(((IPEndPoint)client.LocalEndPoint!).Port, ((IPEndPoint)from).Port);
        Assert.AreEqual(2, server.SendTo([8, 9], from));
        Assert.AreEqual(2, client.Receive(buffer));
        SocketAddress address = server.LocalEndPoint!.Serialize();
        Assert.AreEqual(0, client.SendTo(ReadOnlySpan<byte>.Empty, SocketFlags.None, address));
        SocketAddress sender = new(AddressFamily.InterNetwork);
        Assert.AreEqual(0, server.ReceiveFrom(buffer.AsSpan(), SocketFlags.None, sender));
        Assert.AreEqual(from, from.Create(sender));
    }

    [TestMethod]
    public void A_message_says_where_it_was_sent_to_and_whether_it_was_cut()
    {
        using Rig rig = new();
        using Socket server = Server(rig);
        using Socket client = Client();
        server.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, optionValue: true);
        client.SendTo(new byte[10], server.LocalEndPoint!);
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        SocketFlags flags = SocketFlags.None;
        Assert.AreEqual(4, server.ReceiveMessageFrom(new byte[4], 0, 4, ref flags, ref from, out IPPacketInformation information));
        Assert.AreEqual(SocketFlags.Truncated, flags);
        Assert.AreEqual(rig.Address, information.Address);
        Assert.IsGreaterThan(0, information.Interface);
        client.SendTo(new byte[4], server.LocalEndPoint!);
        flags = SocketFlags.None;
        Assert.AreEqual(4, server.ReceiveMessageFrom(new byte[4], 0, 4, ref flags, ref from, out _));
        Assert.AreEqual(SocketFlags.None, flags);
        Assert.AreEqual(((IPEndPoint)client.LocalEndPoint!).Port, ((IPEndPoint)from).Port);
    }

    [TestMethod]
    public void A_call_out_of_order_throws_what_Socket_throws()
    {
        using Rig rig = new();
        using Socket socket = Client();
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        Assert.ThrowsExactly<InvalidOperationException>(() => socket.ReceiveFrom(new byte[1], ref from));
        Expect.Error(SocketError.DestinationAddressRequired, () => socket.Send(new byte[1]));
        Expect.Error(SocketError.AccessDenied, () => socket.SendTo(new byte[1], new IPEndPoint(IPAddress.Broadcast, 9)));
        Assert.IsFalse(socket.IsBound);
        using Socket bound = Client();
        bound.Bind(new IPEndPoint(IPAddress.Any, 0));
        EndPoint wrong = new IPEndPoint(IPAddress.IPv6Any, 0);
        Assert.ThrowsExactly<ArgumentException>(() => bound.ReceiveFrom(new byte[1], ref wrong));
        Expect.Error(SocketError.MessageSize, () => bound.SendTo(new byte[70_000], new IPEndPoint(rig.Address, 9)));
        Assert.ThrowsExactly<ArgumentNullException>(() => bound.SendTo(new byte[1], null!));
        bound.ReceiveTimeout = 10;
        Expect.Error(SocketError.TimedOut, () => bound.ReceiveFrom(new byte[1], ref from));
    }

    [TestMethod]
    public void A_connected_socket_hears_that_nobody_listens()
    {
        using Rig rig = new();
        using Socket server = Server(rig);
        EndPoint nobody = server.LocalEndPoint!;
        server.Dispose();
        using Socket client = Client();
        client.Connect(nobody);
        Assert.IsTrue(client.Connected);
        Assert.AreEqual(nobody, client.RemoteEndPoint);
        client.Send(new byte[1]);
        Expect.Error(SocketError.ConnectionRefused, () => client.Receive(new byte[1]));
        Assert.ThrowsExactly<InvalidOperationException>(() => client.Connect(nobody));
    }

    [TestMethod]
    public void A_peer_can_be_changed()
    {
        using Rig rig = new();
        using Socket first = Server(rig);
        using Socket second = Server(rig);
        using Socket client = Client();
        client.Connect(first.LocalEndPoint!);
        client.Connect(second.LocalEndPoint!);
        Assert.AreEqual(second.LocalEndPoint, client.RemoteEndPoint);
        Assert.AreEqual(1, client.Send(new byte[1]));
        Assert.AreEqual(1, second.Receive(new byte[2]));
    }

    [TestMethod]
    public async Task Tasks_end_in_order_with_their_senders()
    {
        using Rig rig = new();
        using Socket server = Server(rig);
        using Socket client = Client();
        byte[] buffer = new byte[30];
        EndPoint any = new IPEndPoint(IPAddress.Any, 0);
        Task<SocketReceiveFromResult>[] receives = [.. Enumerable.Range(0, 10).Select(i => server.ReceiveFromAsync(buffer.AsMemory(i * 3, 3), any).AsTask())];
        for (byte i = 0; i < receives.Length; i++)
        {
            Assert.AreEqual(2, await client.SendToAsync(new byte[] { i, 1 }, server.LocalEndPoint!));
            SocketReceiveFromResult result = await receives[i].WaitAsync(s_patience);
            Assert.AreEqual((2, i), (result.ReceivedBytes, buffer[i * 3]));
            Assert.AreEqual(((IPEndPoint)client.LocalEndPoint!).Port, ((IPEndPoint)result.RemoteEndPoint).Port);
        }

        Task<SocketReceiveMessageFromResult> waiting = server.ReceiveMessageFromAsync(buffer.AsMemory(0, 1), any).AsTask();
        await client.SendToAsync(new byte[2], server.LocalEndPoint!);
        SocketReceiveMessageFromResult message = await waiting.WaitAsync(s_patience);
        Assert.AreEqual((1, SocketFlags.Truncated), (message.ReceivedBytes, message.SocketFlags));
        Assert.AreEqual(rig.Address, message.PacketInformation.Address);
        using CancellationTokenSource stop = new();
        Task<SocketReceiveFromResult> cancelled = server.ReceiveFromAsync(buffer.AsMemory(), any, stop.Token).AsTask();
        Task<SocketReceiveFromResult> disposed = server.ReceiveFromAsync(buffer.AsMemory(), any).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => cancelled.WaitAsync(s_patience));
        server.Dispose();
        await Expect.ErrorAsync(SocketError.OperationAborted, () => disposed.WaitAsync(s_patience));
    }

    [TestMethod]
    public async Task Udp_clients_talk()
    {
        using Rig rig = new();
        using IDisposable atServer = rig.AtServer();
        using UdpClient server = new(new IPEndPoint(rig.Address, 0));
        atServer.Dispose();
        using UdpClient client = new();
        Assert.ThrowsExactly<InvalidOperationException>(() => client.Send(new byte[1], 1));
        IPEndPoint there = (IPEndPoint)server.Client.LocalEndPoint!;
        Assert.AreEqual(3, client.Send([1, 2, 3], 3, there));
        IPEndPoint? from = null;
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, server.Receive(ref from));
        client.Connect(there);
        Assert.ThrowsExactly<InvalidOperationException>(() => client.Send([1], 1, there));
        Assert.AreEqual(2, await client.SendAsync(new byte[] { 4, 5 }));
        UdpReceiveResult result = await server.ReceiveAsync().WaitAsync(s_patience);
        CollectionAssert.AreEqual(new byte[] { 4, 5 }, result.Buffer);
        Assert.AreEqual(from!.Port, result.RemoteEndPoint.Port);
        IAsyncResult receiving = client.BeginReceive(null, null);
        Assert.AreEqual(1, server.EndSend(server.BeginSend([6], 1, result.RemoteEndPoint, null, null)));
        CollectionAssert.AreEqual(new byte[] { 6 }, client.EndReceive(receiving, ref from));
        Assert.AreEqual(there, from);
        client.Ttl = 9;
        client.EnableBroadcast = true;
        Assert.IsTrue(client.Ttl == 9 && client.EnableBroadcast && client.Client.EnableBroadcast);
        client.Close();
        Assert.ThrowsExactly<ObjectDisposedException>(() => client.Send(new byte[1], 1));
    }

    private static Socket Client() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 30_000 };

    private static Socket Server(Rig rig)
    {
        using (rig.AtServer())
        {
            Socket server = Client();
            server.Bind(new IPEndPoint(rig.Address, 0));
            return server;
        }
    }
}

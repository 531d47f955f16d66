using System.Net;
using System.Net.Sockets;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Calls that end by an event.</summary>
[TestClass]
public sealed class SocketEventArgsTests
{
    [TestMethod]
    public void A_stream_by_events()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        using Step accepting = new();
        bool isPending = connection.Listener.AcceptAsync(accepting.Args);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using Step connecting = new();
        connecting.Args.RemoteEndPoint = connection.Listener.LocalEndPoint;
        connecting.Wait(client.ConnectAsync(connecting.Args));
        Assert.AreEqual((SocketAsyncOperation.Connect, client), (connecting.Args.LastOperation, connecting.Args.ConnectSocket));
        accepting.Wait(isPending);
        using Socket server = accepting.Args.AcceptSocket!;
        Assert.AreEqual(client.LocalEndPoint, server.RemoteEndPoint);
        using Step receiving = new();
        byte[] buffer = new byte[10];
        receiving.Args.SetBuffer(buffer, 2, 4);
        receiving.Args.UserToken = "token";
        isPending = server.ReceiveAsync(receiving.Args);
        Assert.IsTrue(isPending);
        Assert.ThrowsExactly<InvalidOperationException>(() => server.ReceiveAsync(receiving.Args));
        using Step sending = new();
        sending.Args.SetBuffer(new byte[] { 1, 2, 3 });
        sending.Wait(client.SendAsync(sending.Args));
        Assert.AreEqual(3, sending.Args.BytesTransferred);
        receiving.Wait(isPending);
        Assert.AreEqual((3, SocketError.Success, "token"), (receiving.Args.BytesTransferred, receiving.Args.SocketError, (string)receiving.Args.UserToken!));
        CollectionAssert.AreEqual(new byte[] { 0, 0, 1, 2, 3, 0, 0, 0, 0, 0 }, buffer);
        receiving.Args.SetBuffer(0, 1);
        isPending = server.ReceiveAsync(receiving.Args);
        server.Dispose();
        receiving.Wait(isPending);
        Assert.AreEqual(SocketError.OperationAborted, receiving.Args.SocketError);
    }

    [TestMethod]
    public void Datagrams_by_events()
    {
        using Rig rig = new();
        Socket server;
        using (rig.AtServer())
        {
            server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        }

        server.Bind(new IPEndPoint(rig.Address, 0));
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using Step receiving = new();
        receiving.Args.SetBuffer(new byte[2]);
        receiving.Args.RemoteEndPoint = new IPEndPoint(IPAddress.Any, 0);
        bool isPending = server.ReceiveMessageFromAsync(receiving.Args);
        using Step sending = new();
        sending.Args.SetBuffer(new byte[] { 7, 8, 9 });
        sending.Args.RemoteEndPoint = server.LocalEndPoint;
        sending.Wait(client.SendToAsync(sending.Args));
        receiving.Wait(isPending);
        Assert.AreEqual((2, SocketFlags.Truncated), (receiving.Args.BytesTransferred, receiving.Args.SocketFlags));
        Assert.AreEqual(rig.Address, receiving.Args.ReceiveMessageFromPacketInfo.Address);
        receiving.Args.SocketFlags = SocketFlags.None;
        isPending = server.ReceiveFromAsync(receiving.Args);
        sending.Wait(client.SendToAsync(sending.Args));
        receiving.Wait(isPending);
        Assert.AreEqual(((IPEndPoint)client.LocalEndPoint!).Port, ((IPEndPoint)receiving.Args.RemoteEndPoint!).Port);
        server.Dispose();
    }

    private sealed class Step : IDisposable
    {
        private readonly SemaphoreSlim _done = new(0);

        public Step() => Args.Completed += (_, _) => _done.Release();

        public SocketAsyncEventArgs Args { get; } = new();

        public void Wait(bool isPending) => Assert.IsTrue(!isPending || _done.Wait(TimeSpan.FromSeconds(30)));

        public void Dispose()
        {
            Args.Dispose();
            _done.Dispose();
        }
    }
}

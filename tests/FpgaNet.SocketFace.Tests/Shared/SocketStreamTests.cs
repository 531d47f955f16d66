using System.Net;
using System.Net.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Streams, on the calling thread.</summary>
[TestClass]
public sealed class SocketStreamTests
{
    [TestMethod]
    public void A_stream_carries_bytes_both_ways_and_ends()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        byte[] sent = new byte[300_000];
        TestSeed.Random().NextBytes(sent);
        Thread sending = new(() =>
        {
            Assert.AreEqual(sent.Length, connection.Client.Send(sent));
            connection.Client.Shutdown(SocketShutdown.Send);
        });
        sending.Start();
        byte[] received = new byte[sent.Length];
        int count = 0;
        while (count < received.Length)
        {
            count += connection.Server.Receive(received.AsSpan(count));
        }

        Assert.AreEqual(0, connection.Server.Receive(new byte[1]));
        CollectionAssert.AreEqual(sent, received);
        sending.Join();
        Assert.AreEqual(3, connection.Server.Send([new ArraySegment<byte>([1]), new ArraySegment<byte>([9, 2, 3], 1, 2)]));
        byte[] last = new byte[3];
        for (count = 0; count < last.Length;)
        {
            count += connection.Client.Receive([new ArraySegment<byte>(last, count, 1), new ArraySegment<byte>(last, count + 1, 2 - count)]);
        }

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, last);
    }

    [TestMethod]
    public void End_points_and_state_are_told()
    {
        using Rig rig = new();
        using Socket fresh = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.IsNull(fresh.LocalEndPoint);
        Assert.IsNull(fresh.RemoteEndPoint);
        Assert.IsFalse(fresh.Connected);
        Assert.IsFalse(fresh.IsBound);
        Assert.IsTrue(fresh.Blocking);
        Assert.AreEqual((AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), (fresh.AddressFamily, fresh.SocketType, fresh.ProtocolType));
        using Connection connection = new(rig);
        Assert.AreEqual(connection.Listener.LocalEndPoint, connection.Client.RemoteEndPoint);
        Assert.AreEqual(connection.Server.RemoteEndPoint, connection.Client.LocalEndPoint);
        Assert.AreEqual(connection.Listener.LocalEndPoint, connection.Server.LocalEndPoint);
        Assert.IsTrue(connection.Client.Connected && connection.Server.Connected && connection.Client.IsBound);
        connection.Client.Dispose();
        Assert.IsFalse(connection.Client.Connected);
        Assert.ThrowsExactly<ObjectDisposedException>(() => connection.Client.LocalEndPoint);
        Assert.ThrowsExactly<ObjectDisposedException>(() => connection.Client.Receive(new byte[1]));
        Assert.ThrowsExactly<ObjectDisposedException>(() => connection.Client.Poll(0, SelectMode.SelectRead));
    }

    [TestMethod]
    public void A_call_out_of_order_throws_what_Socket_throws()
    {
        using Rig rig = new();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Expect.Error(SocketError.Shutdown, () => socket.Send(new byte[1]));
        Expect.Error(SocketError.NotConnected, () => socket.Receive(new byte[1]));
        Expect.Error(SocketError.NotConnected, () => socket.Shutdown(SocketShutdown.Both));
        Expect.Error(SocketError.NotConnected, () => socket.Disconnect(reuseSocket: false));
        Assert.ThrowsExactly<InvalidOperationException>(() => socket.Accept());
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        Assert.ThrowsExactly<InvalidOperationException>(() => socket.Accept());
        Expect.Error(SocketError.InvalidArgument, () => socket.Bind(new IPEndPoint(IPAddress.Any, 0)));
        socket.Listen();
        Assert.ThrowsExactly<InvalidOperationException>(() => socket.Connect(IPAddress.Loopback, 1));
        using Connection connection = new(rig);
        Expect.Error(SocketError.IsConnected, () => connection.Client.Connect(connection.Listener.LocalEndPoint!));
        connection.Client.Shutdown(SocketShutdown.Send);
        Expect.Error(SocketError.Shutdown, () => connection.Client.Send(new byte[1]));
        connection.Server.Shutdown(SocketShutdown.Receive);
        Assert.AreEqual(0, connection.Server.Receive(new byte[1]));
        connection.Server.Disconnect(reuseSocket: false);
        Assert.IsFalse(connection.Server.Connected);
    }

    [TestMethod]
    public void Wrong_arguments_are_refused_as_Socket_refuses_them()
    {
        using Rig rig = new();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.ThrowsExactly<ArgumentNullException>(() => socket.Send((byte[])null!));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.Send(new byte[1], 2, 1, SocketFlags.None));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.Receive(new byte[1], 1, 1, SocketFlags.None));
        Assert.ThrowsExactly<ArgumentException>(() => socket.Send(new List<ArraySegment<byte>>()));
        Assert.ThrowsExactly<ArgumentNullException>(() => socket.Bind(null!));
        Assert.ThrowsExactly<ArgumentException>(() => socket.Bind(new DnsEndPoint("localhost", 0)));
        Assert.ThrowsExactly<ArgumentException>(() => socket.Connect(new[] { IPAddress.IPv6Loopback }, 1));
        Assert.ThrowsExactly<ArgumentException>(() => socket.Connect(Array.Empty<IPAddress>(), 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.Connect(IPAddress.Loopback, 70_000));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.ReceiveTimeout = -2);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => socket.Close(-2));
        Assert.ThrowsExactly<ArgumentNullException>(() => Socket.Select(null, null, null, 0));
        Expect.Error(SocketError.AddressFamilyNotSupported, () => socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0)));
        Expect.Error(SocketError.AddressFamilyNotSupported, () => socket.Connect(new IPEndPoint(IPAddress.IPv6Loopback, 1)));
        Expect.Error(SocketError.AddressNotAvailable, () => socket.Bind(new IPEndPoint(IPAddress.Parse("203.0.113.9"), 0)));
        Expect.Error(SocketError.ProtocolNotSupported, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Udp).Dispose());
        Expect.Error(SocketError.AddressFamilyNotSupported, () => new Socket(AddressFamily.AppleTalk, SocketType.Stream, ProtocolType.Tcp).Dispose());
        Assert.AreEqual(0, socket.Send(new byte[1], 0, 1, SocketFlags.None, out SocketError error));
        Assert.AreEqual(SocketError.Shutdown, error);
        using Connection connection = new(rig);
        Expect.Error(SocketError.OperationNotSupported, () => connection.Client.Send(new byte[1], SocketFlags.Partial));
    }

    [TestMethod]
    public void A_socket_that_does_not_block_says_WouldBlock_and_one_with_a_time_out_TimedOut()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        connection.Client.ReceiveTimeout = 10;
        Assert.AreEqual(10, connection.Client.ReceiveTimeout);
        Expect.Error(SocketError.TimedOut, () => connection.Client.Receive(new byte[1]));
        Assert.IsTrue(connection.Client.Connected);
        connection.Client.Blocking = false;
        Expect.Error(SocketError.WouldBlock, () => connection.Client.Receive(new byte[1]));
        connection.Listener.Blocking = false;
        Expect.Error(SocketError.WouldBlock, () => connection.Listener.Accept());
        connection.Server.ReceiveTimeout = -1;
        Assert.AreEqual(0, connection.Server.ReceiveTimeout);
    }

    [TestMethod]
    public void Disposing_ends_calls_that_wait_on_their_thread()
    {
        using Rig rig = new();
        Assert.AreEqual(SocketError.ConnectionAborted, WhileWaiting(rig, connection => connection.Client, socket => socket.Receive(new byte[1])));
        Assert.AreEqual(SocketError.Interrupted, WhileWaiting(rig, connection => connection.Listener, socket => socket.Accept().Dispose()));
    }

    [TestMethod]
    public void A_send_that_is_cut_short_by_its_time_out_says_so()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        connection.Client.SendTimeout = 50;
        Assert.IsLessThan(50_000_000, connection.Client.Send(new byte[50_000_000], 0, 50_000_000, SocketFlags.None, out SocketError error));
        Assert.AreEqual(SocketError.TimedOut, error);
        Expect.Error(SocketError.TimedOut, () => connection.Client.Send([new ArraySegment<byte>(new byte[25_000_000]), new ArraySegment<byte>(new byte[25_000_000])]));
    }

    [TestMethod]
    public void Select_and_Poll_tell_who_is_ready()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        Assert.IsFalse(connection.Client.Poll(0, SelectMode.SelectRead));
        Assert.IsTrue(connection.Client.Poll(0, SelectMode.SelectWrite));
        Assert.IsFalse(connection.Client.Poll(0, SelectMode.SelectError));
        Assert.IsFalse(connection.Client.Poll(TimeSpan.FromMilliseconds(1), SelectMode.SelectRead));
        List<Socket> read = [connection.Client, connection.Server, connection.Listener];
        Socket.Select(read, null, null, 1000);
        Assert.IsEmpty(read);
        connection.Server.Send(new byte[1]);
        Assert.IsTrue(connection.Client.Poll(-1, SelectMode.SelectRead));
        read = [connection.Client, connection.Server, connection.Client];
        List<Socket> write = [connection.Client];
        Socket.Select(read, write, null, -1);
        CollectionAssert.AreEqual(new[] { connection.Client, connection.Client }, read);
        CollectionAssert.AreEqual(new[] { connection.Client }, write);
        using Socket another = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task connecting = another.ConnectAsync(connection.Listener.LocalEndPoint!);
        read = [connection.Server, connection.Listener];
        Socket.Select(read, null, null, -1);
        CollectionAssert.AreEqual(new[] { connection.Listener }, read);
        connection.Listener.Accept().Dispose();
        connecting.Wait(TimeSpan.FromSeconds(30));
    }

    [TestMethod]
    public void Of_several_addresses_the_one_that_answers_is_taken()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.NoDelay = true;
        socket.Connect([rig.Address6, rig.Address], ((IPEndPoint)connection.Listener.LocalEndPoint!).Port);
        Assert.AreEqual(rig.Address.MapToIPv6(), ((IPEndPoint)socket.RemoteEndPoint!).Address);
        Assert.IsTrue(socket.NoDelay);
    }

    [TestMethod]
    public void A_reset_is_told_once_and_then_the_end()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        connection.Server.LingerState = new LingerOption(enable: true, seconds: 0);
        connection.Server.Close();
        Expect.Error(SocketError.ConnectionReset, () => connection.Client.Receive(new byte[1]));
        Assert.IsFalse(connection.Client.Connected);
        Assert.IsNull(connection.Client.RemoteEndPoint);
        Assert.AreEqual(0, connection.Client.Receive(new byte[1]));
    }

    [TestMethod]
    public void Requests_and_files()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        Assert.ThrowsExactly<InvalidOperationException>(() => connection.Client.IOControl(IOControlCode.NonBlockingIO, new byte[4], null));
        Assert.ThrowsExactly<PlatformNotSupportedException>(() => connection.Client.IOControl(unchecked((int)0x98000004), new byte[12], null));
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [3, 4]);
            connection.Server.SendFile(path, [1, 2], [5], TransmitFileOptions.UseDefaultWorkerThread);
        }
        finally
        {
            File.Delete(path);
        }

        Wait.Until(() => connection.Client.Available == 5);
        byte[] number = new byte[4];
        Assert.AreEqual(4, connection.Client.IOControl(IOControlCode.DataToRead, null, number));
        Assert.AreEqual(5, BitConverter.ToInt32(number));
        byte[] received = new byte[6];
        Assert.AreEqual(2, connection.Client.Receive(received, 2, SocketFlags.Peek));
        Assert.AreEqual(5, connection.Client.Receive(received));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 0 }, received);
    }

    [TestMethod]
    public void A_refused_connection_is_refused_again_and_leaves_the_socket_unbound()
    {
        using Rig rig = new();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        int port = FreePort(rig);
        Expect.Error(SocketError.ConnectionRefused, () => socket.Connect(rig.Address, port));
        Assert.IsFalse(socket.Connected);
        Assert.IsFalse(socket.IsBound);
        Assert.IsNull(socket.RemoteEndPoint);
        Expect.Error(SocketError.ConnectionRefused, () => socket.Connect(rig.Address, port));
        using Connection connection = new(rig);
        socket.Connect([rig.Address], ((IPEndPoint)connection.Listener.LocalEndPoint!).Port);
        Assert.IsTrue(socket.Connected);
    }

    private static int FreePort(Rig rig)
    {
        using (rig.AtServer())
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(rig.Address, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
    }

    // Nobody can see a thread wait in the operating system: one that was not there yet finds the socket disposed of, and the next gets more time.
    private static SocketError WhileWaiting(Rig rig, Func<Connection, Socket> choose, Action<Socket> action)
    {
        for (int patience = 50; ; patience *= 2)
        {
            using Connection connection = new(rig);
            Socket socket = choose(connection);
            SocketError? error = null;
            Thread waiting = new(() =>
            {
                try
                {
                    action(socket);
                }
                catch (SocketException e)
                {
                    error = e.SocketErrorCode;
                }
                catch (ObjectDisposedException)
                {
                    // Too late to wait.
                }
            });
            waiting.Start();
            Thread.Sleep(patience);
            socket.Dispose();
            Assert.IsTrue(waiting.Join(TimeSpan.FromSeconds(30)));
            if (error is { } found)
            {
                return found;
            }
        }
    }
}

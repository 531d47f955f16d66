using System.Net;
using System.Net.Sockets;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>TcpClient, TcpListener and NetworkStream.</summary>
[TestClass]
public sealed class TcpClientTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task A_client_and_a_listener_talk_by_streams()
    {
        using Rig rig = new();
        using TcpListener listener = Listener(rig);
        Assert.IsFalse(listener.Pending());
        using TcpClient client = new();
        Assert.IsFalse(client.Connected);
        Assert.ThrowsExactly<InvalidOperationException>(() => client.GetStream());
        await client.ConnectAsync(rig.Address, ((IPEndPoint)listener.LocalEndpoint).Port).WaitAsync(s_patience);
        using TcpClient server = await listener.AcceptTcpClientAsync().WaitAsync(s_patience);
        NetworkStream near = client.GetStream();
        NetworkStream far = server.GetStream();
        Assert.AreSame(near, client.GetStream());
        Assert.IsTrue(near.CanRead && near.CanWrite && near.CanTimeout && !near.CanSeek && !near.DataAvailable);
        near.WriteByte(5);
        near.Write([6, 7], 0, 2);
        await near.WriteAsync(new byte[] { 8 });
        await near.FlushAsync();
        byte[] received = new byte[4];
        await far.ReadExactlyAsync(received);
        CollectionAssert.AreEqual(new byte[] { 5, 6, 7, 8 }, received);
        far.EndWrite(far.BeginWrite([9], 0, 1, null, null));
        Assert.AreEqual(1, near.EndRead(near.BeginRead(received, 0, 4, null, null)));
        Assert.AreEqual(9, received[0]);
        Assert.AreEqual(-1, near.ReadTimeout);
        near.ReadTimeout = 10;
        IOException late = Assert.ThrowsExactly<IOException>(() => near.ReadByte());
        Assert.AreEqual(SocketError.TimedOut, ((SocketException)late.InnerException!).SocketErrorCode);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => near.ReadTimeout = 0);
        Assert.ThrowsExactly<NotSupportedException>(() => near.Length);
        Assert.ThrowsExactly<NotSupportedException>(() => near.Seek(0, SeekOrigin.Begin));
        server.Close();
        near.ReadTimeout = Timeout.Infinite;
        Assert.AreEqual(-1, near.ReadByte());
        near.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => near.ReadByte());
        Assert.IsFalse(client.Connected);
        client.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => client.GetStream());
    }

    [TestMethod]
    public void A_stream_is_made_of_a_connected_blocking_stream_only()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        using Socket unconnected = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Connect(rig.Address, 9);
        Assert.ThrowsExactly<IOException>(() => new NetworkStream(unconnected));
        Assert.ThrowsExactly<IOException>(() => new NetworkStream(datagrams));
        connection.Server.Blocking = false;
        Assert.ThrowsExactly<IOException>(() => new NetworkStream(connection.Server));
        connection.Server.Blocking = true;
        using NetworkStream writer = new(connection.Server, FileAccess.Write);
        Assert.ThrowsExactly<InvalidOperationException>(() => writer.ReadByte());
        using NetworkStream reader = new(connection.Client, FileAccess.Read, ownsSocket: true);
        Assert.ThrowsExactly<InvalidOperationException>(() => reader.WriteByte(1));
        writer.WriteByte(3);
        Assert.AreEqual(3, reader.ReadByte());
        writer.Dispose();
        Assert.IsTrue(connection.Server.Connected);
        reader.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => connection.Client.Available);
    }

    [TestMethod]
    public async Task Errors_of_the_connection_are_inside_an_IOException()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        using NetworkStream stream = new(connection.Client);
        using CancellationTokenSource stop = new();
        ValueTask<int> cancelled = stream.ReadAsync(new byte[1], stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => cancelled.AsTask().WaitAsync(s_patience));
        Task<int> reading = stream.ReadAsync(new byte[1]).AsTask();
        connection.Server.LingerState = new LingerOption(enable: true, seconds: 0);
        connection.Server.Close();
        IOException reset = await Assert.ThrowsExactlyAsync<IOException>(() => reading.WaitAsync(s_patience));
        Assert.AreEqual(SocketError.ConnectionReset, ((SocketException)reset.InnerException!).SocketErrorCode);
    }

    [TestMethod]
    public async Task A_listener_starts_stops_and_starts_again()
    {
        using Rig rig = new();
        TcpListener listener;
        using (rig.AtServer())
        {
            listener = new TcpListener(rig.Address, 0);
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => listener.Pending());
        Assert.ThrowsExactly<InvalidOperationException>(() => listener.AcceptTcpClient());
        listener.Start();
        Task<Socket> accepting = listener.AcceptSocketAsync();
        listener.Stop();
        await Expect.ErrorAsync(SocketError.OperationAborted, () => accepting.WaitAsync(s_patience));
        listener.Start();
        using TcpClient client = new(AddressFamily.InterNetwork);
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        Assert.IsTrue(listener.Server.Poll(-1, SelectMode.SelectRead));
        Assert.IsTrue(listener.Pending());
        using Socket accepted = listener.AcceptSocket();
        Assert.AreEqual(accepted.RemoteEndPoint, client.Client.LocalEndPoint);
        Assert.AreEqual(SocketError.IsConnected, Assert.ThrowsExactly<SocketException>(() => client.Connect(rig.Address, 1)).SocketErrorCode);
        listener.Stop();
    }

    private static TcpListener Listener(Rig rig)
    {
        using (rig.AtServer())
        {
            TcpListener listener = new(rig.Address, 0);
            listener.Start();
            return listener;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Calls that give a task.</summary>
[TestClass]
public sealed class SocketAsyncTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task A_stream_carries_bytes_both_ways_and_ends()
    {
        using Rig rig = new();
        Socket listener = Listening(rig);
        Task<Socket> accepting = listener.AcceptAsync();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!).WaitAsync(s_patience);
        using Socket server = await accepting.WaitAsync(s_patience);
        byte[] sent = new byte[500_000];
        TestSeed.Random().NextBytes(sent);
        Task<int> sending = client.SendAsync(sent.AsMemory(), SocketFlags.None, CancellationToken.None).AsTask();
        byte[] received = new byte[sent.Length];
        for (int count = 0; count < received.Length;)
        {
            count += await server.ReceiveAsync(received.AsMemory(count)).AsTask().WaitAsync(s_patience);
        }

        Assert.AreEqual(sent.Length, await sending.WaitAsync(s_patience));
        CollectionAssert.AreEqual(sent, received);
        client.Shutdown(SocketShutdown.Send);
        Assert.AreEqual(0, await server.ReceiveAsync(new byte[1]).WaitAsync(s_patience));
        Assert.AreEqual(3, await server.SendAsync([new ArraySegment<byte>([1, 2]), new ArraySegment<byte>([3])]));
        byte[] last = new byte[3];
        for (int count = 0; count < last.Length;)
        {
            count += await client.ReceiveAsync([new ArraySegment<byte>(last, count, 1), new ArraySegment<byte>(last, count + 1, 2 - count)]).WaitAsync(s_patience);
        }

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, last);
        listener.Dispose();
    }

    [TestMethod]
    public async Task Several_receives_end_in_the_order_in_which_they_were_made()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        byte[] buffer = new byte[20];
        Task<int>[] receives = [.. Enumerable.Range(0, buffer.Length).Select(i => connection.Client.ReceiveAsync(buffer.AsMemory(i, 1)).AsTask())];
        for (byte i = 0; i < buffer.Length; i++)
        {
            Assert.IsFalse(receives[i].IsCompleted);
            connection.Server.Send([i]);
            Assert.AreEqual(1, await receives[i].WaitAsync(s_patience));
            Assert.AreEqual(i, buffer[i]);
        }
    }

    [TestMethod]
    public async Task Several_sends_go_in_the_order_in_which_they_were_made()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        byte[][] parts = [.. Enumerable.Range(0, 40).Select(i => Enumerable.Repeat((byte)i, 100_000).ToArray())];
        Task<int>[] sends = [.. parts.Select(part => connection.Client.SendAsync(part.AsMemory()).AsTask())];
        byte[] received = new byte[parts.Length * 100_000];
        for (int count = 0; count < received.Length;)
        {
            count += await connection.Server.ReceiveAsync(received.AsMemory(count)).AsTask().WaitAsync(s_patience);
        }

        Assert.IsTrue((await Task.WhenAll(sends).WaitAsync(s_patience)).All(count => count == 100_000));
        CollectionAssert.AreEqual(parts.SelectMany(part => part).ToArray(), received);
    }

    [TestMethod]
    public async Task Room_for_no_bytes_waits_for_some()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        Task<int> waiting = connection.Client.ReceiveAsync(Memory<byte>.Empty).AsTask();
        await Task.Delay(20);
        Assert.IsFalse(waiting.IsCompleted);
        connection.Server.Send([7]);
        Assert.AreEqual(0, await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
        byte[] one = new byte[2];
        Assert.AreEqual(1, connection.Client.Receive(one));
        Assert.AreEqual(7, one[0]);
    }

    [TestMethod]
    public async Task Cancelling_ends_one_call_and_leaves_the_others()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        using CancellationTokenSource first = new();
        using CancellationTokenSource second = new();
        byte[] buffer = new byte[3];
        Task<int> receive1 = connection.Client.ReceiveAsync(buffer.AsMemory(0, 1), first.Token).AsTask();
        Task<int> receive2 = connection.Client.ReceiveAsync(buffer.AsMemory(1, 1), second.Token).AsTask();
        Task<int> receive3 = connection.Client.ReceiveAsync(buffer.AsMemory(2, 1), first.Token).AsTask();
        await first.CancelAsync();
        OperationCanceledException cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => receive1.WaitAsync(s_patience));
        Assert.AreEqual(first.Token, cancelled.CancellationToken);
        await Assert.ThrowsAsync<OperationCanceledException>(() => receive3.WaitAsync(s_patience));
        connection.Server.Send([5, 6]);
        Assert.AreEqual(1, await receive2.WaitAsync(s_patience));
        CollectionAssert.AreEqual(new byte[] { 0, 5, 0 }, buffer);
        Assert.AreEqual(1, await connection.Client.ReceiveAsync(buffer.AsMemory(), second.Token).AsTask().WaitAsync(s_patience));
        Assert.AreEqual(6, buffer[0]);
        await Assert.ThrowsAsync<OperationCanceledException>(() => connection.Client.SendAsync(buffer.AsMemory(), first.Token).AsTask());
        await Assert.ThrowsAsync<OperationCanceledException>(() => connection.Listener.AcceptAsync(first.Token).AsTask());
        using CancellationTokenSource third = new();
        Task<Socket> accepting = connection.Listener.AcceptAsync(third.Token).AsTask();
        await third.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => accepting.WaitAsync(s_patience));
        Assert.IsTrue(connection.Client.Connected);
    }

    [TestMethod]
    public async Task Disposing_ends_every_call_that_waits()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        Task<int>[] receives = [.. Enumerable.Range(0, 10).Select(_ => connection.Client.ReceiveAsync(new byte[1].AsMemory()).AsTask())];
        Task<Socket>[] accepts = [.. Enumerable.Range(0, 3).Select(_ => connection.Listener.AcceptAsync())];
        connection.Client.Dispose();
        connection.Listener.Dispose();
        foreach (Task task in receives.Concat<Task>(accepts))
        {
            await Expect.ErrorAsync(SocketError.OperationAborted, () => task.WaitAsync(s_patience));
        }

        Assert.ThrowsExactly<ObjectDisposedException>(() => { _ = connection.Client.ReceiveAsync(new byte[1].AsMemory()).AsTask(); });
        Assert.ThrowsExactly<ObjectDisposedException>(() => { _ = connection.Listener.AcceptAsync(); });
    }

    [TestMethod]
    public async Task A_sender_that_waits_is_ended_by_disposing()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        Task<int> sending = connection.Client.SendAsync(new byte[50_000_000].AsMemory()).AsTask();
        await Task.Delay(20);
        Assert.IsFalse(sending.IsCompleted);
        connection.Client.Dispose();
        await Expect.ErrorAsync(SocketError.OperationAborted, () => sending.WaitAsync(s_patience));
    }

    [TestMethod]
    public async Task Errors_are_in_the_task()
    {
        using Rig rig = new();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using Socket unconnected = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Expect.ErrorAsync(SocketError.NotConnected, () => unconnected.ReceiveAsync(new byte[1].AsMemory()).AsTask());
        int port;
        using (rig.AtServer())
        {
            using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            other.Bind(new IPEndPoint(rig.Address, 0));
            port = ((IPEndPoint)other.LocalEndPoint!).Port;
        }

        await Expect.ErrorAsync(SocketError.ConnectionRefused, () => socket.ConnectAsync(rig.Address, port).WaitAsync(s_patience));
        Assert.IsFalse(socket.Connected);
        Assert.ThrowsExactly<InvalidOperationException>(() => { _ = socket.AcceptAsync(); });
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = socket.ConnectAsync((EndPoint)null!); });
        Assert.ThrowsExactly<ArgumentNullException>(() => { _ = socket.SendAsync(default(ArraySegment<byte>)); });
    }

    [TestMethod]
    public async Task Begin_and_End_do_the_same()
    {
        using Rig rig = new();
        Socket listener = Listening(rig);
        IAsyncResult accepting = listener.BeginAccept(null, null);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.EndConnect(client.BeginConnect(listener.LocalEndPoint!, null, null));
        using Socket server = listener.EndAccept(accepting);
        byte[] buffer = new byte[4];
        TaskCompletionSource<object?> called = new();
        IAsyncResult receiving = server.BeginReceive(buffer, 1, 2, SocketFlags.None, result => called.SetResult(result.AsyncState), "state");
        Assert.AreEqual(3, client.EndSend(client.BeginSend([1, 2, 3], 0, 3, SocketFlags.None, null, null)));
        Assert.AreEqual("state", await called.Task.WaitAsync(s_patience));
        Assert.AreEqual(2, server.EndReceive(receiving));
        CollectionAssert.AreEqual(new byte[] { 0, 1, 2, 0 }, buffer);
        IAsyncResult? another = server.BeginReceive(buffer, 0, 4, SocketFlags.None, out SocketError error, null, null);
        Assert.AreEqual(SocketError.Success, error);
        Assert.AreEqual(1, server.EndReceive(another!, out error));
        Assert.AreEqual(SocketError.Success, error);
        Assert.ThrowsExactly<ArgumentException>(() => client.EndReceive(Task.CompletedTask));
        listener.Dispose();
    }

    private static Socket Listening(Rig rig)
    {
        using (rig.AtServer())
        {
            Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(rig.Address, 0));
            listener.Listen(5);
            return listener;
        }
    }
}

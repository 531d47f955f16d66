using System.Net.Sockets;
using System.Runtime.InteropServices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Testing;
using static FpgaNet.Sockets.Tests.Offload.HostRig;
using static FpgaNet.Stack.Sockets.Abi.MessageFlags;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Offload;

/// <summary>The operating system's sockets behind our operations table.</summary>
[TestClass]
public sealed class HostSocketTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    [DataRow(AF_INET)]
    [DataRow(AF_INET6)]
    public void A_stream_carries_bytes_both_ways_and_ends(SocketDomain domain)
    {
        using HostRig rig = new();
        (KernelSocket client, KernelSocket server) = rig.MakeStreams(domain);
        byte[] sent = new byte[3_000_000]; // more than the host's buffers take at once
        Random random = TestSeed.Random();
        random.NextBytes(sent);
        Thread sending = new(() =>
        {
            Assert.AreEqual(sent.Length, Send(client, sent));
            Assert.AreEqual(Errno.None, client.Shutdown(SocketShutdown.Send));
        });
        sending.Start();
        List<byte> received = [];
        byte[] buffer = new byte[70_000];
        int count;
        while ((count = Receive(server, buffer.AsSpan(0, random.Next(1, buffer.Length)))) > 0)
        {
            received.AddRange(buffer.AsSpan(0, count));
        }

        sending.Join();
        Assert.AreEqual(0, count);
        CollectionAssert.AreEqual(sent, received);
        Assert.AreEqual(5, Send(server, "hello"u8));
        Assert.AreEqual(5, Receive(client, buffer));
        Assert.AreEqual(Errno.None, client.GetRemoteAddress(out SockAddr remote));
        Assert.AreEqual(Errno.None, server.GetLocalAddress(out SockAddr local));
        Assert.AreEqual(local, remote);
        Assert.AreEqual(Errno.None, client.Close());
        Assert.AreEqual(Errno.None, server.Close());
        Assert.AreEqual(Errno.EBADF, client.Close());
    }

    [TestMethod]
    [DataRow(AF_INET)]
    [DataRow(AF_INET6)]
    public void Datagrams_keep_their_bounds_and_say_who_sent_them(SocketDomain domain)
    {
        using HostRig rig = new();
        KernelSocket one = rig.MakeBound(domain, SOCK_DGRAM, out SockAddr at);
        KernelSocket other = rig.MakeBound(domain, SOCK_DGRAM, out SockAddr from);
        Assert.AreEqual(3, Send(other, "abc"u8, to: at));
        Assert.AreEqual(0, Send(other, [], to: at));
        byte[] buffer = new byte[2];
        Assert.AreEqual(2, Receive(one, buffer, MSG_PEEK, out SockAddr sender, out MessageFlags found));
        Assert.AreEqual((from, MSG_TRUNC), (sender, found & MSG_TRUNC));
        Assert.AreEqual(3, Receive(one, buffer, MSG_TRUNC, out _, out found));
        Assert.AreEqual(MSG_TRUNC, found & MSG_TRUNC);
        Assert.AreEqual(0, Receive(one, buffer));
        Assert.AreEqual(-(int)Errno.EAGAIN, Receive(one, buffer, MSG_DONTWAIT));
        Assert.AreEqual(Errno.None, one.Connect(from));
        Assert.AreEqual(1, Send(one, "z"u8));
        Assert.AreEqual(1, Receive(other, buffer));
        one.Close();
        other.Close();
    }

    [TestMethod]
    public void Runs_of_bytes_are_one_datagram_and_are_scattered_again()
    {
        using HostRig rig = new();
        KernelSocket one = rig.MakeBound(AF_INET, SOCK_DGRAM, out SockAddr at);
        KernelSocket other = rig.Make(AF_INET, SOCK_DGRAM);
        ReadOnlyMemory<byte>[] runs = ["ab"u8.ToArray(), default, "cde"u8.ToArray()];
        MessageOut message = new() { Data = new GatherList(runs), Address = at };
        Assert.AreEqual(Errno.None, other.Send(ref message, out int sent));
        Assert.AreEqual(5, sent);
        Memory<byte>[] rooms = [new byte[1], new byte[3], new byte[9]];
        MessageIn received = new() { Data = new ScatterList(rooms) };
        Assert.AreEqual(Errno.None, one.Receive(ref received, out int count));
        Assert.AreEqual(5, count);
        Assert.AreEqual("a bcd e", string.Join(' ', rooms.Select(static room => System.Text.Encoding.ASCII.GetString(room.Span).TrimEnd('\0'))));
        one.Close();
        other.Close();
    }

    [TestMethod]
    public void Urgent_data_is_told_marked_and_received_out_of_band()
    {
        using HostRig rig = new();
        (KernelSocket client, KernelSocket server) = rig.MakeStreams(AF_INET);
        Assert.AreEqual(2, Send(client, "ab"u8));
        Assert.AreEqual(1, Send(client, "!"u8, MSG_OOB));
        Assert.AreEqual(Errno.None, server.Wait(PollEvents.POLLPRI, s_patience));
        Assert.AreEqual(PollEvents.POLLPRI, server.Poll() & PollEvents.POLLPRI);
        byte[] buffer = new byte[8];
        Assert.AreEqual(0, Control(server, SIOCATMARK));
        Assert.AreEqual(2, Receive(server, buffer));
        Assert.AreEqual(1, Control(server, SIOCATMARK));
        Assert.AreEqual(1, Receive(server, buffer, MSG_OOB));
        Assert.AreEqual((byte)'!', buffer[0]);
        client.Close();
        server.Close();
    }

    [TestMethod]
    public void FIONREAD_says_how_much_waits()
    {
        using HostRig rig = new();
        (KernelSocket client, KernelSocket server) = rig.MakeStreams(AF_INET);
        Assert.AreEqual(7, Send(client, "7 bytes"u8));
        Assert.AreEqual(Errno.None, server.Wait(PollEvents.POLLIN, s_patience));
        Assert.AreEqual(7, Control(server, FIONREAD));
        Assert.AreEqual(Errno.EFAULT, server.Control(FIONREAD, new byte[3]));
        Assert.AreEqual(Errno.ENOTTY, server.Control(0x1234, new byte[4]));
        client.Close();
        server.Close();
    }

    [TestMethod]
    public void Options_and_their_errors_are_the_hosts()
    {
        using HostRig rig = new();
        KernelSocket socket = rig.Make(AF_INET, SOCK_STREAM);
        Assert.AreEqual(0, Get(socket, SOL_TCP, TCP_NODELAY));
        Assert.AreEqual(Errno.None, Set(socket, SOL_TCP, TCP_NODELAY, 1));
        Assert.AreEqual(1, Get(socket, SOL_TCP, TCP_NODELAY));
        Assert.AreEqual(Errno.ENOPROTOOPT, Set(socket, SOL_TCP, 9999, 1));
        Assert.AreEqual(Errno.EINVAL, Set(socket, SOL_TCP, TCP_KEEPIDLE, 0));
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_BINDTODEVICE, "host0\0"u8));
        Assert.AreEqual(Errno.ENODEV, socket.SetOption(SOL_SOCKET, SO_BINDTODEVICE, "other"u8));
        byte[] name = new byte[16];
        Assert.AreEqual(Errno.None, socket.GetOption(SOL_SOCKET, SO_BINDTODEVICE, name, out int length));
        CollectionAssert.AreEqual("host0\0"u8.ToArray(), name[..length]);
        socket.Close();
    }

    [TestMethod]
    public void Errors_are_the_hosts()
    {
        using HostRig rig = new();
        KernelSocket bound = rig.MakeBound(AF_INET, SOCK_STREAM, out SockAddr address);
        KernelSocket socket = rig.Make(AF_INET, SOCK_STREAM);
        Assert.AreEqual(Errno.EADDRINUSE, socket.Bind(address));
        Assert.AreEqual(Errno.EADDRNOTAVAIL, socket.Bind(SockAddr.Inet(IPv4Address.Parse("192.0.2.77"), 0)));
        Assert.AreEqual(Errno.ENOTCONN, socket.Shutdown(SocketShutdown.Both));
        Assert.AreEqual(Errno.ENOTCONN, socket.GetRemoteAddress(out _));
        Assert.AreEqual(-(int)Errno.EPIPE, Send(socket, "x"u8));
        Assert.AreEqual(Errno.EINVAL, socket.Accept(out _, out _));
        Assert.AreEqual(Errno.ECONNREFUSED, socket.Connect(address)); // bound, but nobody listens
        bound.Close();
        socket.Close();
    }

    [TestMethod]
    public void Non_blocking_connect_is_told_by_poll_and_SO_ERROR()
    {
        using HostRig rig = new();
        KernelSocket listener = rig.MakeBound(AF_INET, SOCK_STREAM, out SockAddr address);
        KernelSocket refused = rig.Make(AF_INET, SOCK_STREAM);
        refused.IsNonBlocking = true;
        Assert.AreEqual(Errno.EINPROGRESS, refused.Connect(address));
        Assert.AreEqual(Errno.None, refused.Wait(PollEvents.POLLOUT, s_patience));
        Assert.AreEqual((int)Errno.ECONNREFUSED, Get(refused, SOL_SOCKET, SO_ERROR));
        Assert.AreEqual(Errno.None, listener.Listen(1));
        KernelSocket taken = rig.Make(AF_INET, SOCK_STREAM);
        taken.IsNonBlocking = true;
        Assert.AreEqual(Errno.EINPROGRESS, taken.Connect(address));
        Assert.AreEqual(Errno.None, taken.Wait(PollEvents.POLLOUT, s_patience));
        Assert.AreEqual(0, Get(taken, SOL_SOCKET, SO_ERROR));
        listener.Close();
        refused.Close();
        taken.Close();
    }

    [TestMethod]
    public void Linger_zero_resets_the_peer()
    {
        using HostRig rig = new();
        (KernelSocket client, KernelSocket server) = rig.MakeStreams(AF_INET);
        Assert.AreEqual(Errno.None, client.SetOption(SOL_SOCKET, SO_LINGER, [1, 0, 0, 0, 0, 0, 0, 0]));
        Assert.AreEqual(Errno.None, client.Close());
        Assert.AreEqual(-(int)Errno.ECONNRESET, Receive(server, new byte[1]));
        server.Close();
    }

    [TestMethod]
    public void Closing_wakes_who_waits()
    {
        using HostRig rig = new();
        KernelSocket socket = rig.MakeBound(AF_INET, SOCK_DGRAM, out _);
        int result = 0;
        Thread waiting = new(() => result = Receive(socket, new byte[1]));
        waiting.Start();
        while (waiting.ThreadState != ThreadState.WaitSleepJoin)
        {
            Thread.Yield();
        }

        Assert.AreEqual(Errno.None, socket.Close());
        Assert.IsTrue(waiting.Join(s_patience));
        Assert.AreEqual(-(int)Errno.EBADF, result);
    }

    [TestMethod]
    public void Send_and_receive_allocate_nothing()
    {
        using HostRig rig = new();
        (KernelSocket client, KernelSocket server) = rig.MakeStreams(AF_INET);
        byte[] buffer = new byte[64];
        Assert.AreEqual(Errno.EAGAIN, server.Wait(PollEvents.POLLIN, TimeSpan.FromMilliseconds(1))); // whoever waits for the first time allocates
        long allocated = 0;
        for (int round = 0; round < 1100; round++)
        {
            if (round == 100)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            Assert.AreEqual(buffer.Length, Send(client, buffer));
            Assert.AreEqual(buffer.Length, Receive(server, buffer, MSG_WAITALL));
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        client.Close();
        server.Close();
    }

    private static Errno Set(KernelSocket socket, int level, int name, int value) => socket.SetOption(level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));

    private static int Get(KernelSocket socket, int level, int name)
    {
        int value = 0;
        Assert.AreEqual(Errno.None, socket.GetOption(level, name, MemoryMarshal.AsBytes(new Span<int>(ref value)), out int length));
        Assert.AreEqual(sizeof(int), length);
        return value;
    }

    private static int Control(KernelSocket socket, int request)
    {
        int value = 0;
        Assert.AreEqual(Errno.None, socket.Control(request, MemoryMarshal.AsBytes(new Span<int>(ref value))));
        return value;
    }
}

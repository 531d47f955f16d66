using System.Net.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;

namespace FpgaNet.Sockets.Tests;

/// <summary>Bytes go from descriptor to descriptor, through all layers.</summary>
[TestClass]
public sealed class FirstLightTests
{
    [TestMethod]
    public void A_stream_carries_bytes_both_ways_and_ends()
    {
        using SocketHosts hosts = new();
        DescriptorTable client = hosts.A.Calls;
        DescriptorTable server = hosts.B.Calls;
        int listening = server.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, listening);
        Assert.AreEqual(0, server.Bind(listening, hosts.B.At(80)));
        Assert.AreEqual(0, server.Listen(listening, 5));
        byte[] sent = new byte[300_000];
        TestSeed.Random().NextBytes(sent);
        Thread serving = new(() =>
        {
            int connection = server.Accept(listening, out _);
            byte[] buffer = new byte[4096];
            int count;
            while ((count = server.Recv(connection, buffer, MessageFlags.None)) > 0)
            {
                server.Send(connection, buffer.AsSpan(0, count), MessageFlags.None);
            }

            server.Close(connection);
        });
        serving.Start();
        int socket = client.Socket(AF_INET, SOCK_STREAM, 0);
        Assert.AreEqual(0, client.Connect(socket, hosts.B.At(80)));
        Thread sending = new(() =>
        {
            Assert.AreEqual(sent.Length, client.Send(socket, sent, MessageFlags.None));
            Assert.AreEqual(0, client.Shutdown(socket, SocketShutdown.Send));
        });
        sending.Start();
        byte[] received = new byte[sent.Length];
        Assert.AreEqual(sent.Length, client.Recv(socket, received, MessageFlags.MSG_WAITALL));
        Assert.AreEqual(0, client.Recv(socket, new byte[1], MessageFlags.None));
        CollectionAssert.AreEqual(sent, received);
        sending.Join();
        serving.Join();
        Assert.AreEqual(0, client.Close(socket));
        Assert.AreEqual(0, server.Close(listening));
        Assert.AreEqual(-1, client.Recv(socket, received, MessageFlags.None));
        Assert.AreEqual(Errno.EBADF, DescriptorTable.Errno);
    }

    [TestMethod]
    public void Closing_wakes_who_waits()
    {
        using SocketHosts hosts = new();
        DescriptorTable calls = hosts.A.Calls;
        int listening = calls.Socket(AF_INET6, SOCK_STREAM, 0);
        Assert.AreEqual(0, calls.Listen(listening, 1));
        (int Result, Errno Errno) accepted = default;
        Thread waiting = new(() => accepted = (calls.Accept(listening, out _), DescriptorTable.Errno));
        waiting.Start();
        while (waiting.ThreadState != ThreadState.WaitSleepJoin)
        {
            Thread.Yield();
        }

        Assert.AreEqual(0, calls.Close(listening));
        Assert.IsTrue(waiting.Join(TimeSpan.FromSeconds(30)));
        Assert.AreEqual((-1, Errno.EBADF), accepted);
    }
}

using System.Buffers.Binary;
using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>What tests of streams say again and again.</summary>
internal static class StreamRig
{
    /// <summary>All that poll(2) can tell of a stream.</summary>
    public const PollEvents Everything = PollEvents.POLLIN | PollEvents.POLLPRI | PollEvents.POLLOUT | PollEvents.POLLRDNORM | PollEvents.POLLWRNORM | PollEvents.POLLRDHUP;

    public const PollEvents Readable = PollEvents.POLLIN | PollEvents.POLLRDNORM;

    public const PollEvents Writable = PollEvents.POLLOUT | PollEvents.POLLWRNORM;

    public static int Stream(this ISocketCalls calls, SocketDomain domain = AF_INET) => Expect.Ok(calls.Socket(domain, SOCK_STREAM));

    /// <summary>poll(2) now.</summary>
    public static PollEvents Ready(this ISocketCalls calls, int socket)
    {
        PollFd[] list = [new() { Descriptor = socket, Events = Everything }];
        Expect.Ok(calls.Poll(list, 0));
        return list[0].Returned;
    }

    /// <summary>Waits until poll(2) tells all of these.</summary>
    public static void Await(this ISocketCalls calls, int socket, PollEvents events)
    {
        for (int waited = 0; waited < 30_000; waited++)
        {
            if ((calls.Ready(socket) & events) == events)
            {
                return;
            }

            Thread.Sleep(1);
        }

        Assert.Fail($"poll tells {calls.Ready(socket)} and never {events}");
    }

    /// <summary>Waits until so many bytes can be read.</summary>
    public static void AwaitBytes(this ISocketCalls calls, int socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int waited = 0; calls.Recv(socket, bytes, MessageFlags.MSG_PEEK | MessageFlags.MSG_DONTWAIT) < count; waited++)
        {
            Assert.IsLessThan(30_000, waited, $"{count} bytes never came");
            Thread.Sleep(1);
        }
    }

    public static int Option(this ISocketCalls calls, int socket, int level, int name)
    {
        Expect.Ok(calls.GetSockOpt(socket, level, name, out int value));
        return value;
    }

    public static Errno TakeError(this ISocketCalls calls, int socket) => (Errno)calls.Option(socket, SOL_SOCKET, SO_ERROR);

    public static int Ask(this ISocketCalls calls, int socket, int request)
    {
        int value = -1;
        Expect.Ok(calls.Ioctl(socket, request, ref value));
        return value;
    }

    public static void Say(this ISocketCalls calls, int socket, string text, MessageFlags flags = MessageFlags.None) =>
        Expect.Result(text.Length, calls.Send(socket, Encoding.ASCII.GetBytes(text), flags | MessageFlags.MSG_NOSIGNAL));

    /// <summary>What recv(2) gives, as text, or its error's name.</summary>
    public static string Hear(this ISocketCalls calls, int socket, int most = 100, MessageFlags flags = MessageFlags.None)
    {
        byte[] bytes = new byte[most];
        int count = calls.Recv(socket, bytes, flags);
        return count < 0 ? $"{(Errno)(-count)}" : Encoding.ASCII.GetString(bytes, 0, count);
    }

    /// <summary>close(2) that resets the connection (SO_LINGER with no time).</summary>
    public static void Reset(this ISocketCalls calls, int socket)
    {
        byte[] linger = new byte[8];
        linger[0] = 1;
        Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_LINGER, linger));
        Expect.Ok(calls.Close(socket));
    }

    public static byte[] Time(int milliseconds)
    {
        byte[] time = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(time, milliseconds / 1000);
        BinaryPrimitives.WriteInt64LittleEndian(time.AsSpan(8), milliseconds % 1000 * 1000);
        return time;
    }

    /// <summary>As poll(2) does it, so that a failure shows what it told.</summary>
    public static void Polls(this ISocketCalls calls, int socket, PollEvents events) => Assert.AreEqual(events, calls.Ready(socket));

    /// <summary>Waits until a socket of the kernel-style layer has something to read.</summary>
    public static void AwaitReadable(this KernelSocket socket) => Assert.AreEqual(Errno.None, socket.Wait(PollEvents.POLLIN, TimeSpan.FromSeconds(30)));

    /// <summary>A connection of the kernel-style layer: the client's socket, the server's, and the listening one.</summary>
    public static (KernelSocket Client, KernelSocket Server, KernelSocket Listening) Connect(this SocketHosts hosts)
    {
        SocketRequest request = new(AF_INET, SOCK_STREAM, 0, Credentials.Own);
        Assert.AreEqual(Errno.None, hosts.B.System.Create(request, out KernelSocket? listening));
        Assert.AreEqual(Errno.None, listening!.Bind(hosts.B.At(80)));
        Assert.AreEqual(Errno.None, listening.Listen(1));
        Assert.AreEqual(Errno.None, hosts.A.System.Create(request, out KernelSocket? client));
        Assert.AreEqual(Errno.None, client!.Connect(hosts.B.At(80)));
        Assert.AreEqual(Errno.None, listening.Accept(out KernelSocket? server, out _));
        return (client, server!, listening);
    }
}

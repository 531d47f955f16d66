using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Programs;

/// <summary>What the example programs of the glibc manual's chapter on sockets do, written anew on the calls that the tests know: they run on our descriptors and on Linux's alike.</summary>
internal static class GlibcPrograms
{
    private const int MaximumMessage = 512;

    /// <summary>make_socket (§16.5.7): a stream socket at a port of any address.</summary>
    public static int MakeSocket(ISocketCalls calls, SocketDomain domain, out SockAddr name)
    {
        int socket = Expect.Ok(calls.Socket(domain, SOCK_STREAM));
        Expect.Ok(calls.Bind(socket, domain == SocketDomain.AF_INET ? SockAddr.Inet(default, 0) : SockAddr.Inet6(default, 0)));
        Expect.Ok(calls.GetSockName(socket, out name));
        return socket;
    }

    /// <summary>The byte stream client (§16.9.6): connects, writes a line, closes.</summary>
    public static void StreamClient(ISocketCalls calls, SockAddr server, string message)
    {
        int socket = Expect.Ok(calls.Socket(server.Family, SOCK_STREAM));
        Expect.Ok(calls.Connect(socket, server));
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        Expect.Result(bytes.Length, calls.Write(socket, bytes));
        Expect.Ok(calls.Close(socket));
    }

    /// <summary>The server with select (§16.9.7): takes new connections and what clients write, all in one loop, and never waits for one of them.</summary>
    /// <param name="calls">Whose sockets.</param>
    /// <param name="listening">A listening socket.</param>
    /// <param name="clients">After how many clients have come and gone it ends.</param>
    /// <returns>What each has written.</returns>
    public static List<string> SelectServer(ISocketCalls calls, int listening, int clients)
    {
        Dictionary<int, StringBuilder> active = new() { [listening] = new StringBuilder() };
        List<string> messages = [];
        Span<byte> buffer = stackalloc byte[MaximumMessage];
        while (messages.Count < clients)
        {
            FdSet readable = new();
            foreach (int descriptor in active.Keys)
            {
                readable.Set(descriptor);
            }

            Expect.Ok(calls.Select(active.Keys.Max() + 1, readable, null, null, 30_000));
            foreach (int descriptor in active.Keys.Where(readable.IsSet).ToArray())
            {
                if (descriptor == listening)
                {
                    active.Add(Expect.Ok(calls.Accept(listening, out _)), new StringBuilder());
                    continue;
                }

                int count = Expect.Ok(calls.Read(descriptor, buffer));
                active[descriptor].Append(Encoding.UTF8.GetString(buffer[..count]));
                if (count == 0)
                {
                    messages.Add(active[descriptor].ToString());
                    active.Remove(descriptor);
                    Expect.Ok(calls.Close(descriptor));
                }
            }
        }

        Expect.Ok(calls.Close(listening));
        return messages;
    }

    /// <summary>discard_until_mark (§16.9.8): throws away what comes in front of the out-of-band mark.</summary>
    /// <returns>Bytes thrown away.</returns>
    public static int DiscardUntilMark(ISocketCalls calls, int socket)
    {
        Span<byte> buffer = stackalloc byte[1024];
        int discarded = 0;
        while (true)
        {
            int atMark = 0;
            Expect.Ok(calls.Ioctl(socket, SIOCATMARK, ref atMark));
            if (atMark != 0)
            {
                return discarded;
            }

            discarded += Expect.Ok(calls.Read(socket, buffer));
        }
    }
}

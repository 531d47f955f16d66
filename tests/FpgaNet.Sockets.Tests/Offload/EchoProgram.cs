using System.Net.Sockets;
using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Offload;

/// <summary>
/// Zephyr's echo-server sample on the descriptor layer, and its echo-client: one thread serves many connections, and datagrams, by poll(). What it is told of its sockets is at most a device's name.
/// </summary>
internal sealed class EchoProgram : IDisposable
{
    private readonly ISocketCalls _calls;
    private readonly int _listening;
    private readonly int _datagrams = -1;
    private readonly Thread _serving;
    private volatile bool _stops;

    public EchoProgram(ISocketCalls calls, SockAddr at, string? device = null, int protocol = 0, Action<int>? prepare = null)
    {
        _calls = calls;
        _listening = Open(calls, at.Family, device, protocol);
        prepare?.Invoke(_listening);
        Expect.Ok(calls.Bind(_listening, at));
        Expect.Ok(calls.Listen(_listening, 5));
        Expect.Ok(calls.GetSockName(_listening, out SockAddr address));
        Address = address;
        if (protocol == 0)
        {
            _datagrams = Open(calls, at.Family, device, 0, SocketKind.SOCK_DGRAM);
            Expect.Ok(calls.Bind(_datagrams, at));
            Expect.Ok(calls.GetSockName(_datagrams, out SockAddr bound));
            DatagramAddress = bound;
        }

        _serving = new Thread(Serve);
        _serving.Start();
    }

    /// <summary>Where it listens.</summary>
    public SockAddr Address { get; }

    /// <summary>Where it waits for datagrams.</summary>
    public SockAddr DatagramAddress { get; }

    /// <summary>A socket, of a device's own when one is named.</summary>
    public static int Open(ISocketCalls calls, SocketDomain domain, string? device, int protocol = 0, SocketKind kind = SocketKind.SOCK_STREAM)
    {
        int socket = Expect.Ok(calls.Socket(domain, kind, protocol));
        if (device is not null)
        {
            Expect.Ok(calls.SetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, Encoding.UTF8.GetBytes(device + '\0')));
        }

        return socket;
    }

    /// <summary>The client: what it sends comes back, and the end too.</summary>
    public static void Exchange(ISocketCalls calls, int socket, byte[] data)
    {
        Thread sending = new(() =>
        {
            Expect.Result(data.Length, calls.Send(socket, data, MessageFlags.None));
            Expect.Ok(calls.Shutdown(socket, SocketShutdown.Send));
        });
        sending.Start();
        byte[] echoed = new byte[data.Length];
        Expect.Result(data.Length, calls.Recv(socket, echoed, MessageFlags.MSG_WAITALL));
        Expect.Result(0, calls.Recv(socket, new byte[1], MessageFlags.None));
        sending.Join();
        CollectionAssert.AreEqual(data, echoed);
    }

    /// <summary>The client of datagrams: each comes back as it was.</summary>
    public static void ExchangeDatagrams(ISocketCalls calls, int socket, SockAddr to, Random random)
    {
        Expect.Ok(calls.Connect(socket, to));
        byte[] echoed = new byte[2000];
        for (int round = 0; round < 50; round++)
        {
            byte[] data = new byte[random.Next(0, 1400)];
            random.NextBytes(data);
            Expect.Result(data.Length, calls.Send(socket, data));
            SocketRig.Await(calls, socket, PollEvents.POLLIN);
            Expect.Result(data.Length, calls.Recv(socket, echoed));
            CollectionAssert.AreEqual(data, echoed[..data.Length]);
        }
    }

    public void Dispose()
    {
        _stops = true;
        Assert.IsTrue(_serving.Join(TimeSpan.FromSeconds(30)), "the server does not end");
    }

    private void Serve()
    {
        List<PollFd> watched = [new PollFd { Descriptor = _listening, Events = PollEvents.POLLIN }];
        if (_datagrams >= 0)
        {
            watched.Add(new PollFd { Descriptor = _datagrams, Events = PollEvents.POLLIN });
        }

        int own = watched.Count;
        byte[] buffer = new byte[4096];
        while (!_stops || watched.Count > own)
        {
            PollFd[] list = [.. watched];
            _calls.Poll(list, 20);
            foreach (PollFd found in list)
            {
                if (found.Returned == PollEvents.None)
                {
                    continue;
                }

                if (found.Descriptor == _listening)
                {
                    watched.Add(new PollFd { Descriptor = Expect.Ok(_calls.Accept(_listening, out _)), Events = PollEvents.POLLIN });
                    continue;
                }

                if (found.Descriptor == _datagrams)
                {
                    int length = _calls.RecvFrom(_datagrams, buffer, out SockAddr from, MessageFlags.MSG_DONTWAIT);
                    if (length >= 0)
                    {
                        Expect.Result(length, _calls.SendTo(_datagrams, buffer.AsSpan(0, length), from));
                    }

                    continue;
                }

                int count = _calls.Recv(found.Descriptor, buffer, MessageFlags.MSG_DONTWAIT);
                if (count > 0)
                {
                    count = _calls.Send(found.Descriptor, buffer.AsSpan(0, count), MessageFlags.MSG_NOSIGNAL);
                }
                else if (count == -(int)Errno.EAGAIN)
                {
                    continue;
                }

                if (count <= 0)
                {
                    _calls.Close(found.Descriptor);
                    watched.RemoveAll(entry => entry.Descriptor == found.Descriptor);
                }
            }
        }

        _calls.Close(_listening);
        if (_datagrams >= 0)
        {
            _calls.Close(_datagrams);
        }
    }
}

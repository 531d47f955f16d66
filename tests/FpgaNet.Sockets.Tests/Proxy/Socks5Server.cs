using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Sockets.Tests.Proxy;

/// <summary>A SOCKS5 proxy (RFC 1928, RFC 1929), or one that answers what a test tells it to.</summary>
internal sealed class Socks5Server : IDisposable
{
    private readonly ISocketCalls _calls;
    private readonly string? _password;
    private readonly byte[][]? _script;
    private readonly int _listening;
    private readonly Thread _accepting;
    private readonly List<Thread> _serving = [];

    /// <param name="calls">Whose sockets it uses.</param>
    /// <param name="at">Where it listens.</param>
    /// <param name="password">Name, colon and password that it wants; null: none.</param>
    /// <param name="script">Instead of being a proxy: an answer to whatever comes, one after the other, then the end.</param>
    public Socks5Server(ISocketCalls calls, SockAddr at, string? password = null, byte[][]? script = null)
    {
        (_calls, _password, _script) = (calls, password, script);
        _listening = Expect.Ok(calls.Socket(at.Family, SocketKind.SOCK_STREAM));
        Expect.Ok(calls.Bind(_listening, at));
        Expect.Ok(calls.Listen(_listening, 5));
        Expect.Ok(calls.GetSockName(_listening, out SockAddr address));
        Address = address;
        _accepting = new Thread(Accept);
        _accepting.Start();
    }

    public SockAddr Address { get; }

    /// <summary>The last destination that somebody asked for.</summary>
    public SockAddr Asked { get; private set; }

    public void Dispose()
    {
        _calls.Close(_listening);
        Assert.IsTrue(_accepting.Join(TimeSpan.FromSeconds(30)) && _serving.TrueForAll(static thread => thread.Join(TimeSpan.FromSeconds(30))), "the proxy does not end");
    }

    private void Accept()
    {
        int socket;
        while ((socket = _calls.Accept(_listening, out _)) >= 0)
        {
            int accepted = socket;
            Thread thread = new(() =>
            {
                if (_script is null)
                {
                    Serve(accepted);
                }
                else
                {
                    Recite(accepted);
                }

                _calls.Close(accepted);
            });
            _serving.Add(thread);
            thread.Start();
        }
    }

    private void Recite(int socket)
    {
        foreach (byte[] answer in _script!)
        {
            if (_calls.Recv(socket, new byte[512]) <= 0)
            {
                return;
            }

            for (int i = 0; i < answer.Length; i++)
            {
                _calls.Send(socket, answer.AsSpan(i, 1)); // as many pieces as a network may make of it
            }
        }

        _calls.Shutdown(socket, SocketShutdown.Send);
        while (_calls.Recv(socket, new byte[512]) > 0)
        {
        }
    }

    private void Serve(int socket)
    {
        byte[] methods = Take(socket, Take(socket, 2)[1]);
        byte method = (byte)(_password is null ? 0 : 2);
        if (!methods.Contains(method))
        {
            _calls.Send(socket, [5, 0xFF]);
            return;
        }

        _calls.Send(socket, [5, method]);
        if (_password is not null)
        {
            string name = Encoding.UTF8.GetString(Take(socket, Take(socket, 2)[1]));
            string password = Encoding.UTF8.GetString(Take(socket, Take(socket, 1)[0]));
            bool isRight = string.Equals($"{name}:{password}", _password, StringComparison.Ordinal);
            _calls.Send(socket, [1, (byte)(isRight ? 0 : 1)]);
            if (!isRight)
            {
                return;
            }
        }

        byte[] request = Take(socket, 4);
        CollectionAssert.AreEqual(new byte[] { 5, 1, 0 }, request[..3]);
        SockAddr destination = request[3] == 1 ? SockAddr.Inet(IPv4Address.Read(Take(socket, 4)), 0) : SockAddr.Inet6(IPv6Address.Read(Take(socket, 16)), 0);
        Asked = destination = destination with { Port = BinaryPrimitives.ReadUInt16BigEndian(Take(socket, 2)) };
        int onward = Expect.Ok(_calls.Socket(destination.Family, SocketKind.SOCK_STREAM));
        int result = _calls.Connect(onward, destination);
        if (result < 0)
        {
            _calls.Send(socket, [5, (byte)(result == -(int)Errno.ECONNREFUSED ? 5 : 4), 0, 1, 0, 0, 0, 0, 0, 0]);
        }
        else
        {
            _calls.Send(socket, [5, 0, 0, 1, 192, 0, 2, 3, 0, 80]);
            Thread back = new(() => Carry(onward, socket));
            back.Start();
            Carry(socket, onward);
            back.Join();
        }

        _calls.Close(onward);
    }

    private void Carry(int from, int to)
    {
        byte[] buffer = new byte[8192];
        int count;
        while ((count = _calls.Recv(from, buffer)) > 0 && _calls.Send(to, buffer.AsSpan(0, count)) == count)
        {
        }

        _calls.Shutdown(to, SocketShutdown.Send);
    }

    private byte[] Take(int socket, int count)
    {
        byte[] bytes = new byte[count];
        Expect.Result(count, _calls.Recv(socket, bytes, MessageFlags.MSG_WAITALL));
        return bytes;
    }
}

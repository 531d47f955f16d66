using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Simulation.Fuzzing;

/// <summary>What a victim serves to everybody: an echo, a port that accepts and never reads, and a UDP socket.</summary>
internal sealed class Attackable
{
    public const ushort EchoPort = 7;
    public const ushort SilentPort = 80;
    public const ushort UdpPort = 9;

    private const int MostSockets = 50;

    private readonly TcpListenerSocket _echo;
    private readonly TcpListenerSocket _silent;
    private readonly UdpSocket _udp;
    private readonly List<TcpSocket> _sockets = [];
    private readonly List<Task> _tasks = [];

    public Attackable(NetworkStack stack)
    {
        _echo = stack.Listen(new IPEndPoint(IPAddress.IPv6Any, EchoPort));
        _silent = stack.Listen(new IPEndPoint(IPAddress.IPv6Any, SilentPort), backlog: 10);
        _udp = stack.OpenUdp(new IPEndPoint(IPAddress.IPv6Any, UdpPort));
        _tasks.Add(AcceptAsync(_echo, EchoAsync));
        _tasks.Add(AcceptAsync(_silent, static _ => Task.CompletedTask));
        _tasks.Add(ListenAsync());
    }

    /// <summary>Ends everything, and rethrows what no socket should throw.</summary>
    public void Close()
    {
        _echo.Dispose();
        _silent.Dispose();
        _udp.Dispose();
        foreach (TcpSocket socket in _sockets)
        {
            socket.Abort();
        }

        foreach (Task task in _tasks)
        {
            task.GetAwaiter().GetResult();
        }
    }

    private async Task AcceptAsync(TcpListenerSocket listener, Func<TcpSocket, Task> serve)
    {
        try
        {
            while (true)
            {
                TcpSocket socket = await listener.AcceptAsync();
                _sockets.Add(socket);
                _tasks.Add(serve(socket));
                if (_sockets.Count > MostSockets)
                {
                    _sockets[0].Dispose(); // in order or by a reset, as its data decides
                    _sockets.RemoveAt(0);
                }
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
        {
            return;
        }
    }

    private static async Task EchoAsync(TcpSocket socket)
    {
        byte[] buffer = new byte[4000];
        try
        {
            for (int count; (count = await socket.ReceiveAsync(buffer)) != 0;)
            {
                await socket.SendAsync(buffer.AsMemory(0, count));
            }

            socket.Dispose();
        }
        catch (SocketException)
        {
            socket.Dispose(); // attackers reset, vanish and are thrown out
        }
    }

    private async Task ListenAsync()
    {
        byte[] buffer = new byte[1000];
        while (true)
        {
            try
            {
                await _udp.ReceiveFromAsync(buffer);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException)
            {
                continue; // an ICMP error about a datagram that it never sent
            }
        }
    }
}

using System.Net.Sockets;
using System.Runtime.CompilerServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Simulation.Sockets;

/// <summary>One thread of the hammer: call after call, drawn at random.</summary>
internal sealed class HammerThread
{
    /// <summary>Things to do.</summary>
    public const int Kinds = 15;

    private const int MostBytes = 20_000;
    private const SocketKind NonBlocking = (SocketKind)SOCK_NONBLOCK;

    // What no call may say here, whatever others do to its descriptor.
    private static readonly HashSet<Errno> s_never = [Errno.None, Errno.EFAULT, Errno.EINTR, Errno.EIO, Errno.ENOSYS, Errno.ENOMEM, Errno.ENFILE, Errno.EPERM, Errno.EACCES];

    private readonly HammerHost[] _hosts;
    private readonly Random _random;
    private readonly Action<Exception> _fail;
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[MostBytes];
    private readonly byte[] _control = new byte[64];
    private readonly EpollEvent[] _events = new EpollEvent[8];
    private readonly int[] _sets = [-1, -1];
    private int _kind;
    private volatile bool _isStopped;
    private volatile string _doing = "starting";

    public HammerThread(HammerHost[] hosts, Random random, Action<Exception> fail)
    {
        (_hosts, _random, _fail) = (hosts, random, fail);
        _thread = new Thread(Work) { IsBackground = true };
    }

    /// <summary>Calls made.</summary>
    public long Calls { get; private set; }

    /// <summary>Calls that succeeded, by what was drawn.</summary>
    public long[] Succeeded { get; } = new long[Kinds];

    public string Doing => _doing;

    public bool IsAlive => _thread.IsAlive;

    public void Start() => _thread.Start();

    public void Stop() => _isStopped = true;

    private void Work()
    {
        try
        {
            while (!_isStopped)
            {
                int host = _random.Next(_hosts.Length);
                One(host, _hosts[host], _hosts[1 - host], _hosts[host].Calls);
            }
        }
#pragma warning disable CA1031 // whatever it is, the hammer reports it
        catch (Exception e)
#pragma warning restore CA1031
        {
            _fail(e);
        }
    }

    private void One(int number, HammerHost host, HammerHost peer, DescriptorTable calls)
    {
        int socket = host.Any(_random);
        MessageFlags waits = (MessageFlags.MSG_NOSIGNAL) | (_random.Next(3) == 0 ? MessageFlags.None : MessageFlags.MSG_DONTWAIT);
        Span<byte> some = _buffer.AsSpan(0, 1 + _random.Next(MostBytes));
        _kind = _random.Next(Kinds);
        switch (_kind)
        {
            case 0:
                socket = Did(calls.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM | Maybe(), 0));
                Did(calls.SetSockOpt(socket, SOL_SOCKET, SO_RCVTIMEO, (Seconds: 0L, Microseconds: 20_000L)));
                host.Put(_random, socket);
                Did(calls.Connect(socket, peer.At(1 + _random.Next(HammerHost.Ports))));
                break;
            case 1:
                socket = Did(calls.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM | Maybe(), 0));
                host.Put(_random, socket);
                Did(calls.SetSockOpt(socket, SOL_SOCKET, SO_REUSEADDR, 1));
                Did(calls.Bind(socket, host.At(1 + _random.Next(HammerHost.Ports))));
                Did(calls.Listen(socket, 4));
                break;
            case 2:
                host.Put(_random, Did(calls.Accept4(socket, out _, _random.Next(2) * SOCK_NONBLOCK)));
                break;
            case 3 or 4:
                Did(calls.Send(socket, some, waits));
                break;
            case 5 or 6:
                Did(calls.Recv(socket, some, waits & MessageFlags.MSG_DONTWAIT));
                break;
            case 7:
                Did(calls.Shutdown(socket, (SocketShutdown)_random.Next(3)));
                break;
            case 8:
                Did(0, "close");
                host.Put(_random, -1);
                break;
            case 9:
                Poll(host, calls);
                break;
            case 10:
                Watch(number, host, calls, socket);
                break;
            case 11:
                host.Put(_random, Did(calls.Dup(socket)));
                break;
            case 12:
                socket = Did(calls.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM, 0));
                host.Put(_random, socket);
                Did(calls.SendTo(socket, some[..Math.Min(some.Length, 1000)], MessageFlags.MSG_DONTWAIT, peer.At(1 + _random.Next(HammerHost.Ports))));
                break;
            case 13:
                Did(calls.SocketPair(SocketDomain.AF_LOCAL, SocketKind.SOCK_STREAM | Maybe(), 0, out int first, out int second));
                host.Put(_random, first);
                host.Put(_random, second);
                break;
            default:
                Pass(host, calls, socket);
                break;
        }
    }

    private void Poll(HammerHost host, DescriptorTable calls)
    {
        Span<PollFd> list = stackalloc PollFd[6];
        foreach (ref PollFd each in list)
        {
            each = new PollFd { Descriptor = host.Any(_random), Events = PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLPRI };
        }

        Did(calls.Poll(list, _random.Next(3)));
    }

    private void Watch(int number, HammerHost host, DescriptorTable calls, int socket)
    {
        if (_sets[number] < 0 || _random.Next(50) == 0)
        {
            _sets[number] = Did(calls.EpollCreate1(0));
            host.Put(_random, _sets[number]); // closed by whoever takes its place
        }

        EpollEvents how = (_random.Next(2) == 0 ? EpollEvents.EPOLLET : EpollEvents.None) | (_random.Next(4) == 0 ? EpollEvents.EPOLLONESHOT : EpollEvents.None);
        Did(calls.EpollCtl(_sets[number], (EpollOperation)(1 + _random.Next(3)), socket, new EpollEvent { Events = EpollEvents.EPOLLIN | EpollEvents.EPOLLOUT | how }));
        Did(calls.EpollWait(_sets[number], _events, _random.Next(3)));
    }

    /// <summary>A descriptor goes with a message of the local family, and perhaps comes out of it.</summary>
    private void Pass(HammerHost host, DescriptorTable calls, int socket)
    {
        ControlWriter writer = new(_control);
        writer.Write(SOL_SOCKET, SCM_RIGHTS, host.Any(_random));
        MessageOut sent = new() { Data = new GatherList(_buffer.AsSpan(0, 1)), Control = _control.AsSpan(0, writer.Length), Flags = MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL };
        Did(calls.SendMsg(socket, ref sent));
        MessageIn received = new() { Data = new ScatterList(_buffer.AsSpan(0, 100)), Control = _control, Flags = MessageFlags.MSG_DONTWAIT };
        Did(calls.RecvMsg(host.Any(_random), ref received));
        ControlReader reader = new(_control.AsSpan(0, received.ControlLength));
        while (reader.Read())
        {
            for (int i = 0; reader is { Level: SOL_SOCKET, Type: SCM_RIGHTS } && i < reader.Data.Length; i += sizeof(int))
            {
                host.Put(_random, BitConverter.ToInt32(reader.Data[i..]));
            }
        }
    }

    private SocketKind Maybe() => _random.Next(2) == 0 ? NonBlocking : default;

    private int Did(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        Calls++;
        _doing = call; // the last that came back; what it waits in comes next
        if (result < 0 && s_never.Contains(DescriptorTable.Errno))
        {
            throw new SimulationException($"{call}: {DescriptorTable.Errno}");
        }

        Succeeded[_kind] += result >= 0 ? 1 : 0;
        return result;
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>One host with local sockets: ours, or Linux's with its paths in a folder of the test's own.</summary>
internal sealed class LocalRig : IDisposable
{
    private readonly DirectoryInfo _folder;

    public LocalRig(Side side)
    {
        Rig = new SocketRig(side);
        Calls = Rig.Client;
        _folder = Directory.CreateTempSubdirectory("fn");
    }

    public SocketRig Rig { get; }

    public ISocketCalls Calls { get; }

    public bool IsOurs => Rig.Side == Side.Ours;

    /// <summary>A name in the file system, or in our name space that looks like it.</summary>
    public SockAddr Path(string name) => SockAddr.Local(System.IO.Path.Combine(_folder.FullName, name));

    /// <summary>A name that goes with its socket.</summary>
    public static SockAddr Abstract(string name) => SockAddr.Local("\0" + name);

    /// <summary>Every user may make names in the test's folder, and remove its own.</summary>
    public void LetEverybodyIn() => Expect.Ok(Libc.Result(Libc.chmod(_folder.FullName, 0b1_111_111_111)));

    /// <summary>Removes a path.</summary>
    public void Unlink(SockAddr path) => Expect.Ok(Calls.Unlink(path.ToString()));

    public int Socket(SocketKind kind) => Expect.Ok(Calls.Socket(AF_LOCAL, kind));

    public int NonBlocking(SocketKind kind) => Expect.Ok(Calls.Socket(AF_LOCAL, kind | (SocketKind)SOCK_NONBLOCK));

    public (int First, int Second) Pair(SocketKind kind)
    {
        Expect.Ok(Calls.SocketPair(AF_LOCAL, kind, 0, out int first, out int second));
        return (first, second);
    }

    public int Bound(SocketKind kind, SockAddr name)
    {
        int socket = Socket(kind);
        Expect.Ok(Calls.Bind(socket, name));
        return socket;
    }

    public int Listening(SocketKind kind, SockAddr name, int backlog = 8)
    {
        int socket = Bound(kind, name);
        Expect.Ok(Calls.Listen(socket, backlog));
        return socket;
    }

    public PollEvents Poll(int socket)
    {
        const PollEvents All = PollEvents.POLLIN | PollEvents.POLLPRI | PollEvents.POLLOUT | PollEvents.POLLRDNORM | PollEvents.POLLRDBAND | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND | PollEvents.POLLRDHUP;
        PollFd[] list = [new() { Descriptor = socket, Events = All }];
        Expect.Ok(Calls.Poll(list, 0));
        return list[0].Returned;
    }

    /// <summary>Sends bytes with descriptors.</summary>
    public int SendRights(int socket, byte[] data, params int[] rights) =>
        Calls.SendMsg(socket, new MsgHdr(data) { Control = Control(SCM_RIGHTS, MemoryMarshal.AsBytes<int>(rights)) });

    /// <summary>Receives descriptors with at most so many bytes.</summary>
    public int[] ReceiveRights(int socket, out int received, out MessageFlags found, int room = 16, int rights = 8, MessageFlags flags = MessageFlags.None)
    {
        MsgHdr message = new(new byte[room]) { Control = new byte[rights == 0 ? 0 : ControlWriter.Space(rights * sizeof(int))] };
        received = Expect.Ok(Calls.RecvMsg(socket, message, flags));
        found = message.Flags;
        ControlReader reader = new(message.Control.AsSpan(0, message.ControlLength));
        return reader.Read() && reader is { Level: SOL_SOCKET, Type: SCM_RIGHTS } ? MemoryMarshal.Cast<byte, int>(reader.Data).ToArray() : [];
    }

    public static byte[] Control(int type, ReadOnlySpan<byte> data)
    {
        byte[] control = new byte[ControlWriter.Space(data.Length)];
        new ControlWriter(control).Write(SOL_SOCKET, type, data);
        return control;
    }

    public static byte[] Ucred(int process, int user, int group)
    {
        byte[] bytes = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, process);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), user);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), group);
        return bytes;
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        Rig.Dispose();
    }
}

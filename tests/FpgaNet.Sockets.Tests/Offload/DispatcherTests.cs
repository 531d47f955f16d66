using System.Net.Sockets;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Sockets.Secure;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Offload;

/// <summary>The dispatcher, after Zephyr's tests of its own (tests/net/socket/offload_dispatcher): two devices with sockets and one without.</summary>
[TestClass]
public sealed class DispatcherTests
{
    private static readonly SockAddr s_address = SockAddr.Inet(IPv4Address.Parse("192.0.2.9"), 4242);

    private static readonly Dictionary<string, Func<KernelSocket, Errno>> s_uses = new(StringComparer.Ordinal)
    {
        ["bind"] = static socket => socket.Bind(s_address),
        ["listen"] = static socket => socket.Listen(1),
        ["connect"] = static socket => socket.Connect(s_address),
        ["accept"] = static socket => socket.Accept(out _, out _),
        ["send"] = static socket =>
        {
            MessageOut message = new() { Data = new GatherList("x"u8) };
            return socket.Send(ref message, out _);
        },
        ["receive"] = static socket =>
        {
            MessageIn message = new() { Data = new ScatterList(new byte[1]) };
            return socket.Receive(ref message, out _);
        },
        ["shutdown"] = static socket => socket.Shutdown(SocketShutdown.Both),
        ["poll"] = static socket => socket.Poll() == PollEvents.POLLOUT ? Errno.None : Errno.EIO,
        ["getsockname"] = static socket => socket.GetLocalAddress(out _),
        ["getpeername"] = static socket => socket.GetRemoteAddress(out _),
        ["control 21531"] = static socket => socket.Control(FIONREAD, new byte[4]),
    };

    public static IEnumerable<object[]> Uses => s_uses.Keys.Select(static use => new object[] { use });

    [TestMethod]
    [DynamicData(nameof(Uses))]
    public void Each_use_chooses_the_first_provider_and_reaches_it(string use)
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Assert.IsEmpty(rig.First.Made);
        Errno error = s_uses[use](socket);
        Assert.AreEqual(string.Equals(use, "accept", StringComparison.Ordinal) ? Errno.EINVAL : Errno.None, error);
        CollectionAssert.AreEqual(new[] { use }, rig.First.Made.Single().Calls);
        Assert.AreSame(rig.First.Made[0], socket.Implementation);
        Assert.IsEmpty(rig.Second.Made);
        Assert.IsEmpty(rig.Native.Made);
    }

    [TestMethod]
    [DynamicData(nameof(Uses))]
    public void After_SO_BINDTODEVICE_each_use_reaches_that_devices_sockets(string use)
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Assert.AreEqual(Errno.None, Bind(socket, "second"));
        Assert.AreSame(rig.Second.Made.Single(), socket.Implementation);
        s_uses[use](socket);
        CollectionAssert.AreEqual(new[] { Set(SOL_SOCKET, SO_BINDTODEVICE, Name("second")), use }, rig.Second.Made[0].Calls);
        Assert.IsEmpty(rig.First.Made);
    }

    [TestMethod]
    public void A_device_without_sockets_of_its_own_is_served_by_native_ones()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Assert.AreEqual(Errno.None, Bind(socket, "plain"));
        Assert.AreSame(rig.Native.Made.Single(), socket.Implementation);
        Assert.IsEmpty(rig.First.Made);
        Assert.IsEmpty(rig.Second.Made);
    }

    [TestMethod]
    public void An_unknown_device_is_ENODEV_and_nothing_is_chosen()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Assert.AreEqual(Errno.ENODEV, Bind(socket, "nowhere"));
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_BINDTODEVICE, default));
        Assert.IsEmpty(rig.First.Made);
        Assert.AreEqual(Errno.None, Bind(socket, "second"));
        Assert.AreSame(rig.Second.Made.Single(), socket.Implementation);
    }

    [TestMethod]
    public void Options_set_before_the_choice_are_set_again_on_the_one_chosen_in_their_order()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_REUSEADDR, [1, 0, 0, 0]));
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_TCP, TCP_NODELAY, [2, 0, 0, 0]));
        Assert.AreEqual(Errno.None, socket.GetOption(SOL_TCP, TCP_NODELAY, new byte[4], out _));
        Assert.AreEqual(Errno.None, Bind(socket, "second"));
        CollectionAssert.AreEqual(
            new[] { Set(SOL_SOCKET, SO_REUSEADDR, [1, 0, 0, 0]), Set(SOL_TCP, TCP_NODELAY, [2, 0, 0, 0]), Set(SOL_SOCKET, SO_BINDTODEVICE, Name("second")) },
            rig.Second.Made.Single().Calls);
        CollectionAssert.Contains(rig.First.Made.Single().Calls, "close"); // the one that stood in is let go
    }

    [TestMethod]
    public void Options_set_before_a_choice_by_use_are_set_once()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_REUSEADDR, [1, 0, 0, 0]));
        Assert.AreEqual(Errno.None, socket.Listen(1));
        CollectionAssert.AreEqual(new[] { Set(SOL_SOCKET, SO_REUSEADDR, [1, 0, 0, 0]), "listen" }, rig.First.Made.Single().Calls);
    }

    [TestMethod]
    public void An_option_that_the_device_refuses_fails_the_choice_and_leaves_the_socket_as_it_was()
    {
        using Rig rig = new();
        rig.Second.Refused = TCP_CORK;
        KernelSocket socket = rig.Make();
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_TCP, TCP_CORK, [1, 0, 0, 0]));
        Assert.AreEqual(Errno.ENOPROTOOPT, Bind(socket, "second"));
        CollectionAssert.Contains(rig.Second.Made.Single().Calls, "close");
        Assert.AreEqual(Errno.None, socket.Listen(1));
        Assert.AreSame(rig.First.Made.Single(), socket.Implementation);
    }

    [TestMethod]
    public void TLS_NATIVE_is_for_TLS_sockets_only()
    {
        Skip.Unless(OpenSsl.IsAvailable, "OpenSSL 3 is not installed (libssl3)");
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Assert.AreEqual(Errno.ENOPROTOOPT, socket.SetOption(SOL_TLS, TLS_NATIVE, [1, 0, 0, 0]));
        KernelSocket secure = rig.Make(IPPROTO_TLS_1_2);
        Assert.AreEqual(Errno.EINVAL, secure.SetOption(SOL_TLS, TLS_NATIVE, [1]));
        Assert.AreEqual(Errno.None, secure.SetOption(SOL_TLS, TLS_NATIVE, [0, 0, 0, 0]));
        Assert.IsNotInstanceOfType<SecureStream>(secure.Implementation);
        Assert.AreEqual(Errno.None, secure.SetOption(SOL_TLS, TLS_NATIVE, [1, 0, 0, 0])); // the first device says that it serves TLS too
        Assert.IsInstanceOfType<SecureStream>(secure.Implementation);
    }

    [TestMethod]
    [DataRow("second")]
    [DataRow("plain")]
    public void TLS_NATIVE_then_SO_BINDTODEVICE_is_our_TLS_on_the_devices_sockets(string device)
    {
        Skip.Unless(OpenSsl.IsAvailable, "OpenSSL 3 is not installed (libssl3)");
        using Rig rig = new();
        KernelSocket socket = rig.Make(IPPROTO_TLS_1_2);
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_TLS, TLS_NATIVE, [1, 0, 0, 0]));
        Assert.AreEqual(Errno.None, Bind(socket, device));
        Assert.IsInstanceOfType<SecureStream>(socket.Implementation);
        RecordingProvider served = device is "second" ? rig.Second : rig.Native;
        CollectionAssert.Contains(served.Made.Single().Calls, Set(SOL_SOCKET, SO_BINDTODEVICE, Name(device)));
        Assert.AreEqual(1, rig.First.Made.Count + rig.Second.Made.Count + rig.Native.Made.Count);
    }

    [TestMethod]
    public void Without_the_dispatcher_socket_chooses_by_priority()
    {
        using Rig rig = new(dispatches: false);
        Assert.AreSame(rig.Make().Implementation, rig.First.Made.Single());
    }

    [TestMethod]
    public void Closed_before_the_choice_it_closes_what_stood_in_and_chooses_no_more()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        SocketImplementation dispatcher = socket.Implementation;
        Assert.AreEqual(Errno.None, socket.SetOption(SOL_SOCKET, SO_REUSEADDR, [1, 0, 0, 0]));
        Assert.AreEqual(Errno.None, socket.Close());
        Assert.AreEqual(Errno.EBADF, dispatcher.Listen(1)); // a call that was under way
        Assert.AreEqual(Errno.EBADF, dispatcher.SetOption(SOL_SOCKET, SO_REUSEADDR, [1, 0, 0, 0]));
        Assert.AreEqual("close", rig.First.Made.Single().Calls[^1]);
    }

    [TestMethod]
    public void Who_waited_for_the_undecided_socket_is_woken_by_the_choice()
    {
        using Rig rig = new();
        KernelSocket socket = rig.Make();
        Woken woken = new() { Interest = PollEvents.POLLOUT };
        socket.Waiters.Add(woken);
        Assert.AreEqual(Errno.None, socket.Bind(s_address));
        Assert.IsTrue(woken.IsWoken);
        socket.Waiters.Remove(woken);
    }

    [TestMethod]
    public void Threads_whose_first_uses_come_at_once_all_reach_one_socket()
    {
        Random random = TestSeed.Random();
        using Rig rig = new();
        for (int round = 0; round < 50; round++)
        {
            rig.First.Made.Clear();
            rig.Second.Made.Clear();
            KernelSocket socket = rig.Make();
            Func<KernelSocket, Errno>[] uses = [static s => s.Listen(1), static s => s.Bind(s_address), static s => Bind(s, "second"), static s => s.Shutdown(SocketShutdown.Both)];
            random.Shuffle(uses);
            using Barrier start = new(uses.Length);
            Errno[] errors = new Errno[uses.Length];
            Thread[] threads = [.. uses.Select((use, i) => new Thread(() =>
            {
                start.SignalAndWait();
                errors[i] = use(socket);
            }))];
            Array.ForEach(threads, static thread => thread.Start());
            Array.ForEach(threads, static thread => thread.Join());
            Assert.IsTrue(Array.TrueForAll(errors, static error => error == Errno.None), string.Join(' ', errors));
            RecordingSocket chosen = (RecordingSocket)socket.Implementation;
            Assert.HasCount(4, chosen.Calls);
            Assert.AreEqual(1, rig.First.Made.Count + rig.Second.Made.Count);
        }
    }

    private static Errno Bind(KernelSocket socket, string device) => socket.SetOption(SOL_SOCKET, SO_BINDTODEVICE, Name(device));

    private static byte[] Name(string device) => Encoding.UTF8.GetBytes(device + '\0');

    private static string Set(int level, int name, byte[] value) => $"set {level} {name} {Convert.ToHexString(value)}";

    private sealed class Woken : SocketWaiter
    {
        public bool IsWoken { get; private set; }

        protected internal override void Signal(PollEvents events) => IsWoken = true;
    }

    /// <summary>A host whose only native sockets, and those of two of its three devices, note their calls.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly NetworkStack _stack = new(new NetworkStackOptions());
        private readonly SocketSystem _system;

        public Rig(bool dispatches = true)
        {
            _system = new SocketSystem(_stack, new SocketSystemOptions { Dispatches = dispatches });
            _system.AddOffloadedDevice("second", Second);
            _system.AddOffloadedDevice("first", First);
            _system.AddOffloadedDevice("plain", Native);
            _stack.Interfaces[^1].Sockets = null;
        }

        public RecordingProvider First { get; } = new("first", 10, isOffloaded: true);

        public RecordingProvider Second { get; } = new("second", 20, isOffloaded: true);

        public RecordingProvider Native { get; } = new("native", 50, isOffloaded: false);

        public KernelSocket Make(int protocol = 0)
        {
            Assert.AreEqual(Errno.None, _system.Create(new SocketRequest(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, protocol, Credentials.Own), out KernelSocket? socket));
            return socket!;
        }

        public void Dispose() => _stack.Dispose();
    }
}

using System.Globalization;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Sockets;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Kernel;
using SocketError = System.Net.Sockets.SocketError;
using SocketFlags = System.Net.Sockets.SocketFlags;

namespace FpgaNet.Bench;

/// <summary>
/// The suite "sockets": calls a second through the kernel-style layer, through descriptors and through the .NET face. One thread sends on one host, runs both stacks, receives on the other host, and goes back the same way, so that a
/// figure holds TCP's work and the cable's, too; the variants differ in the layer alone. Each byte is compared.
/// </summary>
internal static class SocketBenchmarks
{
    private const string Suite = "sockets";
    private const int AllocationRounds = 2000;

    /// <summary>Measures everything.</summary>
    /// <exception cref="InvalidOperationException">A byte arrived wrong, or a call failed.</exception>
    public static IEnumerable<BenchRow> Run()
    {
        foreach ((int size, string name) in ((int, string)[])[(64, "64 B"), (64 * 1024, "64 KB")])
        {
            using Rig rig = new(size);
            using Rig face = new(size); // sockets of its own: a face waits on its socket's queue, which costs the layers below
            face.PutFaces();
            Action<int>[] variants =
                [count => rig.Repeat(rig.ByKernel, count), count => rig.Repeat(rig.ByDescriptor, count), count => face.Repeat(face.BySocket, count), count => face.Repeat(face.ByTask, count)];
            string[] layers = ["kernel-style layer", "descriptor layer", ".NET face", ".NET face, tasks"];
            (double Median, double Lowest, double Highest)[] seconds = Measurement.Time(variants);
            for (int i = 0; i < variants.Length; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                variants[i](AllocationRounds);
                double allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(AllocationRounds * Rig.CallsOfRound);
                yield return new BenchRow(
                    Suite,
                    $"send and recv of {name}: calls",
                    layers[i],
                    Rig.CallsOfRound / seconds[i].Median / 1e3,
                    "k/s",
                    Rig.CallsOfRound / seconds[i].Highest / 1e3,
                    Rig.CallsOfRound / seconds[i].Lowest / 1e3,
                    string.Create(CultureInfo.InvariantCulture, $"{allocated:0.##} B allocated a call"));
            }
        }
    }

    private sealed class Rig : IDisposable
    {
        /// <summary>A send and a recv there, and the same back.</summary>
        public const int CallsOfRound = 4;

        private const int Port = 7;

        private readonly MemoryPair _pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures, Capacity = 1024 });
        private readonly NetworkStack _a;
        private readonly NetworkStack _b;
        private readonly DescriptorTable _callsOfA;
        private readonly DescriptorTable _callsOfB;
        private readonly (int A, int B) _descriptors;
        private readonly (KernelSocket A, KernelSocket B) _sockets;
        private (Socket A, Socket B) _faces;
        private readonly byte[] _message;
        private readonly byte[] _answer;

        public Rig(int size)
        {
            _message = new byte[size];
            _answer = new byte[size];
            new Random(3).NextBytes(_message);
            _a = new NetworkStack(_pair.A, new NetworkStackOptions { Address = IPv4Address.Parse("192.0.2.1") });
            _b = new NetworkStack(_pair.B, new NetworkStackOptions { Address = IPv4Address.Parse("192.0.2.2") });
            _callsOfA = new DescriptorTable(new SocketSystem(_a));
            _callsOfB = new DescriptorTable(new SocketSystem(_b));
            SocketKind kind = SocketKind.SOCK_STREAM | (SocketKind)SocketOptions.SOCK_NONBLOCK;
            int listening = Done(_callsOfB.Socket(SocketDomain.AF_INET, kind, 0));
            Done(_callsOfB.Bind(listening, SockAddr.Inet(_b.Address, Port)));
            Done(_callsOfB.Listen(listening, 1));
            int a = Done(_callsOfA.Socket(SocketDomain.AF_INET, kind, 0));
            _ = _callsOfA.Connect(a, SockAddr.Inet(_b.Address, Port)); // EINPROGRESS
            int b;
            while ((b = _callsOfB.Accept4(listening, out _, SocketOptions.SOCK_NONBLOCK)) < 0)
            {
                Poll();
            }

            Done(_callsOfA.SetSockOpt(a, SocketOptions.IPPROTO_TCP, SocketOptions.TCP_NODELAY, 1));
            Done(_callsOfB.SetSockOpt(b, SocketOptions.IPPROTO_TCP, SocketOptions.TCP_NODELAY, 1));
            _descriptors = (a, b);
            _sockets = (_callsOfA.SocketOf(a)!, _callsOfB.SocketOf(b)!);
        }

        /// <summary>Sends and receives the message one way by one of the layers; true: from A to B.</summary>
        public delegate void Way(bool fromA);

        public void Repeat(Way way, int count)
        {
            for (int i = 0; i < count; i++)
            {
                _message[0]++;
                way(true);
                way(false);
            }
        }

        public void ByKernel(bool fromA)
        {
            (KernelSocket from, KernelSocket to) = fromA ? (_sockets.A, _sockets.B) : (_sockets.B, _sockets.A);
            for (int sent = 0; sent < _message.Length;)
            {
                MessageOut message = new() { Data = new GatherList(_message.AsSpan(sent)), Flags = MessageFlags.MSG_NOSIGNAL };
                Check(from.Send(ref message, out int taken));
                sent += taken;
                Poll();
            }

            for (int got = 0; got < _answer.Length; Poll())
            {
                MessageIn message = new() { Data = new ScatterList(_answer.AsSpan(got)) };
                Check(to.Receive(ref message, out int count));
                got += count;
            }

            Compare();
        }

        public void ByDescriptor(bool fromA)
        {
            (DescriptorTable sender, int from, DescriptorTable receiver, int to) =
                fromA ? (_callsOfA, _descriptors.A, _callsOfB, _descriptors.B) : (_callsOfB, _descriptors.B, _callsOfA, _descriptors.A);
            for (int sent = 0; sent < _message.Length;)
            {
                sent += Done(sender.Send(from, _message.AsSpan(sent), MessageFlags.MSG_NOSIGNAL));
                Poll();
            }

            for (int got = 0; got < _answer.Length; Poll())
            {
                got += Done(receiver.Recv(to, _answer.AsSpan(got), MessageFlags.None));
            }

            Compare();
        }

        /// <summary>Puts the .NET face on both sockets.</summary>
        public void PutFaces() => _faces = (new Socket(_sockets.A), new Socket(_sockets.B));

        public void BySocket(bool fromA)
        {
            (Socket from, Socket to) = fromA ? (_faces.A, _faces.B) : (_faces.B, _faces.A);
            for (int sent = 0; sent < _message.Length;)
            {
                sent += from.Send(_message.AsSpan(sent), SocketFlags.None, out SocketError error);
                Check(ErrnoOf.From(error));
                Poll();
            }

            for (int got = 0; got < _answer.Length; Poll())
            {
                got += to.Receive(_answer.AsSpan(got), SocketFlags.None, out SocketError error);
                Check(ErrnoOf.From(error));
            }

            Compare();
        }

        public void ByTask(bool fromA)
        {
            (Socket from, Socket to) = fromA ? (_faces.A, _faces.B) : (_faces.B, _faces.A);
            ValueTask<int> sending = from.SendAsync(_message.AsMemory(), SocketFlags.None);
            Poll();
            for (int got = 0; got < _answer.Length;)
            {
                ValueTask<int> receiving = to.ReceiveAsync(_answer.AsMemory(got), SocketFlags.None);
                while (!receiving.IsCompleted)
                {
                    Poll();
                }

                got += receiving.GetAwaiter().GetResult();
            }

            while (!sending.IsCompleted)
            {
                Poll();
            }

            sending.GetAwaiter().GetResult();
            Compare();
        }

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
            _pair.Dispose();
        }

        private static void Check(Errno error)
        {
            if (error is not (Errno.None or Errno.EAGAIN))
            {
                throw new InvalidOperationException($"A call failed: {error}.");
            }
        }

        private static int Done(int result)
        {
            if (result < 0)
            {
                Check(DescriptorTable.Errno);
            }

            return Math.Max(0, result);
        }

        private void Compare()
        {
            if (!_message.AsSpan().SequenceEqual(_answer))
            {
                throw new InvalidOperationException("A connection delivered a wrong byte.");
            }
        }

        private void Poll()
        {
            _a.Poll();
            _b.Poll();
        }
    }
}

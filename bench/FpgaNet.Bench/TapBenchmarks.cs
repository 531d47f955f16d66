using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Bench;

/// <summary>
/// The rows "through TAP" of the suite "tcp": our stack on one thread, Linux's TCP through a socket on another, in a network namespace made for it. With offloads the kernel takes and
/// gives uncut frames, as a card would; without, every frame is a complete one of 1514 bytes and all is done in software.
/// </summary>
internal static partial class TapBenchmarks
{
    private const int Runs = 9;
    private const int Port = 7;
    private const long RunBytes = 256L << 20;
    private const int CloneNewNetwork = 0x4000_0000; // CLONE_NEWNET of unshare(2)
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    private static readonly (string Name, bool Offloads)[] s_variants =
    [
        ("offloads negotiated with the kernel", true),
        ("frames of 1514 bytes, all in software", false),
    ];

    /// <summary>Measures both directions.</summary>
    /// <param name="suite">The rows' suite.</param>
    /// <exception cref="InvalidOperationException">A byte arrived wrong.</exception>
    public static IEnumerable<BenchRow> Run(string suite)
    {
        foreach ((string name, bool receives) in ((string, bool)[])[("TCP through TAP, from Linux to us", true), ("TCP through TAP, from us to Linux", false)])
        {
            foreach ((string variant, bool offloads) in s_variants)
            {
                if (!Environment.IsPrivilegedProcess)
                {
                    yield return new BenchRow(suite, name, variant, double.NaN, "Gb/s", Note: "needs root: a TAP in a namespace of its own");
                    continue;
                }

                double[] rates = InNamespace(() => Measure(offloads, receives));
                Array.Sort(rates);
                yield return new BenchRow(suite, name, variant, rates[Runs / 2], "Gb/s", rates[0], rates[^1], "two threads: our stack, Linux's socket");
            }
        }
    }

    private static double[] Measure(bool offloads, bool receives)
    {
        using SoftwareOffload device = new(new TapDevice(new TapOptions { Name = "bench0", Offloads = offloads }));
        Ip("addr", "add", "192.0.2.1/24", "dev", "bench0");
        Ip("link", "set", "bench0", "up");
        using NetworkStack stack = new(device, new NetworkStackOptions { Address = IPv4Address.Parse("192.0.2.2"), InlineCompletions = true });
        TcpListenerSocket listener = stack.Listen(new IPEndPoint(IPAddress.Any, Port));
        using Socket linux = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        // Not ConnectAsync: it makes the socket one that never blocks, and each call that has to wait goes by way of another thread.
        Task connecting = Task.Run(() => linux.Connect(IPAddress.Parse("192.0.2.2"), Port));
        Task<TcpSocket> accepting = listener.AcceptAsync().AsTask();
        while (!connecting.IsCompleted || !accepting.IsCompleted)
        {
            stack.Poll();
        }

        using TcpSocket ours = accepting.GetAwaiter().GetResult();
        byte[] pattern = new byte[1 << 20];
        new Random(1).NextBytes(pattern);
        double Once() => receives ? Receive(stack, ours, linux, pattern) : Send(stack, ours, linux, pattern);
        for (Stopwatch warm = Stopwatch.StartNew(); warm.Elapsed < s_warmUp;)
        {
            Once();
        }

        return [.. Enumerable.Range(0, Runs).Select(_ => Once())];
    }

    private static double Receive(NetworkStack stack, TcpSocket ours, Socket linux, byte[] pattern)
    {
        byte[] sink = new byte[1 << 18];
        long start = Stopwatch.GetTimestamp();
        Thread peer = new(() =>
        {
            for (long sent = 0; sent < RunBytes;)
            {
                sent += linux.Send(pattern.AsSpan((int)(sent % pattern.Length)));
            }
        });
        peer.Start();
        for (long received = 0; received < RunBytes;)
        {
            stack.Poll();
            while (ours.TryReceive(sink, out int count) && count > 0)
            {
                Compare(pattern, received, sink.AsSpan(0, count));
                received += count;
            }
        }

        double rate = RunBytes * 8 / 1e9 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        peer.Join();
        return rate;
    }

    private static double Send(NetworkStack stack, TcpSocket ours, Socket linux, byte[] pattern)
    {
        Exception? wrong = null;
        long received = 0;
        long start = Stopwatch.GetTimestamp();
        Thread peer = new(() =>
        {
            byte[] sink = new byte[1 << 18];
            try
            {
                while (received < RunBytes)
                {
                    int count = linux.Receive(sink);
                    Compare(pattern, received, sink.AsSpan(0, count));
                    Volatile.Write(ref received, received + count);
                }
            }
            catch (InvalidOperationException e)
            {
                wrong = e;
                Volatile.Write(ref received, RunBytes);
            }
        });
        peer.Start();
        for (long sent = 0; Volatile.Read(ref received) < RunBytes;)
        {
            if (sent < RunBytes)
            {
                int at = (int)(sent % pattern.Length);
                sent += ours.TrySend(pattern.AsSpan(at, (int)Math.Min(pattern.Length - at, RunBytes - sent)));
            }

            stack.Poll();
        }

        double rate = RunBytes * 8 / 1e9 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        peer.Join();
        return wrong is null ? rate : throw wrong;
    }

    private static void Compare(byte[] pattern, long at, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> expected = pattern.AsSpan((int)(at % pattern.Length));
            int count = Math.Min(expected.Length, bytes.Length);
            if (!bytes[..count].SequenceEqual(expected[..count]))
            {
                throw new InvalidOperationException($"TCP through TAP delivered a wrong byte after byte {at}.");
            }

            at += count;
            bytes = bytes[count..];
        }
    }

    // On a thread of its own, which ends with its namespace and all that is in it.
    private static T InNamespace<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                if (Unshare(CloneNewNetwork) != 0)
                {
                    throw new IOException($"A network namespace could not be made: error {Marshal.GetLastPInvokeError()}.");
                }

                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private static void Ip(params string[] arguments)
    {
        using Process process = Process.Start("ip", arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"ip {string.Join(' ', arguments)} failed.");
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}

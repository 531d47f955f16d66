using System.Diagnostics;
using System.Globalization;
using System.Net;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Bench;

/// <summary>
/// The suite "tcp": two stacks joined in memory, both ends on this one thread (and, as with lwIP and smoltcp, without a lock), congestion control on. What is compared is who computes the
/// checksums and cuts the super-frames: the CPU (<see cref="SoftwareOffload"/>), or nobody, as with a card that does it.
/// </summary>
internal static class TcpBenchmarks
{
    private const string Suite = "tcp";
    private const int Port = 7;
    private const int Runs = 9;
    private const int RoundTrips = 20_000;
    private const int Message = 64;
    private const int WriteBytes = 1 << 16;
    private const long RunBytes = 256L << 20;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    // Where the device does not segment, frames of the link's size cross the pair; where it does, super-frames cross it uncut.
    private static readonly (string Name, OffloadFeatures Device)[] s_variants =
    [
        ("checksum in software", OffloadFeatures.None),
        ("checksum left to the device", OffloadFeatures.TxChecksum),
        ("checksum and segmentation left to it", OffloadFeatures.TxChecksum | OffloadFeatures.TxSegmentation),
    ];

    /// <summary>Measures everything.</summary>
    /// <exception cref="InvalidOperationException">A byte arrived wrong.</exception>
    public static IEnumerable<BenchRow> Run()
    {
        // First, since the JIT compiler optimises for what it sees first, and here single nanoseconds count: as each of the peers, it has the process to itself.
        const string Trips = "TCP round trips of 64 B";
        const long TripBytes = RoundTrips * 2L * Message;
        BenchRow[] others = [.. Peers.RoundTrips(Suite, Trips)];
        foreach (BenchRow row in Compared(Measure(Trips, "M/s", 1500, TripBytes, static r => r.PingPong(RoundTrips) / 1e6), others))
        {
            yield return row;
        }

        foreach ((string name, int mtu) in ((string, int)[])[("TCP bulk, 1514-byte frames", 1500), ("TCP bulk, 64 KB frames", 65500)])
        {
            BenchRow[] peers = [.. Peers.Bulk(Suite, name, mtu)];
            foreach (BenchRow row in Compared(Measure(name, "Gb/s", mtu, RunBytes, static r => r.Bulk(RunBytes) * 8 / 1e9), peers))
            {
                yield return row;
            }
        }

        foreach (BenchRow row in TapBenchmarks.Run(Suite))
        {
            yield return row;
        }
    }

    // Ours, each with how many times the peers' figures it is, and then the peers.
    private static IEnumerable<BenchRow> Compared(IEnumerable<BenchRow> ours, BenchRow[] peers) =>
        ours.Select(row => row with { Note = string.Join("; ", peers.Where(static p => !double.IsNaN(p.Value)).Select(p => Ratio(row, p)).Prepend(row.Note)) }).Concat(peers);

    private static string Ratio(BenchRow ours, BenchRow peer) =>
        string.Create(CultureInfo.InvariantCulture, $"{ours.Value / peer.Value:0.0} times {peer.Variant.Split(',')[0]}");

    // The runs of the variants take turns, as in Measurement; a rate is what counts here, so that higher is better.
    private static IEnumerable<BenchRow> Measure(string name, string unit, int mtu, long bytes, Func<Rig, double> run)
    {
        Rig[] rigs = [.. s_variants.Select(v => new Rig(mtu, v.Device))];
        foreach (Rig rig in rigs)
        {
            for (Stopwatch warm = Stopwatch.StartNew(); warm.Elapsed < s_warmUp;)
            {
                run(rig);
            }
        }

        double[][] rates = [.. rigs.Select(static _ => new double[Runs])];
        long[] allocated = new long[rigs.Length];
        for (int i = 0; i < Runs; i++)
        {
            for (int r = 0; r < rigs.Length; r++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                rates[r][i] = run(rigs[r]);
                allocated[r] += GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }

        for (int r = 0; r < rigs.Length; r++)
        {
            Array.Sort(rates[r]);
            yield return new BenchRow(
                Suite, name, s_variants[r].Name, rates[r][Runs / 2], unit, rates[r][0], rates[r][^1], string.Create(CultureInfo.InvariantCulture, $"allocated bytes per transferred MB: {allocated[r] * (1L << 20) / (Runs * bytes)}"));
            rigs[r].Dispose();
        }
    }

    /// <summary>Two stacks, one connection.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly MemoryPair _pair;
        private readonly SoftwareOffload _deviceA;
        private readonly SoftwareOffload _deviceB;
        private readonly NetworkStack _a;
        private readonly NetworkStack _b;
        private readonly TcpSocket _client;
        private readonly TcpSocket _server;
        private readonly byte[] _source = new byte[1 << 20];
        private readonly byte[] _sink = new byte[1 << 18];

        public Rig(int mtu, OffloadFeatures device)
        {
            new Random(1).NextBytes(_source);
            _pair = new MemoryPair(new MemoryPairOptions
            {
                MaximumTransmissionUnit = mtu,
                Features = device,
            });
            _deviceA = new SoftwareOffload(_pair.A);
            _deviceB = new SoftwareOffload(_pair.B);
            IPv4Address addressB = IPv4Address.Parse("192.0.2.2");
            _a = new NetworkStack(_deviceA, new NetworkStackOptions { Address = IPv4Address.Parse("192.0.2.1"), InlineCompletions = true, Synchronized = false });
            _b = new NetworkStack(_deviceB, new NetworkStackOptions { Address = addressB, InlineCompletions = true, Synchronized = false });
            TcpListenerSocket listener = _b.Listen(new IPEndPoint(IPAddress.Any, Port));
            Task<TcpSocket> connecting = _a.ConnectAsync(new IPEndPoint(addressB.ToIPAddress(), Port)).AsTask();
            Task<TcpSocket> accepting = listener.AcceptAsync().AsTask();
            while (!connecting.IsCompleted || !accepting.IsCompleted)
            {
                Poll();
            }

            _client = connecting.GetAwaiter().GetResult();
            _server = accepting.GetAwaiter().GetResult();
            _client.NoDelay = true;
            _server.NoDelay = true;
        }

        /// <summary>Sends bytes one way and compares every one of them at the other end.</summary>
        /// <returns>Bytes a second.</returns>
        public double Bulk(long bytes)
        {
            long start = Stopwatch.GetTimestamp();
            long sent = 0;
            long received = 0;
            while (received < bytes)
            {
                if (sent < bytes)
                {
                    int at = (int)(sent & (_source.Length - 1));
                    sent += _client.TrySend(_source.AsSpan(at, (int)Math.Min(Math.Min(_source.Length - at, WriteBytes), bytes - sent)));
                }

                Poll();
                while (_server.TryReceive(_sink, out int count) && count > 0)
                {
                    Compare(received, _sink.AsSpan(0, count));
                    received += count;
                }
            }

            return bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        /// <summary>Sends 64 bytes there and back, one after another; who has to answer is polled.</summary>
        /// <returns>Round trips a second.</returns>
        public double PingPong(int count)
        {
            Span<byte> message = _sink.AsSpan(0, Message);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                _client.TrySend(_source.AsSpan(i, Message));
                Await(_b, _server, message);
                _server.TrySend(message);
                Await(_a, _client, message);
                Compare(i, message);
            }

            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
            _deviceA.Dispose();
            _deviceB.Dispose();
            _pair.Dispose();
        }

        private static void Await(NetworkStack stack, TcpSocket socket, Span<byte> message)
        {
            int got = 0;
            while (got < message.Length)
            {
                stack.Poll();
                if (socket.TryReceive(message[got..], out int count))
                {
                    got += count;
                }
            }
        }

        private void Compare(long at, ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                ReadOnlySpan<byte> expected = _source.AsSpan((int)(at & (_source.Length - 1)));
                int count = Math.Min(expected.Length, bytes.Length);
                if (!bytes[..count].SequenceEqual(expected[..count]))
                {
                    throw new InvalidOperationException($"TCP delivered a wrong byte after byte {at}.");
                }

                at += count;
                bytes = bytes[count..];
            }
        }

        private void Poll()
        {
            _a.Poll();
            _b.Poll();
        }
    }
}

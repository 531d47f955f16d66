using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace FpgaNet.Bench;

/// <summary>
/// Others who do what the suite "tcp" measures, in the same run: Linux over its loopback through <see cref="Socket"/>, which a .NET user would pick instead; lwIP, when Debian's
/// liblwip-dev is there (bench/peers); and iperf3 over Linux's loopback as the measure of the machine. Bytes are compared, but by iperf3.
/// </summary>
internal static class Peers
{
    private const int Runs = 9;
    private const int Trips = 50_000;
    private const long RunBytes = 512L << 20;
    private const int Message = 64;

    private static readonly byte[] s_pattern = Pattern();

    /// <summary>Bulk transfer in gigabits a second.</summary>
    /// <param name="suite">The rows' suite.</param>
    /// <param name="name">The rows' name.</param>
    /// <param name="mtu">lwIP's MTU; Linux's loopback has its own, 65536, whatever we ask for.</param>
    public static IEnumerable<BenchRow> Bulk(string suite, string name, int mtu)
    {
        yield return Row(suite, name, "Linux loopback, System.Net.Sockets", "Gb/s", LinuxBulk(), "two cores, frames of 64 KB without checksums");
        yield return LwIp(suite, name, "Gb/s", "bulk", mtu, RunBytes);
        yield return Iperf(suite, name);
    }

    /// <summary>Round trips of 64 bytes, millions a second.</summary>
    public static IEnumerable<BenchRow> RoundTrips(string suite, string name)
    {
        yield return Row(suite, name, "Linux loopback, System.Net.Sockets", "M/s", LinuxTrips(), "one thread, both ends");
        yield return LwIp(suite, name, "M/s", "trips", 0, Trips * 4L);
    }

    private static double[] LinuxBulk()
    {
        (Socket from, Socket to) = Connect();
        using (from)
        using (to)
        {
            byte[] sink = new byte[1 << 18];
            double[] rates = new double[Runs + 2]; // the first two warm up
            for (int run = 0; run < rates.Length; run++)
            {
                long start = Stopwatch.GetTimestamp();
                Thread sender = new(() =>
                {
                    for (long sent = 0; sent < RunBytes;)
                    {
                        sent += from.Send(s_pattern.AsSpan((int)(sent % s_pattern.Length)));
                    }
                });
                sender.Start();
                for (long received = 0; received < RunBytes;)
                {
                    int count = to.Receive(sink.AsSpan(0, (int)Math.Min(sink.Length, s_pattern.Length - (received % s_pattern.Length))));
                    if (count == 0 || !sink.AsSpan(0, count).SequenceEqual(s_pattern.AsSpan((int)(received % s_pattern.Length), count)))
                    {
                        throw new InvalidOperationException($"Linux's loopback delivered a wrong byte after byte {received}.");
                    }

                    received += count;
                }

                sender.Join();
                rates[run] = RunBytes * 8 / 1e9 / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            return rates[2..];
        }
    }

    private static double[] LinuxTrips()
    {
        (Socket a, Socket b) = Connect();
        using (a)
        using (b)
        {
            byte[] message = new byte[Message];
            double[] rates = new double[Runs + 2];
            for (int run = 0; run < rates.Length; run++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < Trips; i++)
                {
                    a.Send(s_pattern.AsSpan(i, Message));
                    ReceiveAll(b, message);
                    b.Send(message);
                    ReceiveAll(a, message);
                    if (!message.AsSpan().SequenceEqual(s_pattern.AsSpan(i, Message)))
                    {
                        throw new InvalidOperationException($"Linux's loopback delivered a wrong byte in round trip {i}.");
                    }
                }

                rates[run] = Trips / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            return rates[2..];
        }
    }

    private static void ReceiveAll(Socket socket, byte[] message)
    {
        for (int got = 0; got < message.Length;)
        {
            got += socket.Receive(message.AsSpan(got));
        }
    }

    private static (Socket From, Socket To) Connect()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket from = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        from.Connect(listener.LocalEndPoint!);
        Socket to = listener.Accept();
        to.NoDelay = true;
        return (from, to);
    }

    private static BenchRow LwIp(string suite, string name, string unit, string what, int mtu, long amount)
    {
        const string Variant = "lwIP, one thread, both ends";
        string program = Path.Combine(BenchReport.Folder, "lwip_peer");
        if (!File.Exists(program))
        {
            return new BenchRow(suite, name, Variant, double.NaN, unit, Note: "not installed (Debian: liblwip-dev)");
        }

        string[] lines = Output(program, what, Text(mtu), Text(Runs + 2), Text(amount)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return Row(suite, name, Variant, unit, [.. lines.Skip(2).Select(static l => double.Parse(l, CultureInfo.InvariantCulture))], "raw API, checksums in software");
    }

    private static BenchRow Iperf(string suite, string name)
    {
        const string Variant = "iperf3 over Linux loopback";
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(static p => File.Exists(Path.Combine(p, "iperf3"))))
        {
            return new BenchRow(suite, name, Variant, double.NaN, "Gb/s", Note: "not installed");
        }

        double[] rates = new double[3];
        for (int run = 0; run < rates.Length; run++)
        {
            const string Port = "5207";
            using Process server = Process.Start(new ProcessStartInfo("iperf3", ["-s", "-1", "--forceflush", "-B", "127.0.0.1", "-p", Port]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            server.StandardOutput.ReadLine(); // the line before "Server listening"
            server.StandardOutput.ReadLine();
            using JsonDocument result = JsonDocument.Parse(Output("iperf3", "-c", "127.0.0.1", "-p", Port, "-t", "2", "-O", "0.5", "-J"));
            rates[run] = result.RootElement.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble() / 1e9;
            server.WaitForExit();
        }

        return Row(suite, name, Variant, "Gb/s", rates, "two cores, nothing compared; 24 to 25 Gb/s where the peers' bars of 35, 47 and 53 were measured");
    }

    private static BenchRow Row(string suite, string name, string variant, string unit, double[] rates, string note)
    {
        Array.Sort(rates);
        return new BenchRow(suite, name, variant, rates[rates.Length / 2], unit, rates[0], rates[^1], note);
    }

    private static string Output(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static byte[] Pattern()
    {
        byte[] pattern = new byte[1 << 20];
        new Random(1).NextBytes(pattern);
        return pattern;
    }
}

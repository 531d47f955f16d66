using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Cli.Commands;

/// <summary><c>fpganet ping</c>: echo requests through the user-space stack.</summary>
internal static class PingCommand
{
    public static Command Make()
    {
        Argument<IpAddress> address = new("ADDRESS")
        {
            Description = "address to ping",
            CustomParser = result =>
            {
                try
                {
                    return IpAddress.Parse(result.Tokens[0].Value);
                }
                catch (FormatException e)
                {
                    result.AddError(e.Message);
                    return default;
                }
            },
        };
        Option<int> count = new("--count", "-c") { Description = "echo requests to send", HelpName = "N", DefaultValueFactory = _ => 4 };
        Option<int> size = new("--size", "-s") { Description = "bytes of data in each, 0 to 1472", HelpName = "BYTES", DefaultValueFactory = _ => 56 };
        Option<double> interval = new("--interval", "-i") { Description = "seconds between them", HelpName = "SECONDS", DefaultValueFactory = _ => 1 };
        NicSymbols nic = new();
        Command command = new("ping", "Send echo requests to the Linux end of the TAP, or beyond it with --gateway. Exits with 1 when nobody answers.")
        {
            address,
            count,
            size,
            interval,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(count) < 1 || result.GetValue(size) is < 0 or > 1472 || result.GetValue(interval) is < 0 or > 3600)
            {
                result.AddError("--count is 1 or more, --size 0 to 1472, --interval 0 to 3600 seconds.");
            }
        });
        nic.AddTo(command);
        command.SetAction((result, cancellation) => RunAsync(
            result.GetValue(address).ToIPAddress(),
            result.GetValue(count),
            result.GetValue(size),
            TimeSpan.FromSeconds(result.GetValue(interval)),
            nic.Read(result),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IPAddress address, int count, int size, TimeSpan interval, NicOptions options, CancellationToken cancellation)
    {
        OpenNic nic = options.Open();
        await using NetworkHost host = await NetworkHost.StartAsync(nic, options, cancellation);
        Report.Nic(nic);
        using EchoClient client = host.Stack.CreateEchoClient();
        List<TimeSpan> times = [];
        int sent = 0;
        try
        {
            while (sent < count)
            {
                sent++;
                await PingAsync(client, address, size, sent, times, cancellation);
                if (sent < count)
                {
                    await Task.Delay(interval, cancellation);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C: the summary is still wanted.
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} sent, {times.Count} received, {100.0 * (sent - times.Count) / sent:F0} % lost"));
        if (times.Count != 0)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round trip min/avg/max {times.Min().TotalMilliseconds:F3}/{times.Average(t => t.TotalMilliseconds):F3}/{times.Max().TotalMilliseconds:F3} ms"));
        }

        return times.Count != 0 ? 0 : 1;
    }

    private static async Task PingAsync(EchoClient client, IPAddress address, int size, int sequence, List<TimeSpan> times, CancellationToken cancellation)
    {
        try
        {
            EchoReply reply = await client.PingAsync(address, size, TimeSpan.FromSeconds(2), cancellation);
            times.Add(reply.RoundTrip);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{reply.Length + 8} bytes from {reply.Address}: icmp_seq={sequence} time={reply.RoundTrip.TotalMilliseconds:F3} ms"));
        }
        catch (SocketException e)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{address}: icmp_seq={sequence} {e.Message}"));
        }
    }
}

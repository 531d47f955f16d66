using System.CommandLine;
using System.Globalization;
using FpgaNet.Cli.Http;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.FileProviders;

namespace FpgaNet.Cli.Commands;

/// <summary><c>fpganet serve</c>: a folder by HTTP, to the Linux kernel at the other end of a TAP.</summary>
internal static class ServeCommand
{
    // Requests that still run when the server is told to stop have this long.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(3);

    public static Command Make()
    {
        Argument<DirectoryInfo> folder = new Argument<DirectoryInfo>("DIR") { Description = "folder whose files are served" }.AcceptExistingOnly();
        Option<int> port = new("--port")
        {
            Description = "TCP port to listen on",
            HelpName = "PORT",
            DefaultValueFactory = _ => 80,
        };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 65535)
            {
                result.AddError("--port is a number from 1 to 65535.");
            }
        });
        Option<DirectoryInfo?> upload = new Option<DirectoryInfo?>("--upload")
        {
            Description = "folder that keeps what is sent to /upload/NAME [default: it is only counted and hashed]",
            HelpName = "DIR",
        };
        Option<int> queues = new("--queues")
        {
            Description = "queue pairs of the card, 1 to 4, each with a stack and a thread of its own; sim-pcie only",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        Option<FlowRule[]> flows = new("--flow")
        {
            Description = $"rule for the card's flow table, in the words of ethtool -N: \"{FlowRule.Syntax}\"; may be given several times. At the end each is shown with the frames that met it",
            HelpName = "RULE",
            CustomParser = result => NicSymbols.ParseAll(result, FlowRule.Parse),
        };
        Option<bool> quiet = new("--quiet", "-q") { Description = "no line for each request" };
        NicSymbols nic = new();
        Command command = new(
            "serve",
            """
            Serve a folder by HTTP to the Linux kernel at the other end of a TAP, until Ctrl-C.

            Ranges, keep-alive, directory lists and many connections at once are Kestrel's. POST or PUT to /upload or
            /upload/NAME answers with the number of bytes and their SHA-256.
            """)
        {
            folder,
            port,
            upload,
            queues,
            flows,
            quiet,
        };
        nic.AddTo(command);
        command.Validators.Add(result =>
        {
            // Before it is given, an option has no value here, not its default.
            if (result.GetResult(queues) is { Implicit: false } && result.GetValue(queues) is < 1 or > 4)
            {
                result.AddError("--queues is a number from 1 to 4.");
            }

            if (result.GetResult(flows) is not null && nic.IsTap(result))
            {
                result.AddError("--flow needs a card: --nic sim-pcie, sim-usb or sim-usb3.");
            }
        });
        command.SetAction((result, cancellation) => RunAsync(
            result.GetRequiredValue(folder), result.GetValue(port), result.GetValue(upload), result.GetValue(quiet), Read(nic, result, result.GetValue(queues)) with { Flows = result.GetValue(flows) ?? [] }, cancellation));
        return command;
    }

    private static NicOptions Read(NicSymbols nic, ParseResult result, int queues)
    {
        NicOptions options = nic.Read(result) with { Queues = queues };
        return queues == 1 || string.Equals(options.Kind, NicOptions.SimPcie, StringComparison.Ordinal)
            ? options
            : throw new UserException("Several queues need --nic sim-pcie.");
    }

    private static async Task<int> RunAsync(
        DirectoryInfo folder, int port, DirectoryInfo? upload, bool quiet, NicOptions options, CancellationToken cancellation)
    {
        upload?.Create();
        using PhysicalFileProvider files = new(folder.FullName);

        // In order: the server ends its connections, the stack its last segments, the NIC its rings; the capture is completed last.
        OpenNic nic = options.Open();
        await using NetworkHost host = await NetworkHost.StartAsync(nic, options, cancellation);
        await using WebApplication server = FileServer.Make(
            new FileServerSettings
            {
                Files = files,
                Port = port,
                UploadFolder = upload,
                Log = quiet ? null : Console.Out,
            },
            host.Transport);
        await server.StartAsync(cancellation);
        Report.Nic(nic);
        string suffix = port == 80 ? "/" : string.Create(CultureInfo.InvariantCulture, $":{port}/");
        string urls = string.Join(" and ", host.Addresses.Where(own => !own.Address.IsLinkLocal).Select(own => $"http://{AddressOption.InUrl(own.Address)}{suffix}"));
        Console.WriteLine($"Serving {folder.FullName} at {urls} to the Linux end of {options.TapName}. Ctrl-C stops.");
        Report.LinuxEnd(nic, options);

        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellation.Register(stop.SetResult))
        {
            await stop.Task;
        }

        Console.WriteLine("Stopping.");
        using CancellationTokenSource grace = new(s_grace);
        await server.StopAsync(grace.Token);
        Report.Counters(host);
        Report.Flows(nic);
        return 0;
    }
}

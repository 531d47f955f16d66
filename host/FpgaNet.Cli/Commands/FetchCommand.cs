using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FpgaNet.Cli.Http;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;

namespace FpgaNet.Cli.Commands;

/// <summary><c>fpganet fetch</c>: an HTTP download over the user-space stack.</summary>
internal static class FetchCommand
{
    public static Command Make()
    {
        Argument<Uri> address = new("URL")
        {
            Description = "http address, such as http://192.0.2.1:8000/file, http://[2001:db8::1]/file or, with a name server, http://www.example.org/file",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && string.Equals(uri.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal))
                {
                    return uri;
                }

                result.AddError($"'{text}' is not an http address: write it as in http://192.0.2.1:8000/file.");
                return null;
            },
        };
        Option<FileInfo?> output = new("--output", "-o")
        {
            Description = "file to write [default: the last part of the URL]",
            HelpName = "FILE",
        };
        NicSymbols nic = new();
        Command command = new("fetch", "Fetch a file by HTTP from the Linux end of the TAP, or from beyond it with --gateway.") { address, output };
        nic.AddTo(command);
        command.SetAction((result, cancellation) =>
            RunAsync(result.GetRequiredValue(address), result.GetValue(output), nic.Read(result), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Uri address, FileInfo? output, NicOptions options, CancellationToken cancellation)
    {
        string path = output?.FullName ?? Path.GetFileName(address.AbsolutePath);
        if (path.Length == 0)
        {
            throw new UserException($"{address} names no file: say with --output where to write.");
        }

        OpenNic nic = options.Open();
        await using NetworkHost host = await NetworkHost.StartAsync(nic, options, cancellation);
        Report.Nic(nic);
        using HttpClient client = host.MakeHttpClient();
        string partial = $"{path}.partial";
        long start = Stopwatch.GetTimestamp();
        try
        {
            DownloadResult result;
            await using (FileStream file = File.Create(partial))
            {
                result = await Progress.RunAsync(
                    Path.GetFileName(path), progress => Download.ToAsync(client, address, file, progress, cancellation));
            }

            File.Move(partial, path, overwrite: true);
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{result.Bytes} bytes in {taken.TotalSeconds:F2} s ({result.Bytes / 1e6 / taken.TotalSeconds:F1} MB/s) written to {path}"));
            Console.WriteLine($"sha256 {result.Sha256}");
            return 0;
        }
        finally
        {
            File.Delete(partial);
        }
    }
}

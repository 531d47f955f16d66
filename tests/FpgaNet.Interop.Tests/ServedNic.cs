using System.Globalization;
using System.Security.Cryptography;
using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests;

/// <summary>
/// <c>fpganet serve</c> at 192.0.2.2 with a Linux network namespace at the other end of its TAP, 192.0.2.1, and files to fetch.
/// </summary>
internal sealed class ServedNic : IDisposable
{
    public const string Address = "192.0.2.2";
    /// <summary>The sizes of the files, which are named by them.</summary>
    public static readonly int[] FileSizes = [0, 1, 1460, 1 << 20, 16 << 20];

    private readonly TestProgram _server;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fpganet-");

    public ServedNic(string nic, string offload, params string[] more)
    {
        Skip.UnlessInstalled("curl");
        Network = LinuxEnd.Make();
        DirectoryInfo served = _folder.CreateSubdirectory("served");
        Uploads = _folder.CreateSubdirectory("uploads");
        Scratch = _folder.CreateSubdirectory("scratch");
        foreach (int size in FileSizes)
        {
            byte[] bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(served.FullName, Name(size)), bytes);
        }

        Capture = Path.Combine(_folder.FullName, "capture.pcapng");
        _server = Network.Start(
            LinuxEnd.FpgaNet,
            ["serve", served.FullName, .. LinuxEnd.NicArguments(nic), "--offload", offload, "--capture", Capture, "--upload", Uploads.FullName, .. more]);
        try
        {
            _server.WaitForOutput("Serving", TimeSpan.FromMinutes(1));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkNamespace Network { get; }

    public DirectoryInfo Uploads { get; }

    public DirectoryInfo Scratch { get; }

    public string Capture { get; }

    public string Output => _server.Output + _server.Error;

    public static string Name(int size) => string.Create(CultureInfo.InvariantCulture, $"{size}.bin");

    public static string Url(int size) => $"http://{Address}/{Name(size)}";

    public static byte[] Content(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Runs curl in the namespace.</summary>
    public ProgramResult Curl(params string[] arguments) => Network.Run("curl", ["--silent", "--show-error", "--fail", "--max-time", "240", .. arguments]);

    /// <summary>Fetches a file and says what came.</summary>
    public byte[] Fetch(int size, params string[] arguments)
    {
        string path = Path.Combine(Scratch.FullName, Guid.NewGuid().ToString("N"));
        ProgramResult result = Curl([.. arguments, "--output", path, Url(size)]);
        Assert.AreEqual(0, result.ExitCode, $"{result.Error}\n{Output}");
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        File.Delete(path);
        return bytes;
    }

    /// <summary>Ctrl-C, and what the server says as it ends.</summary>
    public ProgramResult Stop()
    {
        _server.Signal("INT");
        return _server.WaitForExit(TimeSpan.FromMinutes(1));
    }

    public void Dispose()
    {
        _server.Dispose();
        Network.Dispose();
        _folder.Delete(recursive: true);
    }
}

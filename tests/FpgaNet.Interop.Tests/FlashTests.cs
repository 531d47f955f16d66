using System.Diagnostics;
using System.Runtime.Versioning;

namespace FpgaNet.Interop.Tests;

/// <summary><c>fpganet flash</c>, with a script on PATH that says how it was called in openFPGALoader's place.</summary>
[TestClass]
[SupportedOSPlatform("linux")]
public sealed class FlashTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fpganet-");

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("ice40hx8k-b-evn", "ice40_generic")]
    [DataRow("colorlight-i5", "colorlight-i5")]
    [DataRow("nexys-video", "nexysVideo")]
    [DataRow("kc705", "kc705")]
    public async Task Each_board_is_called_as_openFPGALoader_calls_it(string board, string loaderName)
    {
        string bitstream = Path.Combine(_folder.FullName, "a card.bit");
        await File.WriteAllTextAsync(bitstream, "bits");
        MakeLoader("""echo "$#: $1 $2 $3"; exit 0""");

        (int exitCode, string output, string error) = await FlashAsync(board, "--bitstream", bitstream);

        Assert.AreEqual(0, exitCode, error);
        Assert.AreEqual($"3: --board {loaderName} {bitstream}\n", output);
    }

    [TestMethod]
    public async Task A_loader_that_fails_fails_the_command()
    {
        string bitstream = Path.Combine(_folder.FullName, "card.bin");
        await File.WriteAllTextAsync(bitstream, "bits");
        MakeLoader("echo no board >&2; exit 3");

        (int exitCode, _, string error) = await FlashAsync("kc705", "--bitstream", bitstream);

        Assert.AreEqual(1, exitCode);
        Assert.Contains("no board", error);
        Assert.Contains("openFPGALoader failed (3)", error);
    }

    [TestMethod]
    public async Task Without_openFPGALoader_the_command_says_how_to_get_it()
    {
        string bitstream = Path.Combine(_folder.FullName, "card.bin");
        await File.WriteAllTextAsync(bitstream, "bits");

        (int exitCode, _, string error) = await FlashAsync("kc705", "--bitstream", bitstream);

        Assert.AreEqual(1, exitCode);
        Assert.Contains("Debian: openfpgaloader", error);
    }

    [TestMethod]
    public async Task A_bitstream_that_was_not_built_is_named_with_the_way_to_build_it()
    {
        // A repository of its own, in which nothing was built.
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "FpgaNet.sln"), "");

        (int exitCode, _, string error) = await FlashAsync("ice40hx8k-b-evn");

        Assert.AreEqual(1, exitCode);
        Assert.Contains(Path.Combine("build", "boards", "ice40hx8k-b-evn", "fn_ice40hx8k_b_evn.bin"), error);
        Assert.Contains("make synth", error);
    }

    [TestMethod]
    public async Task A_board_that_is_not_known_is_refused_with_the_ones_that_are()
    {
        (int exitCode, _, string error) = await FlashAsync("icestick");

        Assert.AreEqual(1, exitCode);
        Assert.Contains("ice40hx8k-b-evn", error);
    }

    private void MakeLoader(string script)
    {
        string path = Path.Combine(_folder.FullName, "openFPGALoader");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>The command, with nothing on PATH but this test's folder, in this test's folder.</summary>
    private async Task<(int ExitCode, string Output, string Error)> FlashAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(LinuxEnd.FpgaNet, ["flash", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        start.Environment["PATH"] = _folder.FullName;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}

using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using FpgaNet.Cli.Terminal;

namespace FpgaNet.Cli.Commands;

/// <summary><c>fpganet flash</c>: a board's bitstream into the board, by openFPGALoader.</summary>
internal static class FlashCommand
{
    private const string Loader = "openFPGALoader";

    /// <summary>The boards of hdl/boards: what openFPGALoader calls them, where their bitstream is built and by what.</summary>
    private static readonly Board[] s_boards =
    [
        new("ice40hx8k-b-evn", "ice40_generic", "fn_ice40hx8k_b_evn.bin", "make synth"),
        new("colorlight-i5", "colorlight-i5", "fn_colorlight_i5.bit", "make -C hdl/boards/colorlight-i5, with nextpnr-ecp5 and ecppack installed"),
        new("nexys-video", "nexysVideo", "fn_nexys_video.bit", "vivado -mode batch -source hdl/boards/nexys-video/build.tcl"),
        new("kc705", "kc705", "fn_kc705.bit", "vivado -mode batch -source hdl/boards/kc705/build.tcl"),
    ];

    public static Command Make()
    {
        Argument<string> name = new("BOARD") { Description = $"one of {string.Join(", ", s_boards.Select(static b => b.Name))}" };
        name.AcceptOnlyFromAmong([.. s_boards.Select(static b => b.Name)]);
        Option<FileInfo?> bitstream = new("--bitstream")
        {
            Description = "file to load [default: the one under build/boards/BOARD]",
            HelpName = "FILE",
        };
        Command command = new("flash", $"Load a board's bitstream by {Loader}. What each board has of the card is said in hdl/boards/BOARD/README.md.") { name, bitstream };
        command.SetAction((result, cancellation) =>
            RunAsync(s_boards.Single(b => string.Equals(b.Name, result.GetRequiredValue(name), StringComparison.Ordinal)), result.GetValue(bitstream), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Board board, FileInfo? bitstream, CancellationToken cancellation)
    {
        string path = bitstream?.FullName ?? Path.Combine(Root(), "build", "boards", board.Name, board.Bitstream);
        if (!File.Exists(path))
        {
            throw new UserException(bitstream is null
                ? $"The bitstream for {board.Name} has not been built ({path}): {board.Build}."
                : $"There is no file {path}.");
        }

        using Process process = Start(board, path);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? 0 : throw new UserException($"{Loader} failed ({process.ExitCode}).");
    }

    private static Process Start(Board board, string path)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Loader, ["--board", board.LoaderName, path]) { UseShellExecute = false })!;
        }
        catch (Win32Exception e)
        {
            throw new UserException($"{Loader} cannot be run ({e.Message}): install it (Debian: openfpgaloader).");
        }
    }

    /// <summary>The repository, from the working directory or the command upward.</summary>
    private static string Root()
    {
        foreach (string start in (string[])[Directory.GetCurrentDirectory(), AppContext.BaseDirectory])
        {
            for (string? at = start; at is not null; at = Path.GetDirectoryName(at))
            {
                if (File.Exists(Path.Combine(at, "FpgaNet.sln")))
                {
                    return at;
                }
            }
        }

        throw new UserException("Say with --bitstream what to load: the repository is not around here.");
    }

    private sealed record Board(string Name, string LoaderName, string Bitstream, string Build);
}

using System.Diagnostics;

namespace FpgaNet.Synthesis;

/// <summary>Runs Yosys or nextpnr at low priority and says what it said when it fails.</summary>
internal static class Tool
{
    /// <summary>Whether a program of this name lies on PATH.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <exception cref="ToolException">The program is missing or failed.</exception>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new("nice", [program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new ToolException($"{program} does not start.");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            string last = string.Join('\n', errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(5));
            throw new ToolException($"{program} failed ({process.ExitCode}):\n{last}");
        }
    }
}

/// <summary>A tool is missing or failed.</summary>
internal sealed class ToolException(string message) : Exception(message);

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace FpgaNet.Testing;

/// <summary>What a program left.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>A program that a test started, its output kept. Disposing it kills it, with its children, when it still runs.</summary>
public sealed class TestProgram : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private TestProgram(string program, string[] arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Error => Read(_error);

    public static TestProgram Start(string program, params string[] arguments) => new(program, arguments);

    public static ProgramResult Run(string program, params string[] arguments)
    {
        using TestProgram started = new(program, arguments);
        return started.WaitForExit(TimeSpan.FromMinutes(5));
    }

    /// <summary>Waits until a line of the output contains a text.</summary>
    /// <exception cref="InvalidOperationException">The program ended, or the time passed, without it; with all that it said.</exception>
    public void WaitForOutput(string text, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            bool ended = _process.HasExited;
            if (ended)
            {
                _process.WaitForExit(); // the last lines
                if (Output.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }
            }

            if (ended || Stopwatch.GetElapsedTime(start) > limit)
            {
                throw new InvalidOperationException($"'{text}' did not appear; {Description}");
            }

            Thread.Sleep(20);
        }
    }

    /// <summary>Sends a signal, such as <c>INT</c>.</summary>
    public void Signal(string name) => Run("kill", $"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture));

    /// <exception cref="InvalidOperationException">It still runs after <paramref name="limit"/>.</exception>
    public ProgramResult WaitForExit(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit))
        {
            throw new InvalidOperationException($"still running after {limit}; {Description}");
        }

        _process.WaitForExit(); // with its output read to the end
        return new ProgramResult(_process.ExitCode, Output, Error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private string Description =>
        $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}\nstdout: {Output}\nstderr: {Error}";

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}

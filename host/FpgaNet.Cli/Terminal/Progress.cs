using Spectre.Console;

namespace FpgaNet.Cli.Terminal;

/// <summary>Long work on screen: a bar at a terminal, nothing into a pipe (the lines before and after say it all).</summary>
internal static class Progress
{
    /// <summary>Runs a piece of work that reports how many bytes are done.</summary>
    public static async Task<T> RunAsync<T>(string title, Func<IProgress<TransferProgress>, Task<T>> work)
    {
        if (Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return await work(new Silent());
        }

        T result = default!;
        await AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: 1);
                task.IsIndeterminate = true;
                result = await work(new Bar(task));
            });
        return result;
    }

    private sealed class Silent : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            if (value.Total is { } total and > 0)
            {
                task.IsIndeterminate = false;
                task.MaxValue = total;
            }

            task.Value = value.Done;
        }
    }
}

/// <summary>How far a transfer is.</summary>
/// <param name="Done">Bytes moved.</param>
/// <param name="Total">Bytes in all, when that is known.</param>
internal readonly record struct TransferProgress(long Done, long? Total);

using System.Net.Sockets;
using FpgaNet.Driver;

namespace FpgaNet.Cli.Terminal;

/// <summary>How the command ends when it cannot do what it was asked.</summary>
internal static class Failure
{
    /// <summary>Exit status after Ctrl-C, as shells have it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>What users, networks and machines do; anything else is a bug and keeps its stack trace.</summary>
    public static bool IsExpected(Exception e) =>
        e is IOException or UnauthorizedAccessException or SocketException or HttpRequestException or PlatformNotSupportedException or FpgaNicException or UserException;

    public static int Report(Exception e)
    {
        Console.Error.WriteLine($"fpganet: {e.Message}");
        for (Exception? inner = e.InnerException; inner is not null && !e.Message.Contains(inner.Message, StringComparison.Ordinal); inner = inner.InnerException)
        {
            Console.Error.WriteLine($"  because: {inner.Message}");
        }

        return 1;
    }
}

/// <summary>Something that the user can put right.</summary>
internal sealed class UserException(string message) : Exception(message);

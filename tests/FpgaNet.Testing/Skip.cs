using System.Diagnostics.CodeAnalysis;

namespace FpgaNet.Testing;

/// <summary>Ends a test that cannot run on this machine: it counts as skipped and says why in one line.</summary>
public static class Skip
{
    [DoesNotReturn]
    public static void Because(string reason)
    {
        // Past the test framework's capture, so that the line stands in the log of a run that passes.
        using (StreamWriter output = new(Console.OpenStandardOutput()))
        {
            output.WriteLine($"SKIPPED: {reason}");
        }

        throw new AssertInconclusiveException(reason);
    }

    public static void Unless([DoesNotReturnIf(false)] bool condition, string reason)
    {
        if (!condition)
        {
            Because(reason);
        }
    }

    /// <summary>Skips when a program is not on PATH.</summary>
    public static void UnlessInstalled(params ReadOnlySpan<string> programs)
    {
        foreach (string program in programs)
        {
            Unless(IsInstalled(program), $"{program} is not installed");
        }
    }

    /// <summary>Skips when no network namespaces and TAP devices can be made.</summary>
    public static void UnlessNetworkNamespaces()
    {
        Unless(OperatingSystem.IsLinux(), "network namespaces need Linux");
        Unless(Environment.IsPrivilegedProcess, "network namespaces need root");
        Unless(File.Exists("/dev/net/tun"), "/dev/net/tun does not exist (modprobe tun)");
        UnlessInstalled("ip");
        Unless(NetworkNamespace.CanMake(out string? reason), $"network namespaces cannot be made: {reason}");
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length != 0 && File.Exists(Path.Combine(folder, program)));
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FpgaNet.Testing;

/// <summary>
/// A Linux network namespace of the test's own, deleted with this object: nothing that a test does there is seen by the machine's network.
/// Needs root and the <c>ip</c> command; ask <see cref="Skip.UnlessNetworkNamespaces"/> first.
/// </summary>
public sealed partial class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x4000_0000;

    private static int s_last;

    public NetworkNamespace()
    {
        Name = $"fpganet-{Environment.ProcessId}-{Interlocked.Increment(ref s_last)}";
        RunOnHost("netns", "add", Name);
        Ip("link", "set", "lo", "up");
    }

    public string Name { get; }

    /// <summary>Whether this machine lets us make one (some containers do not, even for root).</summary>
    public static bool CanMake([NotNullWhen(false)] out string? reason)
    {
        try
        {
            new NetworkNamespace().Dispose();
            reason = null;
            return true;
        }
        catch (InvalidOperationException e)
        {
            reason = e.Message;
            return false;
        }
    }

    /// <summary>Runs <c>ip</c> inside the namespace, and throws with its words when it fails.</summary>
    public void Ip(params string[] arguments) => RunOnHost(["-n", Name, .. arguments]);

    /// <summary>Runs a program inside the namespace to its end.</summary>
    public ProgramResult Run(string program, params string[] arguments) => TestProgram.Run("ip", ["netns", "exec", Name, program, .. arguments]);

    /// <summary>Starts a program inside the namespace; the caller ends it.</summary>
    public TestProgram Start(string program, params string[] arguments) => TestProgram.Start("ip", ["netns", "exec", Name, program, .. arguments]);

    /// <summary>Runs code on a thread that stands in the namespace: sockets and TAP devices which it opens belong there for ever.</summary>
    public T Inside<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                using SafeFileHandle handle = File.OpenHandle($"/run/netns/{Name}");
                if (SetNs((int)handle.DangerousGetHandle(), CloneNewNet) != 0)
                {
                    throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
                }

                result = function();
            }
#pragma warning disable CA1031 // handed to the caller's thread below
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start(); // a thread of its own: the namespace dies with it and never reaches the thread pool
        thread.Join();
        failure?.Throw();
        return result;
    }

    public void Dispose() => TestProgram.Run("ip", ["netns", "del", Name]);

    private static void RunOnHost(params string[] arguments)
    {
        ProgramResult result = TestProgram.Run("ip", arguments);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {result.Error.Trim()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(int handle, int type);
}

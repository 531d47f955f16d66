using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>
/// References to be given back by the calling thread once it holds no lock. A socket that is closed by this may hold further ones in its queue: they come to the same list, so
/// that a long chain of sockets in each other's queues takes no deep stack.
/// </summary>
internal static class DeferredRelease
{
    [ThreadStatic]
    private static Queue<IOpenDescription>? s_waiting;

    [ThreadStatic]
    private static bool s_isRunning;

    /// <summary>Notes references.</summary>
    public static void Add(ReadOnlySpan<IOpenDescription> rights)
    {
        s_waiting ??= new Queue<IOpenDescription>();
        foreach (IOpenDescription right in rights)
        {
            s_waiting.Enqueue(right);
        }
    }

    /// <summary>Gives them back.</summary>
    public static void Run()
    {
        if (s_waiting is not { Count: > 0 } || s_isRunning)
        {
            return;
        }

        s_isRunning = true;
        try
        {
            while (s_waiting.TryDequeue(out IOpenDescription? right))
            {
                right.Release();
            }
        }
        finally
        {
            s_isRunning = false;
        }
    }
}

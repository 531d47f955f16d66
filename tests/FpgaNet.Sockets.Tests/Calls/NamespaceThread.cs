using System.Collections.Concurrent;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>A thread that stands in a network namespace and makes sockets there, one caller after the other.</summary>
internal sealed class NamespaceThread : IDisposable
{
    private readonly BlockingCollection<(Func<int> Call, TaskCompletionSource<int> Result)> _calls = [];
    private readonly Thread _thread;

    public NamespaceThread(NetworkNamespace network)
    {
        _thread = new Thread(() => network.Inside(Serve)) { IsBackground = true };
        _thread.Start();
    }

    public int Run(Func<int> call)
    {
        TaskCompletionSource<int> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add((call, result));
        return result.Task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _calls.CompleteAdding();
        _thread.Join();
        _calls.Dispose();
    }

    private int Serve()
    {
        foreach ((Func<int> call, TaskCompletionSource<int> result) in _calls.GetConsumingEnumerable())
        {
            result.SetResult(call());
        }

        return 0;
    }
}

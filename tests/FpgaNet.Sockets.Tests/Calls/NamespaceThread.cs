using System.Collections.Concurrent;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>A thread that stands in a network namespace and makes sockets there, one caller after the other.</summary>
internal sealed class NamespaceThread : IDisposable
{
    private readonly BlockingCollection<(Func<int> Call, TaskCompletionSource<int> Result)> _calls = [];
    private readonly Thread _thread;
    private volatile Thread? _serving;

    public NamespaceThread(NetworkNamespace network)
    {
        _thread = new Thread(() => network.Inside(Serve)) { IsBackground = true };
        _thread.Start();
    }

    public int Run(Func<int> call)
    {
        if (Thread.CurrentThread == _serving)
        {
            return call(); // by a call that runs here already
        }

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
        _serving = Thread.CurrentThread;
        foreach ((Func<int> call, TaskCompletionSource<int> result) in _calls.GetConsumingEnumerable())
        {
            try
            {
                result.SetResult(call());
            }
#pragma warning disable CA1031 // handed to the caller's thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                result.SetException(e);
            }
        }

        return 0;
    }
}

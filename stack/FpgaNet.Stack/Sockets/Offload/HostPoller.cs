using System.Collections.Concurrent;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>The one thread that learns what happens to all host sockets of the process, by an edge-triggered epoll set (epoll(7)), and tells their owners.</summary>
internal sealed class HostPoller
{
    private const int Batch = 64;

    private static readonly Lazy<HostPoller> s_instance = new(static () => new HostPoller());

    private readonly ConcurrentDictionary<long, WeakReference<HostSocket>> _sockets = new();
    private readonly int _epoll;
    private long _lastKey;

    private HostPoller()
    {
        _epoll = HostCalls.EpollCreate();
        if (_epoll < 0)
        {
            throw new InvalidOperationException($"epoll_create1: {(Errno)(-_epoll)}");
        }

        new Thread(Run) { IsBackground = true, Name = "host sockets" }.Start();
    }

    /// <summary>The process's.</summary>
    public static HostPoller Instance => s_instance.Value;

    /// <summary>Begins to tell a socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="handle">The host's descriptor.</param>
    /// <param name="key">Receives what <see cref="Remove"/> takes.</param>
    public Errno Add(HostSocket socket, int handle, out long key)
    {
        key = Interlocked.Increment(ref _lastKey); // not the descriptor: the host gives that out again
        _sockets[key] = new WeakReference<HostSocket>(socket); // who forgets to close it does not keep it alive
        int result = HostCalls.EpollAddEdges(_epoll, handle, key);
        if (result < 0)
        {
            Remove(key);
        }

        return (Errno)Math.Max(0, -result);
    }

    /// <summary>Ends that.</summary>
    /// <param name="key">From <see cref="Add"/>.</param>
    public void Remove(long key) => _sockets.TryRemove(key, out _);

    private void Run()
    {
        (long Key, PollEvents Events)[] events = new (long, PollEvents)[Batch];
        while (true)
        {
            int count = HostCalls.EpollWait(_epoll, events); // below zero: EINTR
            for (int i = 0; i < count; i++)
            {
                if (_sockets.TryGetValue(events[i].Key, out WeakReference<HostSocket>? found) && found.TryGetTarget(out HostSocket? socket))
                {
                    socket.HasChanged(events[i].Events);
                }
            }
        }
    }
}

using System.Diagnostics;
using System.Globalization;

namespace FpgaNet.Simulation.Sockets;

/// <summary>
/// Many threads that connect, send, receive, shut down, close and poll the same few descriptors of two hosts at random, by seed. Each may find its descriptor closed or given to something else at any
/// moment. Every call must return with an error of its manual, every thread must come back, and at the end no descriptor, socket or buffer may be left.
/// </summary>
public sealed class SocketHammer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly HammerHost[] _hosts;
    private readonly IDisposable[] _parts;
    private readonly HammerThread[] _threads;
    private readonly Random _random;
    private Exception? _failure;

    private SocketHammer(int seed, int threads)
    {
        _random = new Random(seed);
        (_hosts, _parts) = HammerHost.MakePair();
        _threads = [.. Enumerable.Range(1, threads).Select(i => new HammerThread(_hosts, new Random(unchecked((seed * 1009) + i)), Fail))];
    }

    /// <summary>Hammers for a time.</summary>
    /// <param name="seed">What each thread draws from.</param>
    /// <param name="threads">How many.</param>
    /// <param name="duration">For how long.</param>
    /// <returns>Calls made.</returns>
    /// <exception cref="SimulationException">A call returned what no manual has, a thread did not come back, or something was left.</exception>
    public static long Run(int seed, int threads, TimeSpan duration)
    {
        HammerHost[] hosts;
        long calls;
        using (SocketHammer hammer = new(seed, threads))
        {
            hosts = hammer._hosts;
            calls = hammer.Run(duration);
        }

        foreach (HammerHost host in hosts)
        {
            if (host.Stack.BuffersInUse != 0)
            {
                throw new SimulationException(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {host.Stack.BuffersInUse} buffers are lost"));
            }
        }

        return calls;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable part in _parts)
        {
            part.Dispose();
        }
    }

    private long Run(TimeSpan duration)
    {
        Array.ForEach(_threads, thread => thread.Start());
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration && Volatile.Read(ref _failure) is null)
        {
            // Somebody who never waits: even when all threads do, this wakes one.
            HammerHost host = _hosts[_random.Next(_hosts.Length)];
            host.Put(_random, -1);
            Thread.Sleep(1);
        }

        Array.ForEach(_threads, thread => thread.Stop());
        long stopped = Stopwatch.GetTimestamp();
        while (_threads.Any(thread => thread.IsAlive))
        {
            Array.ForEach(_hosts, host => host.CloseAll());
            if (Stopwatch.GetElapsedTime(stopped) > s_patience)
            {
                throw new SimulationException($"threads did not come back: {string.Join(", ", _threads.Where(thread => thread.IsAlive).Select(thread => thread.Doing))}{_failure}");
            }

            Thread.Sleep(1);
        }

        if (_failure is not null)
        {
            throw new SimulationException("a thread failed", _failure);
        }

        foreach (HammerHost host in _hosts)
        {
            host.CloseAll();
            if (host.Calls.Count != 0 || host.Calls.System.Count != 0)
            {
                throw new SimulationException($"{host.Calls.Count} descriptors and {host.Calls.System.Count} sockets are left");
            }
        }

        for (int kind = 0; kind < HammerThread.Kinds; kind++)
        {
            SimulationException.ThrowUnless(_threads.Any(thread => thread.Succeeded[kind] > 0), $"no call of kind {kind} has succeeded: the hammer hits nothing");
        }

        return _threads.Sum(thread => thread.Calls);
    }

    private void Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);
}

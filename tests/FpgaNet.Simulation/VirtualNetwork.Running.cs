using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FpgaNet.Simulation;

/// <summary>The passing of time: what happens next, and the report when something that must not happen does.</summary>
public sealed partial class VirtualNetwork
{
    private const int MostPollsAtOneTime = 1_000_000;

    private readonly PriorityQueue<Event, (TimeSpan, long)> _events = new();
    private readonly Queue<VirtualHost> _dirty = new();
    private long _order;

    /// <summary>Does something at a time of the run; at once when that is over.</summary>
    public void At(TimeSpan time, Action action) => _events.Enqueue(new Event(action, null, null), (time, _order++));

    /// <summary>Does something in a while.</summary>
    public void After(TimeSpan delay, Action action) => At(Time.Elapsed + delay, action);

    /// <summary>A pause of an application.</summary>
    public Task Sleep(TimeSpan duration)
    {
        TaskCompletionSource done = new(); // its continuations run inline, as everything here
        After(duration, done.SetResult);
        return done.Task;
    }

    /// <summary>Runs until <paramref name="done"/>, and fails when that takes more than <paramref name="limit"/> of virtual time.</summary>
    public void RunUntil(Func<bool> done, TimeSpan limit)
    {
        TimeSpan end = Time.Elapsed + limit;
        Begin();
        while (!done())
        {
            if (!Step(end))
            {
                Fail($"no end after {limit} of virtual time");
            }
        }
    }

    /// <summary>Runs for a time.</summary>
    public void Run(TimeSpan duration)
    {
        TimeSpan end = Time.Elapsed + duration;
        Begin();
        while (Step(end))
        {
        }

        Time.MoveTo(end);
    }

    /// <summary>Ends the run with its report.</summary>
    /// <exception cref="SimulationException">Always.</exception>
    [DoesNotReturn]
    public void Fail(string what, Exception? cause = null)
    {
        _failed = true;
        throw new SimulationException(Report(what), cause!);
    }

    /// <summary>All that is known of the run now.</summary>
    public string Report(string what)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"seed {Seed}: {what}").AppendLine();
        text.Append(CultureInfo.InvariantCulture, $"at {Time.Elapsed.TotalSeconds:f6} s, frame {Log.Count}, hash {Log.Hash:x16}").AppendLine();
        if (Scenario.Length != 0)
        {
            text.AppendLine(Scenario);
        }

        if (Details is not null)
        {
            text.AppendLine(Details());
        }

        foreach (VirtualHost host in _hosts)
        {
            text.Append("  ").AppendLine(host.Stack.Describe());
        }

        return text.AppendLine("the last frames:").Append(Log).ToString();
    }

    internal void Schedule(TimeSpan at, IWireEnd to, WireFrame frame) => _events.Enqueue(new Event(null, to, frame), (at, _order++));

    internal void MarkDirty(VirtualHost host)
    {
        if (!host.IsDirty)
        {
            host.IsDirty = true;
            _dirty.Enqueue(host);
        }
    }

    // Between runs a test calls stacks directly.
    private void Begin()
    {
        foreach (VirtualHost host in _hosts)
        {
            MarkDirty(host);
        }

        Settle();
    }

    private bool Step(TimeSpan end)
    {
        TimeSpan next = _events.TryPeek(out _, out (TimeSpan At, long) first) ? first.At : TimeSpan.MaxValue;
        foreach (VirtualHost host in _hosts)
        {
            next = host.Due < next ? host.Due : next;
        }

        if (next > end)
        {
            return false;
        }

        Time.MoveTo(next);
        while (_events.TryPeek(out Event happening, out (TimeSpan At, long) at) && at.At <= next)
        {
            _events.Dequeue();
            happening.Action?.Invoke();
            happening.To?.Deliver(happening.Frame!);
        }

        foreach (VirtualHost host in _hosts)
        {
            if (host.Due <= next)
            {
                MarkDirty(host);
            }
        }

        Settle();
        return true;
    }

    private void Settle()
    {
        for (int polls = 0; _dirty.TryDequeue(out VirtualHost? host); polls++)
        {
            host.IsDirty = false;
            TimeSpan wait = Poll(host);
            host.Due = wait == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : Time.Elapsed + wait;
            if (wait == TimeSpan.Zero)
            {
                MarkDirty(host);
            }
            else
            {
                host.Stack.ArmWake(host.Wake);
            }

            if (polls > MostPollsAtOneTime)
            {
                Fail("the stacks are busy, and time stands still");
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever it is, it belongs in the report")]
    private TimeSpan Poll(VirtualHost host)
    {
        try
        {
            return host.Stack.Poll();
        }
        catch (Exception e) when (e is not SimulationException)
        {
            Fail($"{host.Address}: {e}", e);
            return default;
        }
    }

    private readonly record struct Event(Action? Action, IWireEnd? To, WireFrame? Frame);
}

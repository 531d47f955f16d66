using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>Packets that are to leave at a time, where the device does not keep it itself: they wait here, and go when a timer says so.</summary>
internal sealed class LaunchQueue
{
    private const int Capacity = 1024;

    private readonly IpLayer _ip;
    private readonly StackTimer _timer;
    private readonly PriorityQueue<Waiting, (long Ticks, long Order)> _queue = new();
    private long _order;

    public LaunchQueue(IpLayer ip)
    {
        _ip = ip;
        _timer = new StackTimer(ip.Context.Timers, OnTimer);
    }

    /// <summary>Takes a packet whose headers are written, or drops and counts it when too many wait.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="protocol">What it carries.</param>
    /// <param name="frame">The frame; its references are taken over.</param>
    /// <param name="launch">When.</param>
    public void Add(Destination destination, IpProtocol protocol, ref TxFrame frame, Instant launch)
    {
        if (_queue.Count == Capacity)
        {
            _ip.Context.Counters.Add(StackCounter.TxQueueFull);
            frame.Frame.Release();
            return;
        }

        _ip.Destinations.Hold(destination);
        _queue.Enqueue(new Waiting(destination, protocol, frame), (launch.Ticks, _order++));
        SetTimer();
    }

    /// <summary>Drops what waits.</summary>
    public void Clear()
    {
        _timer.Remove();
        while (_queue.TryDequeue(out Waiting waiting, out _))
        {
            waiting.Frame.Frame.Release();
        }
    }

    private void OnTimer()
    {
        while (_queue.TryPeek(out _, out (long Ticks, long Order) key) && key.Ticks <= _ip.Context.Now.Ticks)
        {
            (Destination destination, IpProtocol protocol, TxFrame frame) = _queue.Dequeue();
            _ip.Emit(destination, protocol, ref frame);
            _ip.Destinations.Release(destination);
        }

        SetTimer();
    }

    private void SetTimer()
    {
        if (_queue.TryPeek(out _, out (long Ticks, long Order) key))
        {
            _timer.Set(new Instant(key.Ticks));
        }
    }

    private readonly record struct Waiting(Destination Destination, IpProtocol Protocol, TxFrame Frame);
}

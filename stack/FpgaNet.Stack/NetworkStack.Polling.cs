using System.Net.Sockets;
using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack;

/// <summary>What an event loop calls: frames in, timers, frames out, and when to come back.</summary>
public sealed partial class NetworkStack
{
    private const int BatchFrames = 64;
    private const int BatchesPerPoll = 8;

    private readonly RxFrame[] _batch = new RxFrame[BatchFrames];

    /// <summary>
    /// Does all that can be done now: takes frames from the device, runs timers, sends.
    /// </summary>
    /// <returns>
    /// When to call again at the latest: zero when there is more to do, <see cref="Timeout.InfiniteTimeSpan"/> when only a frame or an application can
    /// bring something new (see <see cref="ArmWake"/>).
    /// </returns>
    public TimeSpan Poll()
    {
        bool more = true;
        TimeSpan wait;
        StackScope scope = _context.Enter();
        try
        {
            if (_disposed)
            {
                return Timeout.InfiniteTimeSpan;
            }

            for (int i = 0; i < BatchesPerPoll; i++)
            {
                more = ReceiveBatches();
                if (!more)
                {
                    break;
                }

                Settle();
            }

            _context.Timers.Run(_context.Now);
            Settle();
            more |= _ip.HasLoopbackFrames;
            Instant next = _context.Timers.Next;
            _context.SleepsUntil = next;
            wait = next == Instant.Never ? Timeout.InfiniteTimeSpan : next - _context.Now;
            if (more || (next != Instant.Never && wait < TimeSpan.Zero))
            {
                wait = TimeSpan.Zero;
            }
        }
        finally
        {
            scope.Leave();
        }

        return wait;
    }

    /// <summary>Asks for one call of <paramref name="wake"/> when <see cref="Poll"/> has something to do before its time is up.</summary>
    /// <param name="wake">What to call, from any thread; it must be quick and must not call the stack.</param>
    public void ArmWake(Action wake)
    {
        StackScope scope = _context.Enter();
        try
        {
            _context.Wake = wake;
            foreach (NetworkInterface network in _context.Interfaces)
            {
                network.WaitsForRoom = network.Output.IsBlocked;
                foreach (INetworkDevice device in network.Devices)
                {
                    device.ArmWake(wake);
                }
            }
        }
        finally
        {
            scope.Leave();
        }
    }

    /// <returns>Whether some device may have more.</returns>
    private bool ReceiveBatches()
    {
        bool more = false;
        foreach (NetworkInterface network in _context.Interfaces)
        {
            int received = 0;
            foreach (INetworkDevice device in network.Devices)
            {
                int ofDevice = ReceiveBatch(network, device);
                received += ofDevice;
                more |= ofDevice >= BatchFrames;
            }

            network.Output.CollectStamps();
            if (received == 0 && network.Device.State == DeviceState.Failed)
            {
                GoDown(network);
            }
        }

        return more;
    }

    /// <returns>Frames as they came: a batch may have been merged.</returns>
    private int ReceiveBatch(NetworkInterface network, INetworkDevice device)
    {
        int count = device.Receive(_batch);
        int received = 0;
        for (int i = 0; i < count; i++)
        {
            ref RxFrame frame = ref _batch[i];
            received += Math.Max((int)frame.Offload.CoalescedSegments, 1);
            _ip.Receive(network, ref frame);
            frame.Frame.Release();
        }

        return received;
    }

    private void Settle()
    {
        _tcp.Service();
        Flush();
        if (_tcp.OutputDrained())
        {
            _tcp.Service();
            Flush();
        }

        _context.TellRoom();
    }

    private void Flush()
    {
        foreach (NetworkInterface network in _context.Interfaces)
        {
            network.Output.Flush();
        }
    }

    private void GoDown(NetworkInterface failed)
    {
        if (failed.IsDown)
        {
            return;
        }

        failed.IsDown = true;
        if (Array.TrueForAll(_context.Interfaces, network => network.IsDown || network.IsLoopback))
        {
            _context.IsDown = true;
            FailAll(SocketError.NetworkDown);
        }
        else
        {
            _tcp.FailAll(SocketError.NetworkDown, failed);
            _tcp.Service();
        }
    }
}

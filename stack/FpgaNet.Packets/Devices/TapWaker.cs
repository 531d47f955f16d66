namespace FpgaNet.Packets.Devices;

/// <summary>
/// The thread that waits for a TAP. It sleeps in epoll for ever; arming is one system call, which rearms the one-shot event and wakes the thread
/// when the event holds already.
/// </summary>
internal sealed class TapWaker : IDisposable
{
    private readonly TapHandle _tap;
    private readonly int _epoll;
    private readonly int _stop;
    private readonly Thread _thread;
    private WakeRequest _wake;
    private volatile bool _stopping;

    public TapWaker(TapHandle tap)
    {
        _tap = tap;
        _epoll = LinuxCalls.EpollCreate();
        _stop = LinuxCalls.EventHandle();
        int result = LinuxCalls.EpollControl(_epoll, LinuxCalls.EpollAdd, _stop, LinuxCalls.EpollIn);
        if (result >= 0)
        {
            result = LinuxCalls.EpollControl(_epoll, LinuxCalls.EpollAdd, tap.Descriptor, LinuxCalls.EpollOneShot);
        }

        if (result < 0)
        {
            throw new IOException($"epoll on {tap.Name}: {LinuxCalls.Describe(result)}.");
        }

        _thread = new Thread(Wait) { IsBackground = true, Name = $"{tap.Name} wake" };
        _thread.Start();
    }

    /// <summary>Asks for a wake when a frame can be read or, if so wanted, written.</summary>
    public void Arm(Action wake, bool wait, bool forRoom)
    {
        _wake.Arm(wake);
        if (!wait)
        {
            return;
        }

        _ = LinuxCalls.EpollControl(
            _epoll, LinuxCalls.EpollModify, _tap.Descriptor, LinuxCalls.EpollOneShot | LinuxCalls.EpollIn | (forRoom ? LinuxCalls.EpollOut : 0));
    }

    /// <summary>Wakes now.</summary>
    public void Fire() => _wake.Fire();

    public void Dispose()
    {
        _stopping = true;
        LinuxCalls.Signal(_stop);
        _thread.Join();
        _ = LinuxCalls.Close(_epoll);
        _ = LinuxCalls.Close(_stop);
    }

    private void Wait()
    {
        while (!_stopping)
        {
            int result = LinuxCalls.EpollWait(_epoll);
            if (!_stopping && (result > 0 || result != -LinuxError.Interrupted))
            {
                _wake.Fire();
            }
        }
    }
}

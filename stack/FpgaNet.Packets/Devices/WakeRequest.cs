namespace FpgaNet.Packets.Devices;

/// <summary>
/// The one outstanding request of <see cref="INetworkDevice.ArmWake"/>. It is made with a full memory barrier, so that a device which first
/// arms and then looks at its queues, while the other side first queues and then asks <see cref="IsArmedAfter"/>, cannot miss a wake.
/// </summary>
/// <remarks>
/// Who only polls never arms, and pays no barrier: the first request makes one on all processors instead. (Four barriers were 25 ns of a round trip of 64 bytes.)
/// </remarks>
internal struct WakeRequest
{
    private Action? _wake;
    private bool _wasEverArmed;

    /// <summary>Whether somebody waits, asked after something was queued or taken.</summary>
    public readonly bool IsArmedAfter()
    {
        if (!Volatile.Read(in _wasEverArmed))
        {
            return false;
        }

        Interlocked.MemoryBarrier();
        return Volatile.Read(in _wake) is not null;
    }

    /// <summary>Makes or replaces the request.</summary>
    public void Arm(Action wake)
    {
        ArgumentNullException.ThrowIfNull(wake);
        if (!_wasEverArmed)
        {
            Volatile.Write(ref _wasEverArmed, true);
            Interlocked.MemoryBarrierProcessWide();
        }

        Interlocked.Exchange(ref _wake, wake);
    }

    /// <summary>Answers the request, once, whoever comes first.</summary>
    public void Fire() => Interlocked.Exchange(ref _wake, null)?.Invoke();
}

namespace FpgaNet.Packets.Devices;

/// <summary>
/// The one outstanding request of <see cref="INetworkDevice.ArmWake"/>. It is made with a full memory barrier, so that a device which first
/// arms and then looks at its queues, while the other side first queues and then looks at <see cref="IsArmed"/> (with a barrier between), cannot miss a wake.
/// </summary>
internal struct WakeRequest
{
    private Action? _wake;

    /// <summary>Somebody waits.</summary>
    public readonly bool IsArmed => Volatile.Read(in _wake) is not null;

    /// <summary>Makes or replaces the request.</summary>
    public void Arm(Action wake)
    {
        ArgumentNullException.ThrowIfNull(wake);
        Interlocked.Exchange(ref _wake, wake);
    }

    /// <summary>Answers the request, once, whoever comes first.</summary>
    public void Fire() => Interlocked.Exchange(ref _wake, null)?.Invoke();
}

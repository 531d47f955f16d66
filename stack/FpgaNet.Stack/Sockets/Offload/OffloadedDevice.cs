using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>The interface of a device that has sockets instead of frames (Zephyr's offloaded <c>net_if</c>): it has a name and an index; frames sent to it are dropped.</summary>
/// <param name="name">Its name.</param>
internal sealed class OffloadedDevice(string name) : INetworkDevice
{
    private const int MaximumPacket = 1500;

    private ulong _dropped;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public MacAddress MacAddress { get; } = new(0x0200_0000_0001);

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities { get; } = new(OffloadFeatures.TxChecksum, MaximumPacket);

    /// <inheritdoc/>
    public OffloadFeatures EnabledFeatures
    {
        get => Capabilities.Features;
        set => throw new NotSupportedException("There is nothing to be switched off.");
    }

    /// <inheritdoc/>
    public DeviceState State => DeviceState.NoCarrier;

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        foreach (ref readonly TxFrame frame in frames)
        {
            frame.Frame.Release();
        }

        _dropped += (ulong)frames.Length;
        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames) => 0;

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        // Nothing ever comes.
    }

    /// <inheritdoc/>
    public void ReadCounters(IList<DeviceCounter> counters) => counters.Add(new DeviceCounter("tx_dropped", _dropped));

    /// <inheritdoc/>
    public void Dispose()
    {
        // It holds nothing.
    }
}

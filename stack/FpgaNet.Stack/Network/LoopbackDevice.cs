using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>The way to ourselves: what is sent is received, by reference, with its checksums vouched for and without being cut. A bounded queue and no wire.</summary>
internal sealed class LoopbackDevice : INetworkDevice
{
    private const int Capacity = 256;

    private readonly RxFrame[] _ring = new RxFrame[Capacity];
    private Action? _wake;
    private int _head;
    private int _count;

    /// <inheritdoc/>
    public string Name => "lo";

    /// <inheritdoc/>
    public MacAddress MacAddress { get; } = new(0x0200_0000_0000);

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities { get; } = new(OffloadFeatures.TxChecksum | OffloadFeatures.RxChecksum, IPv4Header.MaximumPacketLength);

    /// <inheritdoc/>
    public OffloadFeatures EnabledFeatures
    {
        get => Capabilities.Features;
        set => throw new NotSupportedException("There is nothing to be switched off.");
    }

    /// <inheritdoc/>
    public DeviceState State => DeviceState.Up;

    /// <summary>Frames wait to be received.</summary>
    public bool HasFrames => _count != 0;

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        int taken = 0;
        for (; taken < frames.Length && _count < Capacity; taken++)
        {
            _ring[(_head + _count++) % Capacity] = new RxFrame
            {
                Frame = frames[taken].Frame,
                Offload = new RxOffload
                {
                    NetworkChecksum = ChecksumVerdict.Good,

                    // A checksum that is still owed was never wrong; others stand in the packet.
                    TransportChecksum = frames[taken].Offload.Checksum ? ChecksumVerdict.Good : ChecksumVerdict.Unknown,
                },
            };
        }

        if (taken != 0 && Interlocked.Exchange(ref _wake, null) is { } wake)
        {
            wake();
        }

        return taken;
    }

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        int count = Math.Min(frames.Length, _count);
        for (int i = 0; i < count; i++)
        {
            frames[i] = _ring[_head];
            _ring[_head] = default;
            _head = (_head + 1) % Capacity;
        }

        _count -= count;
        return count;
    }

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        if (HasFrames)
        {
            wake();
        }
        else
        {
            _wake = wake;
        }
    }

    /// <inheritdoc/>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (; _count != 0; _count--)
        {
            _ring[_head].Frame.Release();
            _ring[_head] = default;
            _head = (_head + 1) % Capacity;
        }
    }
}

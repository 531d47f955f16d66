using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>One end of a <see cref="MemoryPair"/>.</summary>
internal sealed class MemoryDevice : INetworkDevice
{
    // Ethernet header and one 802.1Q tag: what a frame may have beyond the MTU.
    private const int LinkHeaderLength = 18;

    private readonly Lock _pairLock;
    private readonly FrameRing _incoming;
    private readonly int _maximumFrame;
    private MemoryDevice _peer;
    private OffloadFeatures _enabledFeatures;
    private WakeRequest _wake;

    // The last Transmit came short: ArmWake also waits for room.
    private volatile bool _blocked;
    private volatile bool _disposed;
    private bool _carrierLossReported;

    private ulong _txFrames;
    private ulong _txBytes;
    private ulong _txRefused;
    private ulong _txTooLong;
    private ulong _txNoCarrier;
    private ulong _rxFrames;
    private ulong _rxBytes;

    public MemoryDevice(string name, MacAddress address, MemoryPairOptions options, Lock pairLock)
    {
        _pairLock = pairLock;
        Name = name;
        MacAddress = address;
        _peer = this;
        _incoming = new FrameRing(options.Capacity);
        _maximumFrame = options.MaximumTransmissionUnit + LinkHeaderLength;
        Capabilities = new DeviceCapabilities(
            options.Features,
            options.MaximumTransmissionUnit,
            (options.Features & OffloadFeatures.TxSegmentation) != OffloadFeatures.None ? options.MaximumSegmentationSize : 0);
        _enabledFeatures = options.Features;
    }

    public string Name { get; }

    public MacAddress MacAddress { get; }

    public DeviceCapabilities Capabilities { get; }

    public OffloadFeatures EnabledFeatures
    {
        get => _enabledFeatures;
        set => _enabledFeatures = (value & ~Capabilities.Features) == OffloadFeatures.None
            ? value
            : throw new ArgumentException($"{Name} does not have {value & ~Capabilities.Features}.", nameof(value));
    }

    public DeviceState State => _disposed || _peer._disposed ? DeviceState.NoCarrier : DeviceState.Up;

    public void Join(MemoryDevice peer) => _peer = peer;

    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        if (State != DeviceState.Up)
        {
            foreach (TxFrame frame in frames)
            {
                Drop(frame, ref _txNoCarrier);
            }

            return frames.Length;
        }

        FrameRing outgoing = _peer._incoming;
        int room = outgoing.Room;
        int queued = 0;
        int taken = 0;
        for (; taken < frames.Length; taken++)
        {
            ref readonly TxFrame frame = ref frames[taken];
            if ((frame.Offload.RequiredFeatures() & ~_enabledFeatures) != OffloadFeatures.None)
            {
                Drop(frame, ref _txRefused);
                continue;
            }

            if (frame.Frame.Length > (frame.Offload.Segmentation == Segmentation.None ? _maximumFrame : Capabilities.MaximumSegmentationSize))
            {
                Drop(frame, ref _txTooLong);
                continue;
            }

            if (queued == room)
            {
                break;
            }

            _txFrames++;
            _txBytes += (ulong)frame.Frame.Length;
            ref RxFrame slot = ref outgoing.Slot(queued++);
            slot.Frame = frame.Frame;
            slot.Offload = Vouch(frame);
        }

        _blocked = taken < frames.Length;
        if (queued != 0)
        {
            outgoing.Publish(queued);
            if (_peer._wake.IsArmedAfter())
            {
                _peer._wake.Fire();
            }
        }

        return taken;
    }

    public int Receive(Span<RxFrame> frames)
    {
        int count = _incoming.Take(frames);
        if (count == 0)
        {
            return 0;
        }

        for (int i = 0; i < count; i++)
        {
            _rxBytes += (ulong)frames[i].Frame.Length;
        }

        _rxFrames += (ulong)count;
        if (_peer._wake.IsArmedAfter() && _peer._blocked)
        {
            _peer._wake.Fire();
        }

        return count;
    }

    public void ArmWake(Action wake)
    {
        _wake.Arm(wake);
        bool carrierLost = State != DeviceState.Up && !_carrierLossReported;
        _carrierLossReported |= carrierLost;
        if (carrierLost || _incoming.Count != 0 || (_blocked && _peer._incoming.Room != 0))
        {
            _wake.Fire();
        }
    }

    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        counters.Add(new DeviceCounter("tx_frames", _txFrames));
        counters.Add(new DeviceCounter("tx_bytes", _txBytes));
        counters.Add(new DeviceCounter("tx_refused", _txRefused));
        counters.Add(new DeviceCounter("tx_too_long", _txTooLong));
        counters.Add(new DeviceCounter("tx_no_carrier", _txNoCarrier));
        counters.Add(new DeviceCounter("rx_frames", _rxFrames));
        counters.Add(new DeviceCounter("rx_bytes", _rxBytes));
    }

    public void Dispose()
    {
        lock (_pairLock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            if (_peer._disposed)
            {
                // Only now has nobody a right to the rings any more.
                _incoming.Drain();
                _peer._incoming.Drain();
            }
        }

        _peer._wake.Fire(); // its State changed
    }

    // A frame that still owes its checksum never left memory: the sender vouches for it (as virtio 1.2 §5.1.6.4.2 with VIRTIO_NET_HDR_F_NEEDS_CSUM).
    // That holds for the IPv4 header above it too, which a card would have looked at. Of a complete frame the pair knows nothing: the sender may have written anything.
    private static RxOffload Vouch(in TxFrame frame)
    {
        RxOffload offload = default;
        if (frame.Offload.Checksum)
        {
            offload.NetworkChecksum = ChecksumVerdict.Good;
            offload.TransportChecksum = ChecksumVerdict.Good;
        }

        if (frame.Offload.Segmentation != Segmentation.None && frame.Offload.MaximumSegmentSize != 0)
        {
            int payload = Math.Max(frame.Frame.Length - frame.Offload.HeaderLength, 0);
            offload.CoalescedSegments = (ushort)((payload + frame.Offload.MaximumSegmentSize - 1) / frame.Offload.MaximumSegmentSize);
            offload.SegmentSize = frame.Offload.MaximumSegmentSize;
        }

        return offload;
    }

    private static void Drop(in TxFrame frame, ref ulong counter)
    {
        Frame released = frame.Frame;
        released.Release();
        counter++;
    }
}

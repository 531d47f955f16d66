using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>How a <see cref="TapDevice"/> is opened.</summary>
public sealed record TapOptions
{
    /// <summary>The interface: an existing one is attached to, another one is made and vanishes with the device. Empty: the kernel finds a name.</summary>
    public string Name { get; init; } = "";

    /// <summary>
    /// Offloads are negotiated with the kernel (IFF_VNET_HDR): it computes checksums, cuts large frames, and hands over its own uncut and unsummed.
    /// Without it every frame is complete, as on a cable.
    /// </summary>
    public bool Offloads { get; init; } = true;

    /// <summary>Address of this station (not that of the kernel's interface, which is the other end); null: one made from the name.</summary>
    public MacAddress? MacAddress { get; init; }

    /// <summary>Received frames of up to 2 KB that may be held at a time.</summary>
    public int SmallBuffers { get; init; } = 4096;

    /// <summary>Received frames beyond 2 KB that may be held at a time; used only with <see cref="Offloads"/> or a large MTU.</summary>
    public int LargeBuffers { get; init; } = 256;
}

/// <summary>
/// A TAP interface of Linux: the kernel's network stack is the peer at the other end of the cable. With <see cref="TapOptions.Offloads"/> the
/// kernel plays a NIC with checksum and segmentation offload, in both directions: <see cref="OffloadFeatures.RxChecksum"/> lets it hand over frames whose checksum it vouches
/// for (<see cref="ChecksumVerdict.Good"/>) but has not written, and the segmentation features let it hand over uncut ones as well.
/// A frame that it merely passes on stays <see cref="ChecksumVerdict.Unknown"/>.
/// </summary>
public sealed unsafe class TapDevice : INetworkDevice
{
    private const int SmallBufferSize = 2048;
    private const int LargeBufferSize = 62 * 1024 + 2048; // with a small one before it: the largest IP packet and its link header
    private const int LinkHeaderLength = 18; // Ethernet and one 802.1Q tag

    private readonly TapHandle _tap;
    private readonly bool _virtioHeader;
    private readonly uint _headerLength;
    private readonly BufferPool _smallPool;
    private readonly BufferPool? _largePool;
    private readonly byte[] _discard;
    private readonly TapWaker _waker;

    private PacketBuffer? _small;
    private PacketBuffer? _large;
    private OffloadFeatures _enabledFeatures;
    private volatile DeviceState _state = DeviceState.Up;
    private DeviceState _reportedState = DeviceState.Up;
    private bool _blocked;
    private bool _disposed;

    private ulong _txFrames;
    private ulong _txBytes;
    private ulong _txRefused;
    private ulong _txNoCarrier;
    private ulong _txErrors;
    private ulong _rxFrames;
    private ulong _rxBytes;
    private ulong _rxNoBuffer;

    /// <summary>Opens a TAP in the network namespace of the calling thread.</summary>
    /// <param name="options">Which, and how; null: the defaults.</param>
    /// <exception cref="IOException">It cannot be had; the message says what to do.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public TapDevice(TapOptions? options = null)
        : this(options ?? new TapOptions(), multiQueue: false)
    {
    }

    private TapDevice(TapOptions options, bool multiQueue)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("TAP devices need Linux.");
        }

        _virtioHeader = options.Offloads;
        _headerLength = _virtioHeader ? (uint)VirtioNetHeader.Length : 0;
        _tap = TapHandle.Open(options.Name, _virtioHeader, multiQueue);
        OffloadFeatures features = _virtioHeader ? ProbeFeatures() : OffloadFeatures.None;
        int largestFrame = features == OffloadFeatures.None ? _tap.MaximumTransmissionUnit + LinkHeaderLength : ushort.MaxValue + LinkHeaderLength;
        _smallPool = new BufferPool(options.SmallBuffers, SmallBufferSize);
        _largePool = largestFrame > SmallBufferSize ? new BufferPool(options.LargeBuffers, LargeBufferSize) : null;
        _discard = GC.AllocateUninitializedArray<byte>(SmallBufferSize, pinned: true);
        MacAddress = options.MacAddress ?? AddressFor(_tap.Name);
        Capabilities = new DeviceCapabilities(
            features, _tap.MaximumTransmissionUnit, (features & OffloadFeatures.TxSegmentation) != OffloadFeatures.None ? ushort.MaxValue : 0);
        EnabledFeatures = features;
        _waker = new TapWaker(_tap);
    }

    /// <inheritdoc/>
    public string Name => _tap.Name;

    /// <inheritdoc/>
    public MacAddress MacAddress { get; }

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public OffloadFeatures EnabledFeatures
    {
        get => _enabledFeatures;
        set
        {
            if ((value & ~Capabilities.Features) != OffloadFeatures.None)
            {
                throw new ArgumentException($"{Name} does not have {value & ~Capabilities.Features}.", nameof(value));
            }

            if (_virtioHeader && !_tap.TrySetOffload(KernelOffload(value)))
            {
                throw new ArgumentException($"The kernel does not take {value} on {Name}.", nameof(value));
            }

            _enabledFeatures = value;
        }
    }

    /// <inheritdoc/>
    public DeviceState State => _state;

    /// <summary>
    /// Opens a TAP with several queues, in the network namespace of the calling thread. The kernel sends a flow to the queue that it last heard it from (flows that it
    /// has not heard, or not for seconds, go anywhere: see <see cref="ShardQueue"/>).
    /// </summary>
    /// <param name="options">Which, and how.</param>
    /// <param name="queues">How many, 1 to 256.</param>
    /// <returns>The queues, each a device of its own with the same station address.</returns>
    /// <exception cref="IOException">It cannot be had; the message says what to do.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<TapDevice> OpenQueues(TapOptions options, int queues)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(queues, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queues, 256); // MAX_TAP_QUEUES
        List<TapDevice> opened = [];
        try
        {
            while (opened.Count < queues)
            {
                opened.Add(new TapDevice(opened.Count == 0 ? options : options with { Name = opened[0].Name }, multiQueue: true));
            }
        }
        catch
        {
            opened.ForEach(static tap => tap.Dispose());
            throw;
        }

        return opened;
    }

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        _blocked = false;
        for (int i = 0; i < frames.Length; i++)
        {
            ref readonly TxFrame frame = ref frames[i];
            bool covered = (frame.Offload.RequiredFeatures() & ~_enabledFeatures) == OffloadFeatures.None && frame.Frame.SliceCount <= Frame.MaxSlices;
            int result = covered ? Write(frame) : -LinuxError.InvalidArgument;
            if (result >= 0)
            {
                _state = DeviceState.Up;
                _txFrames++;
                _txBytes += (ulong)frame.Frame.Length;
            }
            else if (result == -LinuxError.Again)
            {
                _blocked = true;
                return i;
            }
            else
            {
                CountLoss(result);
            }

            Frame sent = frame.Frame;
            sent.Release(); // the kernel has copied it
        }

        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        int count = 0;
        while (count < frames.Length && Read(out frames[count]))
        {
            if (frames[count].Frame.SliceCount != 0)
            {
                count++;
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        // A deleted interface would wake for ever; nothing but its failure is left to report.
        _waker.Arm(wake, wait: _state != DeviceState.Failed, forRoom: _blocked);
        if (_state != _reportedState)
        {
            _reportedState = _state;
            _waker.Fire();
        }
    }

    /// <inheritdoc/>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        counters.Add(new DeviceCounter("tx_frames", _txFrames));
        counters.Add(new DeviceCounter("tx_bytes", _txBytes));
        counters.Add(new DeviceCounter("tx_refused", _txRefused));
        counters.Add(new DeviceCounter("tx_no_carrier", _txNoCarrier));
        counters.Add(new DeviceCounter("tx_errors", _txErrors));
        counters.Add(new DeviceCounter("rx_frames", _rxFrames));
        counters.Add(new DeviceCounter("rx_bytes", _rxBytes));
        counters.Add(new DeviceCounter("rx_no_buffer", _rxNoBuffer));
    }

    /// <summary>Detaches from the interface, which stays when it is persistent. Frames received from here should have been released: memory of those that were not is never freed.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _waker.Dispose();
        _ = LinuxCalls.Close(_tap.Descriptor);
        _small?.Release();
        _large?.Release();
        Free(_smallPool);
        Free(_largePool);
    }

    // Frames that somebody still holds keep their memory: better a leak than a read of freed memory.
    private static void Free(BufferPool? pool)
    {
        if (pool is not null && pool.Available == pool.BufferCount)
        {
            pool.Dispose();
        }
    }

    // A locally administered unicast address (IEEE 802 §8.2), the same for the same name, so that peers' ARP caches stay right over a restart.
    private static MacAddress AddressFor(string name)
    {
        uint hash = 2166136261; // FNV-1a
        foreach (char c in name)
        {
            hash = (hash ^ c) * 16777619;
        }

        return new MacAddress(0x02_46_00_00_00_00UL | hash);
    }

    private static uint KernelOffload(OffloadFeatures features)
    {
        if ((features & OffloadFeatures.RxChecksum) == OffloadFeatures.None)
        {
            return 0; // an uncut frame has no complete checksum, so without one there cannot be the other
        }

        uint offload = TapHandle.OffloadChecksum;
        offload |= (features & OffloadFeatures.TxSegmentationTcp4) != OffloadFeatures.None ? TapHandle.OffloadTcp4 | TapHandle.OffloadTcpEcn : 0;
        offload |= (features & OffloadFeatures.TxSegmentationTcp6) != OffloadFeatures.None ? TapHandle.OffloadTcp6 | TapHandle.OffloadTcpEcn : 0;
        offload |= (features & OffloadFeatures.TxSegmentationUdp) != OffloadFeatures.None ? TapHandle.OffloadUdp : 0;
        return offload;
    }

    private OffloadFeatures ProbeFeatures()
    {
        const OffloadFeatures Tcp = OffloadFeatures.TxChecksum | OffloadFeatures.RxChecksum | OffloadFeatures.TxSegmentationTcp4 | OffloadFeatures.TxSegmentationTcp6;
        return _tap.TrySetOffload(KernelOffload(Tcp | OffloadFeatures.TxSegmentationUdp)) ? Tcp | OffloadFeatures.TxSegmentationUdp : Tcp;
    }

    private int Write(in TxFrame frame)
    {
        LinuxCalls.IoVector* vectors = stackalloc LinuxCalls.IoVector[1 + Frame.MaxSlices];
        VirtioNetHeader header = VirtioNetHeader.For(frame.Offload, frame.Frame.SliceCount != 0 ? frame.Frame.Header.Span : default);
        int count = 0;
        if (_virtioHeader)
        {
            vectors[count++] = new LinuxCalls.IoVector { Base = (nint)(&header), Length = _headerLength };
        }

        for (int i = 0; i < frame.Frame.SliceCount; i++)
        {
            BufferSlice slice = frame.Frame[i];
            vectors[count++] = new LinuxCalls.IoVector { Base = slice.Address, Length = (nuint)slice.Length };
        }

        int result;
        do
        {
            result = LinuxCalls.WriteVector(_tap.Descriptor, vectors, count);
        }
        while (result == -LinuxError.Interrupted);
        return result;
    }

    private void CountLoss(int result)
    {
        switch (-result)
        {
            case LinuxError.InvalidArgument: // a debt that is not covered, or a frame that the kernel finds malformed
                _txRefused++;
                break;
            case LinuxError.InputOutput: // the interface is down
                _state = DeviceState.NoCarrier;
                _txNoCarrier++;
                break;
            case LinuxError.BadDescriptorState: // the interface was deleted
                _state = DeviceState.Failed;
                _txNoCarrier++;
                break;
            default: // ENOBUFS, ENOMEM: lost as on a busy wire
                _txErrors++;
                break;
        }
    }

    // Reads one frame into a small buffer and, what does not fit there, a large one: a short frame then never holds a large buffer, and
    // headers are contiguous. Without a free buffer the frame is read all the same and lost, as a card would lose it: leaving it in the
    // kernel would wake us for ever. Returns false when there is none; a lost one has no slices.
    private bool Read(out RxFrame frame)
    {
        frame = default;
        _small ??= _smallPool.TryRent();
        _large ??= _largePool?.TryRent();
        VirtioNetHeader header = default;
        LinuxCalls.IoVector* vectors = stackalloc LinuxCalls.IoVector[3];
        int count = 0;
        if (_virtioHeader)
        {
            vectors[count++] = new LinuxCalls.IoVector { Base = (nint)(&header), Length = _headerLength };
        }

        vectors[count++] = new LinuxCalls.IoVector
        {
            Base = _small?.Address ?? (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _discard[0]),
            Length = SmallBufferSize,
        };
        int room = SmallBufferSize;
        if (_large is not null)
        {
            vectors[count++] = new LinuxCalls.IoVector { Base = _large.Value.Address, Length = LargeBufferSize };
            room += LargeBufferSize;
        }

        int result;
        do
        {
            result = LinuxCalls.ReadVector(_tap.Descriptor, vectors, count);
        }
        while (result == -LinuxError.Interrupted);

        if (result < 0)
        {
            if (result is -LinuxError.BadAddress or -LinuxError.BadDescriptorState)
            {
                // Linux answers EFAULT while the interface is down, EBADFD when it was deleted (drivers/net/tun.c, tun_ring_recv).
                _state = result == -LinuxError.BadAddress ? DeviceState.NoCarrier : DeviceState.Failed;
            }

            return false;
        }

        int length = result - (int)_headerLength;

        // TAP cuts what does not fit without a word; a frame that fills all the room may be such a piece, unless no longer one can exist.
        if (_small is null || length <= 0 || (length == room && _large is null))
        {
            _rxNoBuffer++;
            return true;
        }

        int inSmall = Math.Min(length, SmallBufferSize);
        frame.Frame = new Frame(new BufferSlice(_small.Value, 0, inSmall));
        _small = null;
        if (length > inSmall)
        {
            frame.Frame.Add(new BufferSlice(_large!.Value, 0, length - inSmall));
            _large = null;
        }

        frame.Offload = header.Read(length);
        _rxFrames++;
        _rxBytes += (ulong)length;
        return true;
    }
}

using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>
/// Wraps any device and pays what the device does not: segmentation, checksums and tags on transmit, checksum verdicts, hashes, tags
/// and merging on receive (docs/offload.md). Whoever sits on top sees every feature and cannot tell who pays; what the device is told to do
/// (<see cref="INetworkDevice.EnabledFeatures"/> of the inner device) it does, the rest is done here.
/// </summary>
/// <remarks>
/// Order is kept. A large frame that the device takes only in part goes on with the next <see cref="Transmit"/>, <see cref="Receive"/> or
/// <see cref="ArmWake"/>. Frames that owe nothing, or nothing that the device does not do itself, go down as they came.
/// </remarks>
public sealed partial class SoftwareOffload : INetworkDevice, ITimedDevice
{
    private readonly INetworkDevice _inner;
    private readonly HeaderBuffers _buffers;
    private readonly Segmenter _segmenter;
    private readonly ReceiveInspector _inspector;
    private readonly ReceiveCoalescer _coalescer;

    private OffloadFeatures _enabled;

    /// <summary>Wraps a device, which from now on belongs to the wrapper and is disposed of with it. Hashes are those of the device, who ever computes them; of one without, those of the default key.</summary>
    /// <param name="inner">The device.</param>
    public SoftwareOffload(INetworkDevice inner)
        : this(inner, inner is { HashKey.IsEmpty: false } ? inner.HashKey.Span : ToeplitzHash.DefaultKey)
    {
    }

    /// <summary>Wraps a device and sets the key of the hash.</summary>
    /// <param name="inner">The device.</param>
    /// <param name="hashKey">Key of the receive hash, <see cref="ToeplitzHash.KeyLength"/> bytes.</param>
    /// <exception cref="ArgumentException">The key has another length.</exception>
    public SoftwareOffload(INetworkDevice inner, ReadOnlySpan<byte> hashKey)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        HashKey = hashKey.ToArray();
        ToeplitzHash hash = new(hashKey);
        DeviceCapabilities capabilities = inner.Capabilities;
        Capabilities = capabilities with
        {
            Features = OffloadFeatures.All | (capabilities.Features & OffloadFeatures.Timed),
            MaximumSegmentationSize = MaximumFrameLength,
        };

        // A hash spares a flow table its own where a device has it anyway. Computing it here costs more than it spares, unless somebody steers by it.
        _enabled = Capabilities.Features & ~(OffloadFeatures.RxHash & ~capabilities.Features);
        _buffers = new HeaderBuffers(capabilities.MaximumTransmissionUnit + HeaderBuffers.HeaderSize);
        _segmenter = new Segmenter(_buffers, Work);
        _inspector = new ReceiveInspector(hash, Work);
        _coalescer = new ReceiveCoalescer(_inspector, _buffers, Work);
    }

    /// <summary>Longest frame in bytes that is cut: as long as a 16-bit header length can say.</summary>
    public const int MaximumFrameLength = 65535;

    /// <summary>What the CPU has done in the device's place.</summary>
    public OffloadStatistics Work { get; } = new();

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public MacAddress MacAddress => _inner.MacAddress;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> HashKey { get; }

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities { get; }

    /// <summary>
    /// What is offered to whoever sits on top: at first everything, but <see cref="OffloadFeatures.RxHash"/> and <see cref="OffloadFeatures.Timed"/> only where the
    /// device has them. A feature that is switched off or on here is so in the inner device too, where that has it.
    /// </summary>
    /// <exception cref="ArgumentException">A bit that is no feature, or one of <see cref="OffloadFeatures.Timed"/> that the device does not have.</exception>
    public OffloadFeatures EnabledFeatures
    {
        get => _enabled;
        set
        {
            if ((value & ~Capabilities.Features) != OffloadFeatures.None)
            {
                throw new ArgumentException($"There is no such feature as {value & ~Capabilities.Features}, or {Name} has no clock for it.", nameof(value));
            }

            OffloadFeatures switchedOn = value & ~_enabled & _inner.Capabilities.Features;
            _inner.EnabledFeatures = (_inner.EnabledFeatures & (value | ~_enabled)) | switchedOn;
            _enabled = value;
        }
    }

    /// <inheritdoc/>
    public DeviceState State => _inner.State;

    /// <inheritdoc/>
    public DeviceLink Link => _inner.Link;

    /// <inheritdoc/>
    public IAddressFilter? AddressFilter => _inner.AddressFilter;

    /// <inheritdoc/>
    public IHardwareClock? Clock => (_inner as ITimedDevice)?.Clock;

    /// <summary>Header and gather buffers that are out: with nothing under way anywhere, 0.</summary>
    internal int BuffersOutstanding => _buffers.Outstanding;

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        if (HasPending)
        {
            Drain();
        }

        int count = _inner.Receive(frames);
        OffloadFeatures features = _enabled;
        if ((features & ~_inner.EnabledFeatures & OffloadFeatures.RxVlanStrip) != OffloadFeatures.None)
        {
            foreach (ref RxFrame frame in frames[..count])
            {
                Work.VlanTagsStripped += VlanStripper.TryStrip(ref frame.Frame, ref frame.Offload) ? 1UL : 0UL;
            }
        }

        if (count > 1 && (features & OffloadFeatures.RxCoalesce) != OffloadFeatures.None)
        {
            return _coalescer.Coalesce(frames[..count], features);
        }

        if ((features & (OffloadFeatures.RxChecksum | OffloadFeatures.RxHash)) != OffloadFeatures.None)
        {
            for (int i = 0; i < count; i++)
            {
                _inspector.Inspect(frames[i].Frame, ref frames[i].Offload, features);
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public bool TryTakeTransmitTimestamp(out TransmitTimestamp timestamp)
    {
        timestamp = default;
        return _inner is ITimedDevice timed && timed.TryTakeTransmitTimestamp(out timestamp);
    }

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        ArgumentNullException.ThrowIfNull(wake);
        if (HasPending)
        {
            Drain();
        }

        _inner.ArmWake(wake);
        if (_starved || (_cameShort && !_innerCameShort))
        {
            // The device gives no signal: it was not full when it was last asked. Either what was pending has gone down since the short Transmit, so that there
            // is room, or no buffer was free, and buffers come back without a signal: ask again soon.
            wake();
        }
    }

    /// <inheritdoc/>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        _inner.ReadCounters(counters);
        counters.Add(new DeviceCounter("sw_tx_checksums", Work.ChecksumsComputed));
        counters.Add(new DeviceCounter("sw_tx_segmented", Work.FramesSegmented));
        counters.Add(new DeviceCounter("sw_tx_segments", Work.SegmentsMade));
        counters.Add(new DeviceCounter("sw_tx_vlan", Work.VlanTagsInserted));
        counters.Add(new DeviceCounter("sw_tx_headers_copied", Work.HeadersCopied));
        counters.Add(new DeviceCounter("sw_tx_payloads_copied", Work.PayloadsCopied));
        counters.Add(new DeviceCounter("sw_tx_refused", Work.TransmitRefused));
        counters.Add(new DeviceCounter("sw_rx_checksums", Work.ChecksumsVerified));
        counters.Add(new DeviceCounter("sw_rx_checksum_bad", Work.ChecksumsBad));
        counters.Add(new DeviceCounter("sw_rx_ip_checksums", Work.NetworkChecksumsVerified));
        counters.Add(new DeviceCounter("sw_rx_ip_checksum_bad", Work.NetworkChecksumsBad));
        counters.Add(new DeviceCounter("sw_rx_hashes", Work.Hashes));
        counters.Add(new DeviceCounter("sw_rx_vlan_stripped", Work.VlanTagsStripped));
        counters.Add(new DeviceCounter("sw_rx_coalesced", Work.SegmentsCoalesced));
        counters.Add(new DeviceCounter("sw_bytes_summed", Work.BytesSummed));
    }

    /// <summary>Drops what is still pending and disposes of the inner device.</summary>
    public void Dispose()
    {
        ReleasePending();
        _inner.Dispose();
        _buffers.Dispose();
    }
}

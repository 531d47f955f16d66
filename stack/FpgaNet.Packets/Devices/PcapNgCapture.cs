using System.Text.Unicode;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>How a <see cref="PcapNgCapture"/> sees its device.</summary>
public sealed record PcapNgCaptureOptions
{
    /// <summary>The device is the peer's: frames that it sends are inbound and those that it receives outbound. For a TAP that stands at the far end of a wire.</summary>
    public bool ViewedFromPeer { get; init; }

    /// <summary>Gives the time stamps; null: the system's clock.</summary>
    public TimeProvider? TimeProvider { get; init; }
}

/// <summary>
/// Any device, with every frame that it takes and gives written to a pcapng file. Put it below <c>SoftwareOffload</c>, around the device itself, to see what
/// the device sees, or above, to see what the stack asks for.
/// </summary>
/// <remarks>
/// A frame whose checksum is still owed is written to the file with the checksum paid, and so is a received one that came with a verdict of
/// <see cref="ChecksumVerdict.Good"/> but, from a TAP or a memory pair, with a field that nobody filled in: an analyser then reports a wrong checksum where
/// there is one, and nowhere else. An uncut frame stands in the file as one large packet. Both are said in the packet's comment. The
/// frames themselves are never changed. When the file cannot be written any more, traffic goes on without it and <c>capture_errors</c> counts.
/// </remarks>
public sealed class PcapNgCapture : INetworkDevice, ITimedDevice
{
    private const int MaximumComment = 128;

    private readonly INetworkDevice _device;
    private readonly PcapNgWriter _writer;
    private readonly TimeProvider _time;
    private readonly CaptureDirection _transmitted;
    private readonly CaptureDirection _received;
    private int[] _marks = new int[64];
    private ulong _frames;
    private ulong _errors;

    /// <summary>Starts a capture.</summary>
    /// <param name="device">The device; disposed with the capture.</param>
    /// <param name="file">Receives the file; disposed with the capture.</param>
    /// <param name="options">How; null: the defaults.</param>
    public PcapNgCapture(INetworkDevice device, Stream file, PcapNgCaptureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        _device = device;
        _time = options?.TimeProvider ?? TimeProvider.System;
        bool fromPeer = options?.ViewedFromPeer ?? false;
        _transmitted = fromPeer ? CaptureDirection.Inbound : CaptureDirection.Outbound;
        _received = fromPeer ? CaptureDirection.Outbound : CaptureDirection.Inbound;
        _writer = new PcapNgWriter(file, device.Name, device.MacAddress);
    }

    /// <inheritdoc/>
    public string Name => _device.Name;

    /// <inheritdoc/>
    public MacAddress MacAddress => _device.MacAddress;

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities => _device.Capabilities;

    /// <inheritdoc/>
    public OffloadFeatures EnabledFeatures
    {
        get => _device.EnabledFeatures;
        set => _device.EnabledFeatures = value;
    }

    /// <inheritdoc/>
    public DeviceState State => _device.State;

    /// <inheritdoc/>
    public DeviceLink Link => _device.Link;

    /// <inheritdoc/>
    public IAddressFilter? AddressFilter => _device.AddressFilter;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> HashKey => _device.HashKey;

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        if (_errors != 0)
        {
            return _device.Transmit(frames);
        }

        // The frames are written before the device has them, since afterwards their bytes may be gone; those not taken are taken back.
        if (_marks.Length < frames.Length)
        {
            _marks = new int[frames.Length];
        }

        long now = Now();
        for (int i = 0; i < frames.Length; i++)
        {
            _marks[i] = _writer.Mark;
            WriteTransmitted(frames[i], now);
        }

        int taken = _device.Transmit(frames);
        if (taken < frames.Length)
        {
            _writer.TakeBack(_marks[taken]);
        }

        _frames += (uint)taken;
        Save(flush: false);
        return taken;
    }

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        int count = _device.Receive(frames);
        if (_errors == 0)
        {
            long now = Now();
            for (int i = 0; i < count; i++)
            {
                WriteReceived(frames[i], now);
            }

            _frames += (uint)count;
            Save(flush: count == 0); // nothing comes in: the time to bring the file up to date for whoever reads along
        }

        return count;
    }

    /// <inheritdoc/>
    public IHardwareClock? Clock => (_device as ITimedDevice)?.Clock;

    /// <inheritdoc/>
    public bool TryTakeTransmitTimestamp(out TransmitTimestamp timestamp)
    {
        timestamp = default;
        return _device is ITimedDevice timed && timed.TryTakeTransmitTimestamp(out timestamp);
    }

    /// <inheritdoc/>
    public void ArmWake(Action wake) => _device.ArmWake(wake);

    /// <inheritdoc/>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        _device.ReadCounters(counters);
        counters.Add(new DeviceCounter("capture_frames", _frames));
        counters.Add(new DeviceCounter("capture_errors", _errors));
    }

    /// <summary>Disposes the device and completes the file.</summary>
    public void Dispose()
    {
        _device.Dispose();
        try
        {
            _writer.Dispose();
        }
        catch (IOException)
        {
            _errors++; // the disk is full: the file ends earlier
        }
    }

    private long Now() => (_time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    private void Save(bool flush)
    {
        try
        {
            if (flush)
            {
                _writer.Flush();
            }
            else
            {
                _writer.Commit();
            }
        }
        catch (IOException)
        {
            _errors++;
        }
    }

    private void WriteTransmitted(in TxFrame frame, long now)
    {
        Span<byte> comment = stackalloc byte[MaximumComment];
        int length = 0;
        if (frame.Offload.Segmentation != Segmentation.None)
        {
            _ = Utf8.TryWrite(comment, $"checksum and cut at {frame.Offload.MaximumSegmentSize} bytes left to the device", out length);
        }
        else if (frame.Offload.Checksum)
        {
            _ = Utf8.TryWrite(comment, $"checksum left to the device", out length);
        }

        Span<byte> bytes = _writer.Write(frame.Frame, now, _transmitted, comment[..length]);
        if (frame.Offload.Checksum)
        {
            CapturedChecksum.Pay(bytes, frame.Offload);
        }
    }

    private void WriteReceived(in RxFrame frame, long now)
    {
        Span<byte> comment = stackalloc byte[MaximumComment];
        int length = 0;
        if (frame.Offload.CoalescedSegments > 1)
        {
            _ = Utf8.TryWrite(comment, $"{frame.Offload.CoalescedSegments} segments in one", out length);
        }
        else if (frame.Offload.VlanStripped)
        {
            _ = Utf8.TryWrite(comment, $"tag 0x{frame.Offload.VlanTag:X4} taken out by the device", out length);
        }

        Span<byte> bytes = _writer.Write(frame.Frame, now, _received, comment[..length]);
        if (frame.Offload.TransportChecksum == ChecksumVerdict.Good)
        {
            CapturedChecksum.Rewrite(bytes);
        }
    }
}

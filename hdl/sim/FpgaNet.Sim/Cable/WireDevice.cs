using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Sim.Cable;

/// <summary>
/// A plain network card at the end of a <see cref="Wire"/>, without any offload: what a software peer sits on. It drops frames whose check
/// sequence is wrong, as every card does.
/// </summary>
public sealed class WireDevice : INetworkDevice
{
    // Ethernet header and one 802.1Q tag: what a frame may have beyond the MTU.
    private const int LinkHeaderLength = 18;
    private const int MinimumFrame = 60;

    private readonly WireEnd _end;
    private readonly BufferPool _pool;
    private readonly byte[] _scratch;
    private Action? _wake;
    private volatile bool _blocked;
    private ulong _txFrames;
    private ulong _txBytes;
    private ulong _txRefused;
    private ulong _rxFrames;
    private ulong _rxBytes;
    private ulong _rxBadFcs;
    private ulong _rxUndersize;
    private ulong _rxOversize;
    private ulong _rxNoBuffer;

    /// <summary>Makes a device.</summary>
    /// <param name="end">Its end of the wire.</param>
    /// <param name="address">Its station address.</param>
    /// <param name="name">Its name.</param>
    /// <param name="maximumTransmissionUnit">Its MTU in bytes.</param>
    /// <param name="receiveBuffers">Buffers for received frames; when all are held above, frames stay on the wire.</param>
    public WireDevice(WireEnd end, MacAddress address, string name = "wire0", int maximumTransmissionUnit = 1500, int receiveBuffers = 1024)
    {
        ArgumentNullException.ThrowIfNull(end);
        _end = end;
        Name = name;
        MacAddress = address;
        Capabilities = new DeviceCapabilities(OffloadFeatures.None, maximumTransmissionUnit);
        _scratch = new byte[maximumTransmissionUnit + LinkHeaderLength];
        _pool = new BufferPool(receiveBuffers, Math.Max(_scratch.Length, MinimumFrame));
        end.FrameArrived = Wake;
        end.RoomCame = () =>
        {
            if (_blocked)
            {
                Wake();
            }
        };
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public MacAddress MacAddress { get; }

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public OffloadFeatures EnabledFeatures
    {
        get => OffloadFeatures.None;
        set
        {
            if (value != OffloadFeatures.None)
            {
                throw new ArgumentException($"{Name} has no offload.", nameof(value));
            }
        }
    }

    /// <inheritdoc/>
    public DeviceState State => DeviceState.Up;

    /// <inheritdoc/>
    public DeviceLink Link => new(1_000_000_000, FullDuplex: true);

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        _blocked = false;
        for (int i = 0; i < frames.Length; i++)
        {
            Frame frame = frames[i].Frame;
            if (frames[i].Offload.RequiredFeatures() != OffloadFeatures.None || frame.Length > _scratch.Length)
            {
                _txRefused++;
                frame.Release();
                continue;
            }

            Span<byte> bytes = _scratch.AsSpan(0, frame.Length);
            frame.CopyTo(0, bytes);
            if (!_end.TrySend(bytes))
            {
                _blocked = true;
                return i;
            }

            _txFrames++;
            _txBytes += (ulong)bytes.Length;
            frame.Release();
        }

        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        int count = 0;
        while (count < frames.Length && _end.HasFrame)
        {
            if (_pool.TryRent() is not { } buffer)
            {
                _rxNoBuffer++;
                break;
            }

            WireFrame? frame = _end.TryTake();
            if (frame is null || !IsGood(frame))
            {
                buffer.Release();
                if (frame is null)
                {
                    break;
                }

                _end.Return(frame);
                continue;
            }

            frame.Bytes.CopyTo(buffer.Span);
            frames[count].Frame = new Frame(new BufferSlice(buffer, 0, frame.Length));
            frames[count].Offload = default;
            count++;
            _rxFrames++;
            _rxBytes += (ulong)frame.Length;
            _end.Return(frame);
        }

        return count;
    }

    /// <inheritdoc/>
    public void ArmWake(Action wake)
    {
        Interlocked.Exchange(ref _wake, wake); // a full barrier: arm, then look (WireDirection queues, then calls)
        if (_end.HasFrame || (_blocked && _end.HasRoom))
        {
            Wake();
        }
    }

    /// <inheritdoc/>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        counters.Add(new DeviceCounter("tx_frames", _txFrames));
        counters.Add(new DeviceCounter("tx_bytes", _txBytes));
        counters.Add(new DeviceCounter("tx_refused", _txRefused));
        counters.Add(new DeviceCounter("rx_frames", _rxFrames));
        counters.Add(new DeviceCounter("rx_bytes", _rxBytes));
        counters.Add(new DeviceCounter("rx_bad_fcs", _rxBadFcs));
        counters.Add(new DeviceCounter("rx_undersize", _rxUndersize));
        counters.Add(new DeviceCounter("rx_oversize", _rxOversize));
        counters.Add(new DeviceCounter("rx_no_buffer", _rxNoBuffer));
    }

    /// <summary>Leaves the wire and frees the receive buffers; none may be held any more.</summary>
    public void Dispose()
    {
        _end.FrameArrived = null;
        _end.RoomCame = null;
        _pool.Dispose();
    }

    private bool IsGood(WireFrame frame)
    {
        const LineDefects Fatal = LineDefects.BadFrameCheck | LineDefects.PhyError | LineDefects.NoStartDelimiter | LineDefects.Cut;
        if ((frame.Defects & Fatal) != LineDefects.None)
        {
            _rxBadFcs++;
            return false;
        }

        if (frame.Length < MinimumFrame && (frame.Defects & LineDefects.NoPadding) != LineDefects.None)
        {
            _rxUndersize++;
            return false;
        }

        if (frame.Length > _pool.BufferSize)
        {
            _rxOversize++;
            return false;
        }

        return true;
    }

    private void Wake() => Interlocked.Exchange(ref _wake, null)?.Invoke();
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.CoSim.Tests;

/// <summary>
/// Sits between the software peer and its end of the wire: sums up every frame with its time and direction, keeps the last one sent, and lets a test put frames of its
/// own on the wire before each.
/// </summary>
internal sealed class StackOnCardTap(INetworkDevice inner, TimeProvider time) : INetworkDevice
{
    private readonly byte[] _scratch = new byte[2048];

    /// <summary>FNV-1a over time, direction, length and bytes of all frames: two runs with the same trace saw the same wire.</summary>
    public ulong Trace { get; private set; } = 0xCBF2_9CE4_8422_2325;

    public long Frames { get; private set; }

    /// <summary>Called with each frame that is about to be sent.</summary>
    public Action<ReadOnlySpan<byte>>? Sending { get; set; }

    public string Name => inner.Name;

    public MacAddress MacAddress => inner.MacAddress;

    public DeviceCapabilities Capabilities => inner.Capabilities;

    public OffloadFeatures EnabledFeatures
    {
        get => inner.EnabledFeatures;
        set => inner.EnabledFeatures = value;
    }

    public DeviceState State => inner.State;

    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            Frame frame = frames[i].Frame;
            Span<byte> bytes = _scratch.AsSpan(0, frame.Length);
            frame.CopyTo(0, bytes);
            Sending?.Invoke(bytes);
            if (inner.Transmit(frames.Slice(i, 1)) == 0)
            {
                return i;
            }

            Record(bytes, direction: 1);
        }

        return frames.Length;
    }

    public int Receive(Span<RxFrame> frames)
    {
        int count = inner.Receive(frames);
        foreach (ref RxFrame received in frames[..count])
        {
            Span<byte> bytes = _scratch.AsSpan(0, received.Frame.Length);
            received.Frame.CopyTo(0, bytes);
            Record(bytes, direction: 0);
        }

        return count;
    }

    public void ArmWake(Action wake) => inner.ArmWake(wake);

    public void ReadCounters(IList<DeviceCounter> counters) => inner.ReadCounters(counters);

    public void Dispose() => inner.Dispose();

    private void Record(ReadOnlySpan<byte> bytes, ulong direction)
    {
        Frames++;
        Mix((ulong)time.GetTimestamp());
        Mix(((ulong)bytes.Length << 1) | direction);
        foreach (byte value in bytes)
        {
            Mix(value);
        }
    }

    private void Mix(ulong value) => Trace = (Trace ^ value) * 0x100_0000_01B3;
}

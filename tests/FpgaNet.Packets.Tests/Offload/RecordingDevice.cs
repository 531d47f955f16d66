using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Tests.Offload;

/// <summary>A device that keeps what it is given, takes only as much as it is told to, and hands up what it is fed.</summary>
internal sealed class RecordingDevice : INetworkDevice
{
    private readonly Queue<RxFrame> _incoming = new();
    private OffloadFeatures _enabled;

    public RecordingDevice(OffloadFeatures features, int mtu = 1500, int maximumSegmentationSize = 65535)
    {
        Capabilities = new DeviceCapabilities(features, mtu, maximumSegmentationSize);
        _enabled = features;
    }

    public List<(byte[] Bytes, TxOffload Offload)> Sent { get; } = [];

    /// <summary>Frames that it takes in one call; each call asks anew.</summary>
    public Func<int> Room { get; set; } = static () => int.MaxValue;

    public int WakesAsked { get; private set; }

    public bool KeepsBytes { get; set; } = true;

    public ulong Frames { get; private set; }

    public string Name => "recorder";

    public MacAddress MacAddress => new(0x02_00_5E_00_00_01);

    public DeviceCapabilities Capabilities { get; }

    public OffloadFeatures EnabledFeatures
    {
        get => _enabled;
        set => _enabled = (value & ~Capabilities.Features) == OffloadFeatures.None ? value : throw new ArgumentException("No such feature.", nameof(value));
    }

    public DeviceState State => DeviceState.Up;

    public void Feed(RxFrame frame) => _incoming.Enqueue(frame);

    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        int count = Math.Min(frames.Length, Room());
        for (int i = 0; i < count; i++)
        {
            Frame frame = frames[i].Frame;
            if (KeepsBytes)
            {
                byte[] bytes = new byte[frame.Length];
                frame.CopyTo(0, bytes);
                Sent.Add((bytes, frames[i].Offload));
            }

            Frames++;
            frame.Release();
        }

        return count;
    }

    public int Receive(Span<RxFrame> frames)
    {
        int count = 0;
        while (count < frames.Length && _incoming.TryDequeue(out RxFrame frame))
        {
            frames[count++] = frame;
        }

        return count;
    }

    public void ArmWake(Action wake) => WakesAsked++;

    public void ReadCounters(IList<DeviceCounter> counters) => counters.Add(new DeviceCounter("frames", Frames));

    public void Dispose()
    {
        while (_incoming.TryDequeue(out RxFrame frame))
        {
            frame.Frame.Release();
        }
    }
}

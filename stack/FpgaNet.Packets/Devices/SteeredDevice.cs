using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>One queue of a <see cref="MultiQueuePair"/>: a path to each queue of the other end.</summary>
internal sealed class SteeredDevice(INetworkDevice[] paths, FlowSteering steering) : INetworkDevice
{
    private readonly ReceiveInspector _inspector = new(steering.Hash, new OffloadStatistics());
    private int _next;

    public string Name => paths[0].Name;

    public MacAddress MacAddress => paths[0].MacAddress;

    public DeviceCapabilities Capabilities => paths[0].Capabilities;

    public OffloadFeatures EnabledFeatures
    {
        get => paths[0].EnabledFeatures;
        set => Array.ForEach(paths, path => path.EnabledFeatures = value);
    }

    public DeviceState State => paths[0].State;

    public DeviceLink Link => paths[0].Link;

    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            // The first path that is full holds up what is behind: order within a flow matters, and which flow that is nobody knows yet.
            if (paths[QueueOf(frames[i])].Transmit(frames.Slice(i, 1)) == 0)
            {
                return i;
            }
        }

        return frames.Length;
    }

    public int Receive(Span<RxFrame> frames)
    {
        int count = 0;
        for (int i = 0; i < paths.Length && count < frames.Length; i++)
        {
            count += paths[_next].Receive(frames[count..]);
            _next = (_next + 1) % paths.Length;
        }

        return count;
    }

    public void ArmWake(Action wake)
    {
        foreach (INetworkDevice path in paths)
        {
            path.ArmWake(wake);
        }
    }

    public void ReadCounters(IList<DeviceCounter> counters)
    {
        foreach (INetworkDevice path in paths)
        {
            path.ReadCounters(counters);
        }
    }

    public void Dispose() => Array.ForEach(paths, static path => path.Dispose());

    private int QueueOf(in TxFrame frame)
    {
        RxOffload found = default;
        _inspector.Inspect(frame.Frame, ref found, OffloadFeatures.RxHash);
        return found.HashType == RssHashType.None ? 0 : steering.QueueOf(found.Hash);
    }
}

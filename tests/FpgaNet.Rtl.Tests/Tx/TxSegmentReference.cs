using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Rtl.Tests.Tx;

/// <summary>The segments that the software makes: <see cref="SoftwareOffload"/> over a device that has some of the features.</summary>
internal sealed class TxSegmentReference : IDisposable
{
    private readonly Recorder _device;
    private readonly SoftwareOffload _software;
    private readonly BufferPool _pool = new(1, 65536 + 512);

    /// <param name="paid">What is left to the device.</param>
    public TxSegmentReference(OffloadFeatures paid)
    {
        _device = new Recorder(paid);
        _software = new SoftwareOffload(_device);
    }

    /// <summary>Cuts a packet.</summary>
    /// <returns>Its segments; empty when the request was refused.</returns>
    public List<(byte[] Bytes, TxOffload Owed)> Cut(LargePacket packet)
    {
        _device.Sent.Clear();
        PacketBuffer buffer = _pool.TryRent() ?? throw new InvalidOperationException("The last packet was not released.");
        BufferSlice slice = new(buffer, 0, packet.Bytes.Length);
        packet.Bytes.CopyTo(slice.Span);
        Assert.AreEqual(1, _software.Transmit([new TxFrame { Frame = new Frame(slice), Offload = packet.Offload }]));
        return [.. _device.Sent];
    }

    public void Dispose()
    {
        _software.Dispose();
        _pool.Dispose();
    }

    private sealed class Recorder(OffloadFeatures features) : INetworkDevice
    {
        public List<(byte[] Bytes, TxOffload Owed)> Sent { get; } = [];

        public string Name => "recorder";

        public MacAddress MacAddress => new(0x02_00_5E_00_00_01);

        public DeviceCapabilities Capabilities { get; } = new(features, 1500, 0);

        public OffloadFeatures EnabledFeatures { get; set; } = features;

        public DeviceState State => DeviceState.Up;

        public int Transmit(ReadOnlySpan<TxFrame> frames)
        {
            foreach (ref readonly TxFrame sent in frames)
            {
                Frame frame = sent.Frame;
                byte[] bytes = new byte[frame.Length];
                frame.CopyTo(0, bytes);
                Sent.Add((bytes, sent.Offload));
                frame.Release();
            }

            return frames.Length;
        }

        public int Receive(Span<RxFrame> frames) => 0;

        public void ArmWake(Action wake)
        {
        }

        public void ReadCounters(IList<DeviceCounter> counters)
        {
        }

        public void Dispose()
        {
        }
    }
}

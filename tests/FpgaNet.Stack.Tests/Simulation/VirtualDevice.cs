using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Tests.Simulation;

/// <summary>A card in the virtual network. It pays what is owed to a frame in the plainest way there is, and knows nothing of what it receives.</summary>
public sealed class VirtualDevice : INetworkDevice
{
    private readonly Queue<RxFrame> _received = new();
    private readonly Action<VirtualDevice, byte[]> _sent;
    private readonly BufferPool _pool;
    private readonly Func<bool> _hasRoom;

    public VirtualDevice(string name, MacAddress address, int mtu, bool segments, int buffers, Func<bool> hasRoom, Action<VirtualDevice, byte[]> sent)
    {
        Name = name;
        MacAddress = address;
        _sent = sent;
        _hasRoom = hasRoom;
        _pool = new BufferPool(buffers, mtu + 18);
        Capabilities = segments
            ? new DeviceCapabilities(OffloadFeatures.TxChecksum | OffloadFeatures.TxSegmentationTcp4, mtu, 65535)
            : new DeviceCapabilities(OffloadFeatures.TxChecksum, mtu);
        EnabledFeatures = Capabilities.Features;
    }

    public string Name { get; }

    public MacAddress MacAddress { get; }

    public DeviceCapabilities Capabilities { get; }

    public OffloadFeatures EnabledFeatures { get; set; }

    public DeviceState State { get; set; } = DeviceState.Up;

    public BufferPool Pool => _pool;

    /// <summary>Frames dropped because no buffer was left.</summary>
    public int Overruns { get; private set; }

    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        int taken = 0;
        foreach (TxFrame frame in frames)
        {
            if (!_hasRoom())
            {
                break;
            }

            taken++;
            byte[] bytes = new byte[frame.Frame.Length];
            frame.Frame.CopyTo(0, bytes);
            Frame released = frame.Frame;
            released.Release();
            Pay(bytes, frame.Offload);
        }

        return taken;
    }

    public int Receive(Span<RxFrame> frames)
    {
        int count = 0;
        while (count < frames.Length && _received.TryDequeue(out RxFrame frame))
        {
            frames[count++] = frame;
        }

        return count;
    }

    public void ArmWake(Action wake)
    {
    }

    public void ReadCounters(IList<DeviceCounter> counters)
    {
    }

    public void Dispose()
    {
        while (_received.TryDequeue(out RxFrame frame))
        {
            frame.Frame.Release();
        }

        Assert.AreEqual(_pool.BufferCount, _pool.Available, $"{Name}: receive buffers were lost");
        _pool.Dispose();
    }

    /// <summary>A frame has come from the wire.</summary>
    public void Deliver(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _pool.BufferSize || _pool.TryRent() is not { } buffer)
        {
            Overruns++;
            return;
        }

        bytes.CopyTo(buffer.Span);
        _received.Enqueue(new RxFrame { Frame = new Frame(new BufferSlice(buffer, 0, bytes.Length)) });
    }

    private void Pay(byte[] frame, in TxOffload offload)
    {
        if (offload.Segmentation == Segmentation.None)
        {
            Assert.IsLessThanOrEqualTo(Capabilities.MaximumTransmissionUnit + EthernetHeader.Length, frame.Length, "a frame larger than the MTU");
            if (offload.Checksum)
            {
                int start = offload.ChecksumStart;
                ushort sum = InternetChecksum.Compute(frame.AsSpan(start));
                WriteBack(frame, start + offload.ChecksumOffset, sum == 0 && offload.ChecksumZeroAsOnes ? (ushort)0xFFFF : sum);
            }

            _sent(this, frame);
            return;
        }

        Assert.IsTrue(EnabledFeatures.HasFlag(OffloadFeatures.TxSegmentationTcp4) && offload.Segmentation == Segmentation.Tcp4);
        Assert.IsLessThanOrEqualTo(Capabilities.MaximumSegmentationSize, frame.Length);
        int headers = offload.HeaderLength;
        Assert.IsTrue(IPv4Header.TryParse(frame.AsSpan(offload.NetworkOffset), out IPv4Header ip));
        Assert.IsTrue(TcpHeader.TryParse(frame.AsSpan(offload.ChecksumStart, headers - offload.ChecksumStart), out TcpHeader tcp));
        for (int at = headers; at < frame.Length; at += offload.MaximumSegmentSize)
        {
            int payload = Math.Min(offload.MaximumSegmentSize, frame.Length - at);
            bool last = at + payload == frame.Length;
            byte[] segment = [.. frame[..headers], .. frame[at..(at + payload)]];
            IPv4Header.Write(segment.AsSpan(offload.NetworkOffset), new IPv4Fields
            {
                Source = ip.Source,
                Destination = ip.Destination,
                Protocol = ip.Protocol,
                PayloadLength = segment.Length - offload.ChecksumStart,
                DontFragment = true,
                TimeToLive = ip.TimeToLive,
            });
            TcpFlags flags = last ? tcp.Flags : tcp.Flags & ~(TcpFlags.Fin | TcpFlags.Psh);
            Span<byte> transport = segment.AsSpan(offload.ChecksumStart);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(transport[4..], tcp.SequenceNumber + (uint)(at - headers));
            transport[13] = (byte)flags;
            WriteBack(segment, offload.ChecksumStart + TcpHeader.ChecksumOffset, 0);
            uint pseudo = InternetChecksum.PseudoHeader(ip.Source, ip.Destination, IpProtocol.Tcp, transport.Length);
            WriteBack(segment, offload.ChecksumStart + TcpHeader.ChecksumOffset, InternetChecksum.Finish(InternetChecksum.Sum(transport, pseudo)));
            Assert.IsLessThanOrEqualTo(Capabilities.MaximumTransmissionUnit + EthernetHeader.Length, segment.Length);
            _sent(this, segment);
        }
    }

    private static void WriteBack(byte[] frame, int at, ushort value)
    {
        frame[at] = (byte)(value >> 8);
        frame[at + 1] = (byte)value;
    }
}

using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>
/// A card in the virtual network. It pays what is owed to a frame in the plainest way there is, so that it is also a check on what the stack owes, and knows
/// nothing of what it receives.
/// </summary>
public sealed class VirtualDevice : INetworkDevice, IWireEnd
{
    private readonly Queue<RxFrame> _received = new();
    private readonly Action<VirtualDevice, byte[]> _sent;
    private readonly BufferPool _pool;
    private readonly Func<bool> _hasRoom;
    private Action? _wake;

    /// <param name="name">Name.</param>
    /// <param name="address">The station's address.</param>
    /// <param name="mtu">Largest packet.</param>
    /// <param name="features">What it can do: transmit checksums and segmentation.</param>
    /// <param name="buffers">Receive buffers.</param>
    /// <param name="hasRoom">Whether it takes a frame now.</param>
    /// <param name="sent">Receives each frame as it goes to the wire.</param>
    public VirtualDevice(string name, MacAddress address, int mtu, OffloadFeatures features, int buffers, Func<bool> hasRoom, Action<VirtualDevice, byte[]> sent)
    {
        Name = name;
        MacAddress = address;
        _sent = sent;
        _hasRoom = hasRoom;
        _pool = new BufferPool(buffers, mtu + 18);
        Capabilities = new DeviceCapabilities(features, mtu, (features & OffloadFeatures.TxSegmentation) != OffloadFeatures.None ? 65535 : 0);
        EnabledFeatures = features;
    }

    public VirtualDevice(string name, MacAddress address, int mtu, bool segments, int buffers, Func<bool> hasRoom, Action<VirtualDevice, byte[]> sent)
        : this(name, address, mtu, Features(segments), buffers, hasRoom, sent)
    {
    }

    public string Name { get; }

    public MacAddress MacAddress { get; }

    public DeviceCapabilities Capabilities { get; }

    public OffloadFeatures EnabledFeatures { get; set; }

    public DeviceState State { get; set; } = DeviceState.Up;

    public VirtualAddressFilter Addresses { get; } = new();

    public IAddressFilter? AddressFilter => Addresses;

    public BufferPool Pool => _pool;

    /// <summary>Frames that came from the wire and are, or were, the stack's.</summary>
    public long FramesReceived { get; private set; }

    /// <summary>Frames dropped because no buffer was left.</summary>
    public int Overruns { get; private set; }

    /// <summary>The last Transmit came short: <see cref="RoomCame"/> is waited for.</summary>
    public bool IsBlocked { get; private set; }

    public static OffloadFeatures Features(bool segments) => segments
        ? OffloadFeatures.TxChecksum | OffloadFeatures.TxSegmentationTcp4 | OffloadFeatures.TxSegmentationTcp6
        : OffloadFeatures.TxChecksum;

    public int Transmit(ReadOnlySpan<TxFrame> frames)
    {
        IsBlocked = false;
        int taken = 0;
        foreach (TxFrame frame in frames)
        {
            if (!_hasRoom())
            {
                IsBlocked = true;
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
        _wake = wake;
        if (_received.Count != 0)
        {
            Wake();
        }
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

        SimulationException.ThrowUnless(
            _pool.BufferCount == _pool.Available, $"{Name}: {_pool.BufferCount - _pool.Available} of {_pool.BufferCount} receive buffers were lost");
        _pool.Dispose();
    }

    /// <summary>A frame has come from the wire.</summary>
    public void Deliver(ReadOnlySpan<byte> bytes) => Deliver(bytes, coalesced: 0);

    /// <summary>A frame comes in that the card has made of several segments.</summary>
    public void Deliver(ReadOnlySpan<byte> bytes, ushort coalesced)
    {
        if (Addresses.Accepts(bytes))
        {
            Take(bytes, new RxOffload { CoalescedSegments = coalesced });
        }
    }

    /// <summary>A frame comes in of which the card says something.</summary>
    public void Take(ReadOnlySpan<byte> bytes, RxOffload offload)
    {
        if (bytes.Length > _pool.BufferSize || _pool.TryRent() is not { } buffer)
        {
            Overruns++;
            return;
        }

        FramesReceived++;
        bytes.CopyTo(buffer.Span);
        _received.Enqueue(new RxFrame
        {
            Frame = new Frame(new BufferSlice(buffer, 0, bytes.Length)),
            Offload = offload,
        });
        Wake();
    }

    void IWireEnd.Deliver(WireFrame frame) => Deliver(frame.Bytes);

    /// <summary>The wire takes frames again.</summary>
    public void RoomCame() => Wake();

    private void Wake()
    {
        Action? wake = _wake;
        _wake = null;
        wake?.Invoke();
    }

    private void Pay(byte[] frame, in TxOffload offload)
    {
        OffloadFeatures missing = offload.RequiredFeatures() & ~EnabledFeatures;
        SimulationException.ThrowUnless(missing == OffloadFeatures.None, $"{Name}: a frame owes {missing}, which the device does not do");
        if (offload.Segmentation == Segmentation.None)
        {
            SimulationException.ThrowUnless(
                frame.Length <= Capabilities.MaximumTransmissionUnit + EthernetHeader.Length, $"{Name}: a frame of {frame.Length} bytes is larger than the MTU");
            if (offload.Checksum)
            {
                int start = offload.ChecksumStart;
                ushort sum = InternetChecksum.Compute(frame.AsSpan(start));
                WriteBack(frame, start + offload.ChecksumOffset, sum == 0 && offload.ChecksumZeroAsOnes ? (ushort)0xFFFF : sum);
            }

            _sent(this, frame);
            return;
        }

        SimulationException.ThrowUnless(offload.Segmentation is Segmentation.Tcp4 or Segmentation.Tcp6, $"{Name}: segmentation {offload.Segmentation}");
        SimulationException.ThrowUnless(frame.Length <= Capabilities.MaximumSegmentationSize, $"{Name}: a frame of {frame.Length} bytes is too large to cut");
        Cut(frame, offload);
    }

    private void Cut(byte[] frame, in TxOffload offload)
    {
        int headers = offload.HeaderLength;
        for (int at = headers, number = 0; at < frame.Length; at += offload.MaximumSegmentSize, number++)
        {
            int payload = Math.Min(offload.MaximumSegmentSize, frame.Length - at);
            byte[] segment = [.. frame[..headers], .. frame[at..(at + payload)]];
            Span<byte> transport = segment.AsSpan(offload.ChecksumStart);
            uint pseudo = WriteLengths(segment, frame, offload, number);
            BinaryPrimitives.WriteUInt32BigEndian(transport[4..], BinaryPrimitives.ReadUInt32BigEndian(transport[4..]) + (uint)(at - headers));
            TcpFlags flags = (TcpFlags)transport[13];
            if (at + payload < frame.Length)
            {
                flags &= ~(TcpFlags.Fin | TcpFlags.Psh);
            }

            if (number > 0)
            {
                flags &= ~TcpFlags.Cwr; // RFC 3168 §6.1.2: once for a window, which the first segment says
            }

            transport[13] = (byte)flags;
            WriteBack(segment, offload.ChecksumStart + TcpHeader.ChecksumOffset, 0);
            WriteBack(segment, offload.ChecksumStart + TcpHeader.ChecksumOffset, InternetChecksum.Finish(InternetChecksum.Sum(transport, pseudo)));
            SimulationException.ThrowUnless(
                segment.Length <= Capabilities.MaximumTransmissionUnit + EthernetHeader.Length, $"{Name}: a segment of {segment.Length} bytes is larger than the MTU");
            _sent(this, segment);
        }
    }

    private static uint WriteLengths(byte[] segment, byte[] frame, in TxOffload offload, int number)
    {
        Span<byte> network = segment.AsSpan(offload.NetworkOffset);
        int transportLength = segment.Length - offload.ChecksumStart;
        if (offload.Segmentation == Segmentation.Tcp4)
        {
            SimulationException.ThrowUnless(IPv4Header.TryParse(frame.AsSpan(offload.NetworkOffset), out IPv4Header ip), "no IPv4 packet to cut");
            BinaryPrimitives.WriteUInt16BigEndian(network[2..], (ushort)network.Length);
            BinaryPrimitives.WriteUInt16BigEndian(network[4..], (ushort)(ip.Identification + number));
            IPv4Header.WriteChecksum(network[..ip.HeaderLength]);
            return InternetChecksum.PseudoHeader(ip.Source, ip.Destination, IpProtocol.Tcp, transportLength);
        }

        SimulationException.ThrowUnless(IPv6Header.TryParse(frame.AsSpan(offload.NetworkOffset), out IPv6Header ip6), "no IPv6 packet to cut");
        BinaryPrimitives.WriteUInt16BigEndian(network[4..], (ushort)(network.Length - IPv6Header.Length));
        return InternetChecksum.PseudoHeader(ip6.Source, ip6.Destination, IpProtocol.Tcp, transportLength);
    }

    private static void WriteBack(byte[] frame, int at, ushort value)
    {
        frame[at] = (byte)(value >> 8);
        frame[at + 1] = (byte)value;
    }
}

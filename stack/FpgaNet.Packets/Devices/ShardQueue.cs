using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>
/// One queue of a device with several, for a stack that serves only the flows of this queue. A device steers frames as well as it can; what it put into another queue than
/// <see cref="FlowSteering"/> says is handed over, and what all shards have to know (answers of ARP and Neighbour Discovery, routers, ICMP errors, fragments) is
/// handed to all. Where the device steers by the same rule nothing crosses from one thread to another but that.
/// </summary>
public sealed class ShardQueue : INetworkDevice, ITimedDevice
{
    private const int InboxFrames = 256;
    private const int Here = -1;
    private const int Everywhere = -2;

    private readonly INetworkDevice _inner;
    private readonly FlowSteering _steering;
    private readonly int _index;
    private readonly FrameRing _inbox = new(InboxFrames);
    private readonly Lock _producers = new();
    private ShardQueue[] _all = [];
    private WakeRequest _wake;
    private ulong _handedOver;
    private ulong _shared;
    private ulong _dropped;

    private ShardQueue(INetworkDevice inner, FlowSteering steering, int index)
    {
        _inner = inner;
        _steering = steering;
        _index = index;
    }

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public MacAddress MacAddress => _inner.MacAddress;

    /// <inheritdoc/>
    public IAddressFilter? AddressFilter => _inner.AddressFilter;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> HashKey => _inner.HashKey;

    /// <inheritdoc/>
    public DeviceCapabilities Capabilities => _inner.Capabilities;

    /// <inheritdoc/>
    public OffloadFeatures EnabledFeatures
    {
        get => _inner.EnabledFeatures;
        set => _inner.EnabledFeatures = value;
    }

    /// <inheritdoc/>
    public DeviceState State => _inner.State;

    /// <inheritdoc/>
    public DeviceLink Link => _inner.Link;

    /// <inheritdoc/>
    public IHardwareClock? Clock => (_inner as ITimedDevice)?.Clock;

    /// <summary>Frames that came in through this queue and belong to another.</summary>
    public ulong HandedOver => Volatile.Read(ref _handedOver);

    /// <summary>Joins the queues of one device.</summary>
    /// <param name="queues">The queues in order, each of which can tell the hash of what it receives, as every <see cref="SoftwareOffload"/> can; from now on they do
    /// (<see cref="OffloadFeatures.RxHash"/>). They are disposed of with what is returned.</param>
    /// <param name="steering">The rule, with the queues' key.</param>
    /// <exception cref="ArgumentException">The numbers differ, or a queue knows no hash.</exception>
    public static IReadOnlyList<ShardQueue> Join(IReadOnlyList<INetworkDevice> queues, FlowSteering steering)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(steering);
        if (queues.Count != steering.Queues || queues.Any(static q => !q.Capabilities.Features.HasFlag(OffloadFeatures.RxHash)))
        {
            throw new ArgumentException($"{steering.Queues} queues are needed, each with receive hashes: wrap them in SoftwareOffload.", nameof(queues));
        }

        ShardQueue[] shards = [.. queues.Select((queue, index) => new ShardQueue(queue, steering, index))];
        foreach (ShardQueue shard in shards)
        {
            shard.EnabledFeatures |= OffloadFeatures.RxHash;
            shard._all = shards;
        }

        return shards;
    }

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<TxFrame> frames) => _inner.Transmit(frames);

    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        int kept = _inbox.Take(frames);
        if (kept == frames.Length)
        {
            return kept;
        }

        Span<RxFrame> fresh = frames[kept..];
        int count = _inner.Receive(fresh);
        for (int i = 0; i < count; i++)
        {
            int owner = Owner(fresh[i]);
            if (owner >= 0 && owner != _index)
            {
                _handedOver++;
                _all[owner].Give(fresh[i]);
                continue;
            }

            if (owner == Everywhere)
            {
                Share(fresh[i]);
            }

            frames[kept++] = fresh[i];
        }

        return kept;
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
        _wake.Arm(wake);
        _inner.ArmWake(wake);
        if (_inbox.Count != 0)
        {
            _wake.Fire();
        }
    }

    /// <inheritdoc/>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        _inner.ReadCounters(counters);
        counters.Add(new DeviceCounter("shard_handed_over", _handedOver));
        counters.Add(new DeviceCounter("shard_shared", _shared));
        counters.Add(new DeviceCounter("shard_dropped", Volatile.Read(ref _dropped)));
    }

    /// <summary>Releases what was handed over, and disposes of the queue. The other queues must have stopped.</summary>
    public void Dispose()
    {
        lock (_producers)
        {
            _inbox.Drain();
        }

        _inner.Dispose();
    }

    private int Owner(in RxFrame frame)
    {
        ref readonly RxOffload offload = ref frame.Offload;
        ReadOnlySpan<byte> headers = frame.Frame.Header.Span;
        switch (offload.HashType)
        {
            case RssHashType.TcpIPv4 or RssHashType.TcpIPv6:
                return _steering.QueueOf(offload.Hash);
            case RssHashType.UdpIPv4 or RssHashType.UdpIPv6 when headers.Length >= offload.TransportOffset + 4:
                return _steering.QueueOfUdp(BinaryPrimitives.ReadUInt16BigEndian(headers[(offload.TransportOffset + 2)..]));
            default:
                return offload.Fragment || IsForAll(headers, offload) ? Everywhere : Here;
        }
    }

    // What a host asks is answered by the shard that hears it; answers and news may be meant for any.
    private static bool IsForAll(ReadOnlySpan<byte> headers, in RxOffload offload)
    {
        const ushort ArpReply = 2; // RFC 826
        if (offload.Network == NetworkProtocol.Arp)
        {
            return BinaryPrimitives.ReadUInt16BigEndian(headers[(offload.NetworkOffset + 6)..]) == ArpReply;
        }

        if (offload.Transport != TransportProtocol.Icmp)
        {
            return false;
        }

        // RFC 792: echo reply, unreachable, redirect, time exceeded, parameter problem. RFC 4443: errors, echo reply; RFC 4861: router and neighbour advertisement, redirect.
        byte type = headers[offload.TransportOffset];
        return offload.Network == NetworkProtocol.IPv4 ? type is 0 or 3 or 5 or 11 or 12 : type is < 128 or 129 or 134 or 136 or 137;
    }

    private void Share(in RxFrame frame)
    {
        _shared++;
        foreach (ShardQueue other in _all)
        {
            if (other != this)
            {
                frame.Frame.AddReferences();
                other.Give(frame);
            }
        }
    }

    private void Give(in RxFrame frame)
    {
        bool taken;
        lock (_producers)
        {
            taken = _inbox.Room != 0;
            if (taken)
            {
                _inbox.Slot(0) = frame;
                _inbox.Publish(1);
            }
            else
            {
                _dropped++;
            }
        }

        if (!taken)
        {
            Frame lost = frame.Frame; // as a card loses what its queue has no room for
            lost.Release();
            return;
        }

        if (_wake.IsArmedAfter())
        {
            _wake.Fire();
        }
    }
}

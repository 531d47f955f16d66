using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver.Rings;

/// <summary>
/// The transmit ring: units of 16 bytes, for each packet a <see cref="TxHeader"/>, its <see cref="TxLaunch"/> if it has a launch time, and a
/// <see cref="TxSlice"/> for every run of bytes. It holds the frames' references until the card says that it needs the bytes no longer.
/// </summary>
internal sealed class TxRing(DmaMemory memory, int log2, PoolMappings pools)
{
    // A packet takes two units at least.
    private readonly Packet[] _packets = new Packet[1 << (log2 - 1)];

    private uint _firstPacket;
    private uint _lastPacket;
    private ushort _released;

    public int Log2 => log2;

    public int Size => 1 << log2;

    public ulong BusAddress => memory.BusAddress;

    /// <summary>Units filled, as a free-running count: the doorbell's value.</summary>
    public ushort Producer { get; private set; }

    public int FreeUnits => Size - (ushort)(Producer - _released);

    /// <summary>Any packet would find room.</summary>
    public bool HasRoom => FreeUnits > Frame.MaxSlices + 1;

    /// <summary>Packets that the card has not finished.</summary>
    public int InFlight => (int)(_lastPacket - _firstPacket);

    /// <summary>Position behind the last packet that the card finished.</summary>
    public ushort Released => _released;

    /// <summary>Appends a packet, and takes over its references.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(in TxFrame packet)
    {
        int slices = 0;
        for (int i = 0; i < packet.Frame.SliceCount; i++)
        {
            // A slice of no bytes would be a bad descriptor.
            slices += packet.Frame[i].Length == 0 ? 0 : 1;
        }

        long launch = packet.Offload.LaunchTime;
        if (FreeUnits < (launch == 0 ? 1 : 2) + slices)
        {
            return false;
        }

        Span<TxHeader> headers = memory.Entries<TxHeader>();
        Span<TxSlice> units = memory.Entries<TxSlice>();
        headers[Producer++ & (Size - 1)] = TxMetadata.Header(packet, slices);
        if (launch != 0)
        {
            memory.Entries<TxLaunch>()[Producer++ & (Size - 1)] = new TxLaunch { TimeLow = (uint)launch, TimeHigh = (uint)(launch >> 32) };
        }

        for (int i = 0; i < packet.Frame.SliceCount; i++)
        {
            BufferSlice slice = packet.Frame[i];
            if (slice.Length == 0)
            {
                continue;
            }

            ulong bus = pools.BusAddress(slice);
            units[Producer++ & (Size - 1)] = new TxSlice { AddressLow = (uint)bus, AddressHigh = (uint)(bus >> 32), Length = (uint)slice.Length };
        }

        ref Packet entry = ref _packets[_lastPacket++ & (uint)(_packets.Length - 1)];
        entry.Frame = packet.Frame;
        entry.End = Producer;
        entry.TimestampId = packet.Offload.TimestampId;
        return true;
    }

    /// <summary>Releases the oldest packet, which the card says ended at a position.</summary>
    /// <param name="ringPosition">The position.</param>
    /// <param name="timestampId">Receives the packet's <see cref="Packets.Offload.TxOffload.TimestampId"/>.</param>
    /// <returns>False when it did not: the card is confused, nothing is released.</returns>
    public bool TryComplete(uint ringPosition, out ushort timestampId)
    {
        ref Packet entry = ref _packets[_firstPacket & (uint)(_packets.Length - 1)];
        timestampId = entry.TimestampId;
        if (InFlight == 0 || entry.End != ringPosition)
        {
            return false;
        }

        _released = entry.End;
        _firstPacket++;
        entry.Frame.Release();
        return true;
    }

    /// <summary>Releases all packets and forgets everything: only when the card is known to be quiet.</summary>
    /// <returns>Packets released.</returns>
    public int Restart()
    {
        int count = InFlight;
        while (_firstPacket != _lastPacket)
        {
            _packets[_firstPacket++ & (uint)(_packets.Length - 1)].Frame.Release();
        }

        memory.Clear();
        Producer = 0;
        _released = 0;
        return count;
    }

    public void Free() => memory.Free();

    private struct Packet
    {
        public Frame Frame;
        public ushort End;
        public ushort TimestampId;
    }
}

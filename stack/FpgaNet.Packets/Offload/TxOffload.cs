namespace FpgaNet.Packets.Offload;

/// <summary>How a frame larger than one packet is to be cut.</summary>
public enum Segmentation : byte
{
    /// <summary>The frame is one packet.</summary>
    None = 0,

    /// <summary>TCP over IPv4.</summary>
    Tcp4 = 1,

    /// <summary>TCP over IPv6.</summary>
    Tcp6 = 2,

    /// <summary>UDP over IPv4: one datagram for every <see cref="TxOffload.MaximumSegmentSize"/> bytes of payload.</summary>
    Udp4 = 3,

    /// <summary>UDP over IPv6, likewise.</summary>
    Udp6 = 4,
}

/// <summary>
/// What is still owed to a frame on its way out: the transmit half of the offload contract (docs/offload.md).
/// <c>default</c> owes nothing.
/// </summary>
/// <remarks>
/// The checksum is "partial" in the sense of virtio 1.2 §5.1.6.2 (VIRTIO_NET_HDR_F_NEEDS_CSUM): the 16-bit field at
/// <see cref="ChecksumStart"/> + <see cref="ChecksumOffset"/> already holds the folded, uncomplemented sum of the pseudo-header (whose
/// length is that of the frame as handed down, also when it will be cut), and whoever pays the debt sums from
/// <see cref="ChecksumStart"/> to the end of the frame and writes the complement there; for UDP a result of 0 is written as 0xFFFF
/// (RFC 768). The IPv4 header checksum is not part of the debt: the stack writes it, and who segments rewrites it.
/// </remarks>
public struct TxOffload
{
    private const byte ChecksumFlag = 1;
    private const byte ChecksumZeroAsOnesFlag = 2;
    private const byte InsertVlanFlag = 4;
    private const int PriorityShift = 3;

    /// <summary>
    /// When the frame is to be on the wire, in nanoseconds of the device's clock (<see cref="Devices.IHardwareClock"/>); of one that is cut, its first packet. 0: as
    /// soon as may be. The device keeps the order of its queue: frames behind this one wait with it.
    /// </summary>
    public long LaunchTime;

    // Beside Segmentation and TimestampId in one word: the struct is copied with every frame.
    private byte _flags;

    /// <summary>The frame is to be cut. Requires <see cref="Checksum"/>.</summary>
    public Segmentation Segmentation;

    /// <summary>Not 0: the device is to tell under this number when the frame was on the wire (<see cref="Devices.ITimedDevice"/>); of one that is cut, its last packet.</summary>
    public ushort TimestampId;

    /// <summary>First byte of the sum, from the frame's start: the transport header.</summary>
    public ushort ChecksumStart;

    /// <summary>Where the result goes, from <see cref="ChecksumStart"/>: 16 for TCP, 6 for UDP.</summary>
    public ushort ChecksumOffset;

    /// <summary>Bytes of payload in each packet after the cut.</summary>
    public ushort MaximumSegmentSize;

    /// <summary>First byte of the IP header, from the frame's start: 14, or 18 behind an 802.1Q tag.</summary>
    public ushort NetworkOffset;

    /// <summary>Bytes of all headers, Ethernet to transport. Every packet of a cut frame starts with them.</summary>
    public ushort HeaderLength;

    /// <summary>The tag control information (priority, DEI, VLAN id) when <see cref="InsertVlan"/>.</summary>
    public ushort VlanTag;

    /// <summary>A transport checksum is owed.</summary>
    public bool Checksum
    {
        readonly get => (_flags & ChecksumFlag) != 0;
        set => SetFlag(ChecksumFlag, value);
    }

    /// <summary>How urgent it is, 0 to 7: by it the stack chooses among a device's queues. It owes nothing.</summary>
    public byte Priority
    {
        readonly get => (byte)(_flags >> PriorityShift & 7);
        set => _flags = (byte)((_flags & ~(7 << PriorityShift)) | ((value & 7) << PriorityShift));
    }

    /// <summary>A result of zero is to be written as 0xFFFF (UDP, RFC 768).</summary>
    public bool ChecksumZeroAsOnes
    {
        readonly get => (_flags & ChecksumZeroAsOnesFlag) != 0;
        set => SetFlag(ChecksumZeroAsOnesFlag, value);
    }

    /// <summary>An 802.1Q tag is owed.</summary>
    public bool InsertVlan
    {
        readonly get => (_flags & InsertVlanFlag) != 0;
        set => SetFlag(InsertVlanFlag, value);
    }

    /// <summary>The features that a device must have switched on to pay what is owed.</summary>
    /// <returns><see cref="OffloadFeatures.None"/> when nothing is owed.</returns>
    public readonly OffloadFeatures RequiredFeatures()
    {
        OffloadFeatures features = Segmentation switch
        {
            Segmentation.None => OffloadFeatures.None,
            Segmentation.Tcp4 => OffloadFeatures.TxSegmentationTcp4,
            Segmentation.Tcp6 => OffloadFeatures.TxSegmentationTcp6,
            _ => OffloadFeatures.TxSegmentationUdp,
        };
        if (Checksum)
        {
            features |= OffloadFeatures.TxChecksum;
        }

        if (InsertVlan)
        {
            features |= OffloadFeatures.TxVlanInsert;
        }

        if (LaunchTime != 0)
        {
            features |= OffloadFeatures.TxLaunchTime;
        }

        if (TimestampId != 0)
        {
            features |= OffloadFeatures.TxTimestamp;
        }

        return features;
    }

    private void SetFlag(byte flag, bool value) => _flags = (byte)(value ? _flags | flag : _flags & ~flag);
}

namespace FpgaNet.Packets.Offload;

/// <summary>What a device can do for the host, one bit a feature, each of which can be switched off alone (as <c>ethtool -K</c> does).</summary>
[Flags]
public enum OffloadFeatures
{
    /// <summary>The device does nothing but move frames.</summary>
    None = 0,

    /// <summary>Inserts a ones'-complement checksum at any start and offset on transmit (<see cref="TxOffload.ChecksumStart"/>).</summary>
    TxChecksum = 1 << 0,

    /// <summary>Cuts TCP over IPv4 into segments on transmit (TSO).</summary>
    TxSegmentationTcp4 = 1 << 1,

    /// <summary>Cuts TCP over IPv6 into segments on transmit (TSO).</summary>
    TxSegmentationTcp6 = 1 << 2,

    /// <summary>Cuts UDP into datagrams on transmit (USO), over IPv4 and IPv6.</summary>
    TxSegmentationUdp = 1 << 3,

    /// <summary>Inserts an 802.1Q tag on transmit.</summary>
    TxVlanInsert = 1 << 4,

    /// <summary>Sends a frame at a time (<see cref="TxOffload.LaunchTime"/>).</summary>
    TxLaunchTime = 1 << 5,

    /// <summary>Tells when a frame was on the wire (<see cref="TxOffload.TimestampId"/>).</summary>
    TxTimestamp = 1 << 6,

    /// <summary>Verifies IPv4 header, TCP and UDP checksums on receive.</summary>
    RxChecksum = 1 << 8,

    /// <summary>Computes the Toeplitz hash of a flow's addresses and ports on receive.</summary>
    RxHash = 1 << 9,

    /// <summary>Merges consecutive TCP segments of a flow into one frame on receive (GRO, LRO). Nothing is merged whose checksums are not known to be right.</summary>
    RxCoalesce = 1 << 10,

    /// <summary>Takes the outermost tag (802.1Q, 802.1ad) out of received frames (<see cref="RxOffload.VlanStripped"/>).</summary>
    RxVlanStrip = 1 << 11,

    /// <summary>Tells when a frame came (<see cref="RxOffload.Timestamp"/>).</summary>
    RxTimestamp = 1 << 16,

    /// <summary>What only a device with a clock at the wire can do: software does not stand in for it.</summary>
    Timed = TxLaunchTime | TxTimestamp | RxTimestamp,

    /// <summary>Transmit segmentation of every kind.</summary>
    TxSegmentation = TxSegmentationTcp4 | TxSegmentationTcp6 | TxSegmentationUdp,

    /// <summary>Every feature that software can stand in for.</summary>
    All = TxChecksum | TxSegmentation | TxVlanInsert | RxChecksum | RxHash | RxCoalesce | RxVlanStrip,
}

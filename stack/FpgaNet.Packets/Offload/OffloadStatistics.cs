namespace FpgaNet.Packets.Offload;

/// <summary>What the CPU did in a device's place, since the beginning. Counted by the device's one thread; may be read from any.</summary>
public sealed class OffloadStatistics
{
    /// <summary>Transport checksums computed for frames going out.</summary>
    public ulong ChecksumsComputed;

    /// <summary>Transport checksums verified in frames that came in.</summary>
    public ulong ChecksumsVerified;

    /// <summary>Of those, wrong ones.</summary>
    public ulong ChecksumsBad;

    /// <summary>IPv4 header checksums verified.</summary>
    public ulong NetworkChecksumsVerified;

    /// <summary>Of those, wrong ones.</summary>
    public ulong NetworkChecksumsBad;

    /// <summary>Bytes that went through the sum kernels.</summary>
    public ulong BytesSummed;

    /// <summary>Large frames cut.</summary>
    public ulong FramesSegmented;

    /// <summary>Segments that they became.</summary>
    public ulong SegmentsMade;

    /// <summary>802.1Q tags inserted.</summary>
    public ulong VlanTagsInserted;

    /// <summary>Tags taken out of received frames.</summary>
    public ulong VlanTagsStripped;

    /// <summary>Receive hashes computed.</summary>
    public ulong Hashes;

    /// <summary>Received segments that joined the one before them.</summary>
    public ulong SegmentsCoalesced;

    /// <summary>Headers copied because somebody else held them, or to make room for a tag.</summary>
    public ulong HeadersCopied;

    /// <summary>Payloads copied because they lay in more slices than a frame holds.</summary>
    public ulong PayloadsCopied;

    /// <summary>Frames dropped: what they owed was not allowed, or made no sense.</summary>
    public ulong TransmitRefused;
}

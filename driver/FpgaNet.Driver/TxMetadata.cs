using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver;

/// <summary>What is owed to a frame, in the card's words.</summary>
internal static class TxMetadata
{
    /// <summary>The header that goes before a frame's bytes.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="slices">Slices that follow in a ring; 0 where there is none.</param>
    public static TxHeader Header(in TxFrame frame, int slices)
    {
        var header = new TxHeader { Length = (uint)frame.Frame.Length, SliceCount = (uint)slices };
        ref readonly TxOffload offload = ref frame.Offload;
        if (offload.Checksum)
        {
            header.Checksum = true;
            header.ChecksumZeroAsOnes = offload.ChecksumZeroAsOnes;
            header.ChecksumStart = offload.ChecksumStart;
            header.ChecksumOffset = offload.ChecksumOffset;
        }

        if (offload.InsertVlan)
        {
            header.InsertVlan = true;
            header.VlanTag = offload.VlanTag;
        }

        if (offload.Segmentation != Segmentation.None)
        {
            header.Segmentation = (uint)offload.Segmentation;
            header.MaximumSegmentSize = offload.MaximumSegmentSize;
            header.NetworkOffset = offload.NetworkOffset;
            header.HeaderLength = offload.HeaderLength;
        }

        header.Launch = offload.LaunchTime != 0;
        header.Timestamp = offload.TimestampId != 0;
        return header;
    }
}

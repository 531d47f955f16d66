using FpgaNet.Packets.Offload;

namespace FpgaNet.Packets.Devices;

/// <summary>Questions that every device asks about a frame on its way out.</summary>
public static class TxFrameExtensions
{
    /// <summary>The features that a device must have switched on to pay what is owed.</summary>
    /// <param name="offload">The debt.</param>
    /// <returns><see cref="OffloadFeatures.None"/> when nothing is owed.</returns>
    public static OffloadFeatures RequiredFeatures(this in TxOffload offload)
    {
        OffloadFeatures features = offload.Segmentation switch
        {
            Segmentation.Tcp4 => OffloadFeatures.TxSegmentationTcp4,
            Segmentation.Tcp6 => OffloadFeatures.TxSegmentationTcp6,
            Segmentation.Udp4 or Segmentation.Udp6 => OffloadFeatures.TxSegmentationUdp,
            _ => OffloadFeatures.None,
        };
        if (offload.Checksum)
        {
            features |= OffloadFeatures.TxChecksum;
        }

        if (offload.InsertVlan)
        {
            features |= OffloadFeatures.TxVlanInsert;
        }

        return features;
    }
}

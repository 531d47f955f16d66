using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver;

/// <summary>What the card has found out about a frame, in the words of the offload contract.</summary>
internal static class RxMetadata
{
    /// <summary>Reads the card's words.</summary>
    /// <returns>False when they point outside the frame or mean nothing: whoever trusted them would read outside the frame, so nothing is known then.</returns>
    public static bool TryRead(in RxCompletion completion, int length, out RxOffload offload)
    {
        offload = new RxOffload
        {
            Timestamp = (long)(((ulong)completion.TimestampHigh << 32) | completion.TimestampLow),
            Network = (NetworkProtocol)completion.Network,
            Transport = (TransportProtocol)completion.Transport,
            NetworkChecksum = (ChecksumVerdict)completion.NetworkChecksum,
            TransportChecksum = (ChecksumVerdict)completion.TransportChecksum,
            NetworkOffset = (byte)completion.NetworkOffset,
            TransportOffset = (byte)completion.TransportOffset,
            Fragment = completion.Fragment,
            HasVlan = completion.HasVlan,
            VlanTag = (ushort)completion.VlanTag,
            VlanStripped = completion.VlanStripped,
            FlowMatched = completion.FlowMatched,
            FlowId = (ushort)completion.FlowId,
            Queue = (ushort)completion.Queue,
            HashType = (RssHashType)completion.HashType,
            Hash = completion.Hash,
            CoalescedSegments = (ushort)completion.CoalescedSegments,
            SegmentSize = (ushort)completion.SegmentSize,
        };
        if (offload.Network <= NetworkProtocol.Arp && offload.Transport <= TransportProtocol.Icmp && offload.HashType <= RssHashType.UdpIPv6
            && (offload.HasVlan || !offload.VlanStripped)
            && offload.NetworkChecksum <= ChecksumVerdict.Bad && offload.TransportChecksum <= ChecksumVerdict.Bad
            && offload.NetworkOffset <= length && offload.TransportOffset <= length && (offload.CoalescedSegments <= 1 || offload.SegmentSize != 0))
        {
            return true;
        }

        offload = default;
        return false;
    }
}

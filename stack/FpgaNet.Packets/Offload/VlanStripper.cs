using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Offload;

/// <summary>Takes the outermost tag out of a received frame, as the card does (hdl/rtl/rx/fn_rx_vlan): it then stands in <see cref="RxOffload.VlanTag"/> alone.</summary>
internal static class VlanStripper
{
    private const int AddressesLength = 2 * MacAddress.Length;

    /// <summary>Takes the tag out. The addresses are moved, so a frame whose first buffer somebody else holds too keeps its tag.</summary>
    /// <returns>Whether there was a tag that could be taken out.</returns>
    public static bool TryStrip(ref Frame frame, ref RxOffload offload)
    {
        if (frame.SliceCount == 0 || offload.VlanStripped)
        {
            return false;
        }

        Span<byte> header = frame.Header.Span;
        if (header.Length < EthernetHeader.Length + VlanTag.Length
            || !VlanTag.Follows((EtherType)BinaryPrimitives.ReadUInt16BigEndian(header[AddressesLength..])) || frame.Header.Buffer.References != 1)
        {
            return false;
        }

        offload.HasVlan = true;
        offload.VlanTag = BinaryPrimitives.ReadUInt16BigEndian(header[EthernetHeader.Length..]);
        offload.VlanStripped = true;
        offload.NetworkOffset -= (byte)(offload.NetworkOffset != 0 ? VlanTag.Length : 0);
        offload.TransportOffset -= (byte)(offload.TransportOffset != 0 ? VlanTag.Length : 0);
        header[..AddressesLength].CopyTo(header[VlanTag.Length..]);
        frame.RemoveFront(VlanTag.Length);
        return true;
    }
}

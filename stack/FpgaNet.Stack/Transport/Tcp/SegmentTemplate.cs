using System.Buffers.Binary;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Headers of a connection's segments that have time stamps or no options: nearly all there are. <see cref="TcpHeader"/> writes the others field by field.</summary>
/// <param name="key">The connection.</param>
internal readonly struct SegmentTemplate(in FlowKey key)
{
    /// <summary>Bytes in the longer header.</summary>
    public const int MaximumLength = 32;

    // NOP, NOP, kind 8, length 10: RFC 7323 appendix A.
    private const uint AlignedTimestamps = 0x0101_080A;

    private readonly uint _ports = ((uint)key.LocalPort << 16) | key.RemotePort;
    private readonly uint _pseudoSum = InternetChecksum.PseudoHeader(key.Local, key.Remote, IpProtocol.Tcp, 0);

    /// <summary>Writes a header. The checksum is left owing.</summary>
    /// <param name="header">Receives it; <see cref="MaximumLength"/> bytes.</param>
    /// <param name="sequence">SEG.SEQ.</param>
    /// <param name="acknowledgment">SEG.ACK.</param>
    /// <param name="flags">Control bits.</param>
    /// <param name="window">SEG.WND as it stands there.</param>
    /// <param name="urgentPointer">SEG.UP.</param>
    /// <param name="payload">Bytes behind the header.</param>
    /// <param name="timestamps">TSval in the upper half, TSecr in the lower; null: none.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> header, SequenceNumber sequence, SequenceNumber acknowledgment, TcpFlags flags, ushort window, ushort urgentPointer, int payload, ulong? timestamps)
    {
        header = header[..MaximumLength];
        int length = timestamps.HasValue ? MaximumLength : TcpHeader.MinimumLength;
        ushort checksum = InternetChecksum.Fold(_pseudoSum + (uint)(length + payload));
        uint control = ((uint)length << 26) | ((uint)flags << 16) | window;
        BinaryPrimitives.WriteUInt64BigEndian(header, ((ulong)_ports << 32) | sequence.Value);
        BinaryPrimitives.WriteUInt64BigEndian(header[8..], ((ulong)acknowledgment.Value << 32) | control);
        BinaryPrimitives.WriteUInt64BigEndian(header[16..], ((ulong)checksum << 48) | ((ulong)urgentPointer << 32) | AlignedTimestamps);
        BinaryPrimitives.WriteUInt64BigEndian(header[24..], timestamps.GetValueOrDefault());
        return length;
    }
}

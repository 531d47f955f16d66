using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>A segment that arrived, with the RFC's names: SEG.SEQ, SEG.ACK, SEG.LEN and so on (RFC 9293 §3.3.1).</summary>
internal ref struct TcpSegment
{
    public ref RxFrame Frame;
    public SequenceNumber Sequence;
    public SequenceNumber Acknowledgment;
    public TcpFlags Flags;
    public int Window; // as it stands in the header
    public SequenceNumber UrgentMark; // the last urgent byte, when URG is set
    public int PayloadOffset; // from the frame's start
    public int PayloadLength;
    public int SourceRouteOffset; // of the option with the way that it took, from the frame's start; 0: none
    public TcpOptions Options;
    public bool IsMarked; // a router has marked it: congestion experienced (RFC 3168 §5)
    public bool IsTrimmed; // it carried something that was cut off: no duplicate acknowledgement (RFC 5681 §2)

    public bool SetsTimestamp; // its time stamp is to become TS.Recent, if its acknowledgement number is acceptable

    public readonly bool Has(TcpFlags flag) => (Flags & flag) != TcpFlags.None;

    /// <summary>SEG.SEQ + SEG.LEN.</summary>
    public readonly SequenceNumber End => Sequence + PayloadLength + (Has(TcpFlags.Syn) ? 1 : 0) + (Has(TcpFlags.Fin) ? 1 : 0);

    /// <summary>Cuts bytes off the front of the payload.</summary>
    public void TrimFront(int count)
    {
        Sequence += count;
        PayloadOffset += count;
        PayloadLength -= count;
    }
}

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What routers say of segments that were too large (RFC 1191, RFC 8201; RFC 5927 §7 on whom to believe).</summary>
internal sealed partial class TcpConnection
{
    /// <summary>Whether a segment that begins here is on its way: an ICMP error about any other is forged or too late (RFC 5927 §4.1).</summary>
    public bool HasSent(SequenceNumber sequence) => sequence >= _una && sequence < _max;

    /// <summary>The path carries packets of so many bytes.</summary>
    public void PathMtuChanged(int mtu)
    {
        int segment = Math.Max(mtu - _path.HeaderLength - Packets.Wire.TcpHeader.MinimumLength - (_timestamps ? TimestampsLength : 0), 32);
        if (segment < _segment)
        {
            _segment = segment;
            _congestion.SegmentSizeChanged(segment);
            _tcp.MakePending(this);
        }
    }
}

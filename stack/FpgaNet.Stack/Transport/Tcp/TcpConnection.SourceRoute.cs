using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Answering over the way that the peer's segments take (RFC 9293 §3.9.2.1), where <see cref="NetworkOptions.SourceRouting"/> lets it.</summary>
internal sealed partial class TcpConnection
{
    private bool _isPassive; // who has opened actively has chosen the way, and his choice goes before the peer's (MUST-52)

    /// <summary>An acceptable segment came by a source route: from now on ours go back along it (MUST-53), a later one going before an earlier (SHLD-24).</summary>
    private void TakeSourceRoute(in TcpSegment segment)
    {
        if (!_isPassive || _tcp.PathBack(Key, segment, _path) is not { IsGroup: false } path || path == _path)
        {
            return;
        }

        // RFC 9293 §3.7.1: the larger the header, the smaller the segments.
        _largestSegment = Math.Max(_largestSegment + _path.HeaderLength - path.HeaderLength, LeastSegment);
        _tcp.Ip.Destinations.Hold(path);
        _tcp.Ip.Destinations.Release(_path);
        _path = path;
        UseMtu(_mtu);
    }
}

using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// How much a connection may hold: its buffers grow with what path and application do (<see cref="ReceiveBufferTuning"/>; the send buffer with the congestion window) unless
/// their sizes were fixed, and shrink while memory is short (<see cref="TcpMemory"/>). What was offered is never taken back (RFC 9293 §3.8.6, SHLD-14).
/// </summary>
internal sealed partial class TcpConnection
{
    private const int LeastBuffer = 2048;

    private ReceiveBufferTuning _receiveTuning;
    private int _receiveBuffer;
    private bool _isReceiveFixed;
    private bool _isSendFixed;

    /// <summary>Most bytes kept for the application. Setting it, as SO_RCVBUF, ends the tuning; what the window scale cannot express is not used.</summary>
    public int ReceiveBufferSize
    {
        get => _receiveBuffer;
        set
        {
            _isReceiveFixed = true;
            _receiveBuffer = Math.Clamp(value, LeastBuffer, Math.Max(_settings.MaximumReceiveBufferSize, LeastBuffer));
            if (IsSynchronized)
            {
                ConsiderWindowUpdate();
            }
        }
    }

    /// <summary>Most bytes kept until they are acknowledged. Setting it, as SO_SNDBUF, ends the tuning.</summary>
    public int SendBufferSize
    {
        get => _send.Limit;
        set
        {
            _isSendFixed = true;
            _send.Limit = Math.Clamp(value, LeastBuffer, Math.Max(_settings.MaximumSendBufferSize, LeastBuffer));
            Notify(TcpEvents.Writable);
        }
    }

    // While memory is short a window that keeps the connection alive is all there is.
    private int ReceiveLimit => _tcp.Memory.IsShort ? Math.Min(_receiveBuffer, Math.Max(_settings.MinimumReceiveBufferSize, 2 * _receivedSegment)) : _receiveBuffer;

    private ulong BytesRead => _bytesReceived - (uint)_receive.Length;

    // Twice the congestion window: one that is on its way, and one to be at hand when it is acknowledged.
    private void TuneSendBuffer()
    {
        if (!_isSendFixed && _send.Limit < _settings.MaximumSendBufferSize && !_tcp.Memory.IsShort)
        {
            _send.Limit = (int)Math.Clamp(2L * _congestion.CongestionWindow, _send.Limit, _settings.MaximumSendBufferSize);
        }
    }

    private void MeasureReceiverRoundTrip(in TcpSegment segment)
    {
        if (_isReceiveFixed)
        {
            return;
        }

        if (_timestamps)
        {
            _receiveTuning.Echoed(segment.Options.TimestampEchoReply, TimeSpan.FromMilliseconds((int)(TimestampNow - segment.Options.TimestampEchoReply)));
        }
        else
        {
            _receiveTuning.Advanced(_rcvNext, _rcvEdge, _net.Now);
        }
    }

    private void TuneReceiveBuffer()
    {
        if (!_isReceiveFixed && _receiveTuning.IsNews(BytesRead) && _receiveTuning.Took(BytesRead, _receivedSegment, _net.Now) is > 0 and long size && !_tcp.Memory.IsShort)
        {
            _receiveBuffer = (int)Math.Clamp(size, _receiveBuffer, Math.Max(_settings.MaximumReceiveBufferSize, _receiveBuffer));
        }
    }

    /// <summary>Memory is all used: what came out of order goes first, since the peer still has it (RFC 2018 §8).</summary>
    private void Prune()
    {
        if (_reassembly is { IsEmpty: false })
        {
            _net.Counters.Add(StackCounter.TcpPruned);
            _reassembly.Clear();
            _sackList = default;
        }
    }
}

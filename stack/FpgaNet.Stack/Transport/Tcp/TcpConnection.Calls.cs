using System.Net.Sockets;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>User calls (RFC 9293 §3.10.1 to §3.10.6). Who calls flushes the output afterwards.</summary>
internal sealed partial class TcpConnection
{
    private TcpEvents _events;
    private bool _finQueued;
    private bool _detached;

    private bool _moreFollows;

    /// <summary>Send small segments at once (RFC 9293 §3.7.4: Nagle off).</summary>
    public bool NoDelay { get; set; }

    /// <summary>Send no small segments at all (TCP_CORK, tcp(7)), until the retransmission timeout is over with nothing on its way.</summary>
    public bool IsCorked { get; set; }

    /// <summary>Acknowledge every segment at once (TCP_QUICKACK).</summary>
    public bool AcknowledgesAtOnce { get; set; }

    /// <summary>Time to live or hop limit of our packets; 0: the interface's.</summary>
    public byte HopLimit { get; set; }

    /// <summary>The DiffServ code point of our packets, in its place above the two ECN bits (RFC 9293 §3.9.1.8, MUST-48).</summary>
    public byte TrafficClass { get; set; }

    /// <summary>Whether there is something to read.</summary>
    public int Readable => _receive.Length;

    /// <summary>The peer has sent all that it will.</summary>
    public bool IsFinReceived => _finReceived;

    /// <summary>So little may be on its way to us that the application had better read (tcp_epollin_ready() of Linux).</summary>
    public bool IsWindowShut => _rcvEdge - _rcvNext <= _receivedSegment;

    /// <summary>Bytes that were handed over and are not acknowledged (SIOCOUTQ).</summary>
    public int Unsettled => State is TcpState.SynSent or TcpState.SynReceived ? 0 : Math.Max(_send.Length, Unacknowledged);

    /// <summary>All that the peer sent was read.</summary>
    public bool IsAtEnd => _finReceived && _receive.Length == 0;

    /// <summary>Bytes that <see cref="Write(ReadOnlySpan{byte}, bool)"/> would take, as far as the limit goes.</summary>
    public int SendRoom => _send.Room;

    /// <summary>Bytes that were handed over and were never sent (SIOCOUTQNSD).</summary>
    public int Unsent => Math.Max(_send.Length - (_next - _una), 0);

    /// <summary>So many bytes at most are to wait to be sent (TCP_NOTSENT_LOWAT, tcp(7)); it is for the user to ask <see cref="Admits"/>. 0: as many as the buffer takes.</summary>
    public int UnsentLimit
    {
        get;
        set
        {
            field = value;
            Notify(TcpEvents.Writable);
        }
    }

    /// <summary>Bytes that <see cref="UnsentLimit"/> lets the user hand over now: none, or a segment at least.</summary>
    public int Admits => UnsentLimit == 0 ? int.MaxValue : Unsent < UnsentLimit ? Math.Max(UnsentLimit - Unsent, _segment) : 0;

    /// <summary>Less than half of <see cref="UnsentLimit"/> waits, so that handing over is worth while again.</summary>
    public bool IsSentEnough => UnsentLimit == 0 || 2L * Unsent < UnsentLimit;

    /// <summary>Whether data may still be handed over.</summary>
    public bool CanSend => !_finQueued && State is TcpState.SynSent or TcpState.SynReceived or TcpState.Established or TcpState.CloseWait;

    /// <summary>All that was handed over is acknowledged, and our FIN too.</summary>
    public bool IsDelivered => State is TcpState.Closed or TcpState.FinWait2 or TcpState.TimeWait;

    /// <summary>OPEN, active.</summary>
    public void Open()
    {
        State = TcpState.SynSent;
        SendSyn();
    }

    /// <summary>SEND: copies as much as there is room for.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="moreFollows">What is less than a segment waits for more (MSG_MORE, send(2)).</param>
    /// <returns>Bytes taken.</returns>
    public int Write(ReadOnlySpan<byte> data, bool moreFollows = false)
    {
        if (!CanSend)
        {
            return 0;
        }

        _moreFollows = moreFollows;
        int taken = _send.Append(data);
        if (taken < data.Length && _send.Room > 0)
        {
            _tcp.WaitForMemory(this);
        }

        if (taken > 0)
        {
            Output();
        }

        return taken;
    }

    /// <summary>SEND of buffers that the caller gives away: they are sent, and sent again, from where they are, and let go of once they are acknowledged.</summary>
    /// <param name="chain">The buffers; the references of those taken are the connection's.</param>
    /// <param name="moreFollows">As with the other.</param>
    /// <returns>Buffers taken; the last of them may go beyond the limit.</returns>
    public int Write(ReadOnlySpan<BufferSlice> chain, bool moreFollows)
    {
        int taken = 0;
        if (CanSend)
        {
            _moreFollows = moreFollows;
            for (; taken < chain.Length && _send.Room > 0; taken++)
            {
                _send.Append(chain[taken]);
            }

            if (taken > 0)
            {
                Output();
            }
        }

        return taken;
    }

    /// <summary>RECEIVE: moves data to the user and opens the window.</summary>
    public int Read(Span<byte> destination)
    {
        int count = _receive.Read(UpToMark(destination));
        WasRead(count);
        return count;
    }

    /// <summary>Copies what <see cref="Read"/> would give behind so many bytes, and leaves it (MSG_PEEK).</summary>
    /// <param name="offset">Bytes to leave out, within <see cref="RunLength"/>.</param>
    /// <param name="destination">Receives them.</param>
    /// <returns>Bytes copied.</returns>
    public int Peek(int offset, Span<byte> destination)
    {
        int length = Math.Min(RunLength(out int skip) - offset, destination.Length);
        _receive.Peek(skip + offset, destination[..length]);
        return length;
    }

    /// <summary>Throws away what <see cref="Read"/> would give (MSG_TRUNC, tcp(7)).</summary>
    /// <param name="most">Bytes at most.</param>
    /// <returns>Bytes thrown away.</returns>
    public int Discard(int most)
    {
        PassMark();
        int count = Math.Min(RunLength(out _), most);
        _receive.Discard(count);
        WasRead(count);
        return count;
    }

    /// <summary>RECEIVE without a copy: hands the oldest run over with its reference.</summary>
    /// <returns>The run, which ends before a mark; empty when nothing is there.</returns>
    public BufferSlice ReadRun()
    {
        PassMark();
        BufferSlice run = RunLength(out _) is > 0 and int most ? _receive.TakeRun(most) : default;
        WasRead(run.Length);
        return run;
    }

    /// <summary>Sends what was held back (TCP_CORK, TCP_NODELAY), and an acknowledgement that waits (TCP_QUICKACK).</summary>
    public void Push()
    {
        _ackNow |= AcknowledgesAtOnce && _delayedAckDue != Instant.Never;
        Output();
    }

    private void WasRead(int count)
    {
        if (count > 0 && State is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2)
        {
            TuneReceiveBuffer();
            ConsiderWindowUpdate();
            if (_ackNow)
            {
                Output();
            }
        }
    }

    /// <summary>CLOSE: no more will be sent; FIN follows what is queued.</summary>
    public void CloseSend()
    {
        switch (State)
        {
            case TcpState.SynSent:
                Terminate(SocketError.OperationAborted);
                return;
            case TcpState.SynReceived:
                _finQueued = true; // the state follows once we are established
                return;
            case TcpState.Established:
                State = TcpState.FinWait1;
                break;
            case TcpState.CloseWait:
                State = TcpState.LastAck;
                break;
            default:
                return;
        }

        _finQueued = true;
        Output();
    }

    /// <summary>CLOSE is to reset the connection when the peer has not acknowledged everything by then (SO_LINGER); zero at once.</summary>
    public void Linger(TimeSpan time)
    {
        if (State is TcpState.FinWait1 or TcpState.Closing or TcpState.LastAck)
        {
            _lingerDue = _net.Now + time;
            SetTimer();
        }
    }

    /// <summary>The user lets go: CLOSE, and nobody will read any more.</summary>
    public void Detach()
    {
        User = null;
        _detached = true;
        if (State is TcpState.Closed or TcpState.TimeWait)
        {
            _receive.Clear(); // the peer has gone, and TIME-WAIT runs for the connections that come after (RFC 9293 §3.6.1)
            return;
        }

        if (_receive.Length > 0)
        {
            // RFC 9293 §3.6.1 and RFC 2525 §2.17: what was lost must not look as if it had been received.
            Abort();
            return;
        }

        CloseSend();
        if (State == TcpState.FinWait2)
        {
            _lingerDue = _net.Now + (FinWait2 ?? _settings.FinWait2);
            SetTimer();
        }
    }

    /// <summary>ABORT: resets the connection.</summary>
    public void Abort() => End(SocketError.OperationAborted);

    private void End(SocketError error)
    {
        // In CLOSING and LAST-ACK the RFC's ABORT is silent; with a reset the peer knows that it has not got everything.
        if (State is not (TcpState.SynSent or TcpState.TimeWait or TcpState.Closed))
        {
            SendControl(_next, TcpFlags.Rst | TcpFlags.Ack);
            _net.Counters.Add(Network.StackCounter.TcpResetsSent);
        }

        Terminate(error);
    }

    /// <summary>Something below us failed for good: the device, or the way to a peer that we are still connecting to.</summary>
    public void Fail(SocketError error) => Terminate(error);

    /// <summary>Memory or the output queue had been full and may have room now.</summary>
    public void RoomCame()
    {
        if (State != TcpState.Closed)
        {
            Notify(TcpEvents.Writable);
        }
    }

    /// <summary>Served once after a batch: tells the user, then sends what is due.</summary>
    public void Service()
    {
        TcpEvents events = _events;
        _events = TcpEvents.None;
        if (events != TcpEvents.None)
        {
            User?.Signal(events);
        }

        Output();
    }
}

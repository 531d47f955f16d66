using System.Net.Sockets;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>User calls (RFC 9293 §3.10.1 to §3.10.6). Who calls flushes the output afterwards.</summary>
internal sealed partial class TcpConnection
{
    private TcpEvents _events;
    private bool _finQueued;
    private bool _detached;

    /// <summary>Send small segments at once (RFC 9293 §3.7.4: Nagle off).</summary>
    public bool NoDelay { get; set; }

    /// <summary>The DiffServ code point of our packets, in its place above the two ECN bits (RFC 9293 §3.9.1.8, MUST-48).</summary>
    public byte TrafficClass { get; set; }

    /// <summary>Whether there is something to read.</summary>
    public int Readable => _receive.Length;

    /// <summary>All that the peer sent was read.</summary>
    public bool IsAtEnd => _finReceived && _receive.Length == 0;

    /// <summary>Bytes that <see cref="Write"/> would take, as far as the limit goes.</summary>
    public int SendRoom => _send.Room;

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
    /// <returns>Bytes taken.</returns>
    public int Write(ReadOnlySpan<byte> data)
    {
        if (!CanSend)
        {
            return 0;
        }

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

    /// <summary>RECEIVE: moves data to the user and opens the window.</summary>
    public int Read(Span<byte> destination)
    {
        int count = _receive.Read(UpToMark(destination));
        if (count > 0 && State is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2)
        {
            TuneReceiveBuffer();
            ConsiderWindowUpdate();
            if (_ackNow)
            {
                Output();
            }
        }

        return count;
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
        if (State == TcpState.Closed)
        {
            _receive.Clear();
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
            _lingerDue = _net.Now + _settings.FinWait2;
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

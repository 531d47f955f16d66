using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// Urgent data (RFC 9293 §3.8.5, RFC 6093): a mark in the stream, nothing more. The pointer in a header tells the byte behind the urgent ones (MUST-62); the mark that an
/// application sees is the last urgent byte, as with other hosts' SIOCATMARK.
/// </summary>
internal sealed partial class TcpConnection
{
    private UrgentData? _urgent;

    /// <summary>Leave the urgent byte in the stream (RFC 6093 §6); otherwise it is taken out, and <see cref="TryTakeUrgentByte"/> has it.</summary>
    public bool UrgentInline { get; set; } = true;

    /// <summary>Urgent data is announced, and the application has neither taken it nor read beyond the mark.</summary>
    public bool IsUrgentPending => _urgent is { HasMark: true, IsTaken: false };

    /// <summary>The marked byte has come and was not taken yet.</summary>
    public bool HasUrgentByte => IsUrgentPending && _urgent!.Mark < _rcvNext + (_finReceived ? -1 : 0);

    /// <summary>Bytes that are still to be read up to the last urgent one, itself counted (MUST-33); 0: nothing is urgent.</summary>
    public int UrgentBytes => _urgent is { HasMark: true } urgent ? Math.Max(urgent.Mark - ReadPosition + 1, 0) : 0;

    /// <summary>The next byte to be read is the marked one (SIOCATMARK).</summary>
    public bool IsAtMark => _urgent is { HasMark: true } urgent && ReadPosition == urgent.Mark;

    // Where the application reads.
    private SequenceNumber ReadPosition => _rcvNext + -(_receive.Length + (_finReceived ? 1 : 0));

    private bool SendsUrgent => _urgent is { Sends: true };

    /// <summary>SEND with the URGENT flag: the last byte that is taken becomes the mark.</summary>
    /// <returns>Bytes taken.</returns>
    public int WriteUrgent(ReadOnlySpan<byte> data)
    {
        int taken = CanSend ? _send.Append(data) : 0;
        if (taken < data.Length && _send.Room > 0)
        {
            _tcp.WaitForMemory(this);
        }

        if (taken > 0)
        {
            _urgent ??= new UrgentData();
            _urgent.Sends = true;
            _urgent.SendUp = (IsSynchronized ? _una : Iss + 1) + _send.Length;
            Output();
            if (IsSynchronized && _next < _urgent.SendUp)
            {
                SendAcknowledgment(); // the window is closed, and yet the peer shall know
            }
        }

        return taken;
    }

    /// <summary>The marked byte, when it is to be had apart from the stream and has come.</summary>
    public bool TryTakeUrgentByte(out byte value)
    {
        value = 0;
        if (UrgentInline || _urgent is not { } urgent)
        {
            return false;
        }

        if (urgent.Byte >= 0)
        {
            value = (byte)urgent.Byte;
            urgent.Byte = -1;
            return true;
        }

        if (!urgent.HasMark || urgent.IsTaken || urgent.Mark >= _rcvNext)
        {
            return false;
        }

        value = _receive.Peek(urgent.Mark - ReadPosition);
        urgent.IsTaken = true;
        return true;
    }

    /// <summary>Bytes that may be read before a mark, or all when there is none (FIONREAD: tcp_inq() of Linux).</summary>
    public int BytesToMark => !UrgentInline && _urgent is { HasMark: true } urgent && urgent.Mark - ReadPosition is >= 0 and int before && before < _receive.Length ? before : _receive.Length;

    /// <summary>The marked byte, which stays; it must have come (<see cref="HasUrgentByte"/>).</summary>
    public byte PeekUrgentByte() => _receive.Peek(_urgent!.Mark - ReadPosition);

    /// <summary>Bytes that may be read in one go, as <see cref="Read"/> does: never across the mark.</summary>
    /// <param name="skip">Receives how many bytes at the front are no part of the stream: the marked one, when it is to be had apart.</param>
    public int RunLength(out int skip)
    {
        skip = 0;
        if (_urgent is not { HasMark: true } urgent)
        {
            return _receive.Length;
        }

        int before = urgent.Mark - ReadPosition;
        if (before != 0 || _receive.Length == 0)
        {
            return Math.Clamp(before, 0, _receive.Length);
        }

        skip = UrgentInline ? 0 : 1;
        return _receive.Length - skip;
    }

    // RFC 9293 §3.10.7.4, sixth.
    private void TakeUrgentPointer(in TcpSegment segment)
    {
        SequenceNumber mark = segment.UrgentMark;
        if (State is not (TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2) || mark < ReadPosition || _urgent is { HasMark: true } known && mark <= known.Mark)
        {
            return;
        }

        _urgent ??= new UrgentData();
        _urgent.HasMark = true;
        _urgent.IsTaken = false;
        _urgent.Mark = mark;
        Notify(TcpEvents.Urgent);
    }

    /// <summary>Bytes that may be read in one go: never across the mark, so that the application can see it.</summary>
    private Span<byte> UpToMark(Span<byte> destination) =>
        _urgent is { HasMark: true } urgent ? UpToMark(urgent, destination) : destination;

    private Span<byte> UpToMark(UrgentData urgent, Span<byte> destination)
    {
        PassMark();
        return urgent.HasMark ? destination[..Math.Min(destination.Length, Math.Max(urgent.Mark - ReadPosition, 0))] : destination;
    }

    // A read that begins at the mark goes beyond it.
    private void PassMark()
    {
        if (_urgent is not { HasMark: true } urgent || urgent.Mark != ReadPosition || _receive.Length == 0)
        {
            return;
        }

        urgent.HasMark = false;
        if (!UrgentInline)
        {
            Span<byte> marked = stackalloc byte[1];
            _receive.Read(marked);
            urgent.Byte = urgent.IsTaken ? urgent.Byte : marked[0];
        }
    }

    /// <summary>The urgent pointer of a segment to be sent, or 0.</summary>
    private ushort UrgentPointer(SequenceNumber sequence, ref TcpFlags flags)
    {
        if (_urgent is not { Sends: true } urgent)
        {
            return 0;
        }

        urgent.Sends = urgent.SendUp > _una;
        int ahead = urgent.SendUp - sequence;
        if (!urgent.Sends || ahead <= 0 || (flags & (TcpFlags.Syn | TcpFlags.Rst)) != TcpFlags.None)
        {
            return 0;
        }

        flags |= TcpFlags.Urg;
        return (ushort)Math.Min(ahead, ushort.MaxValue);
    }
}

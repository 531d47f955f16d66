using System.Runtime.InteropServices;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver.Pipe;

/// <summary>
/// The one queue pair of a card on USB. A frame that goes out is cut into parts as the card's buffer has room, so that no packet of its own kind
/// or another is ever stuck behind one that the card cannot take; frames that came in wait in a ring.
/// </summary>
internal sealed class PipeQueuePair : IQueuePair
{
    private const int SequenceLength = 1;
    private const int LaunchLength = 8;
    private const int HeaderLength = TxHeader.ByteLength + LaunchLength;
    private const int PartsInBuffer = 4;

    private readonly PipeLink _link;
    private readonly BufferPool _receivePool;
    private readonly DriverCounters _counters;
    private readonly PartLedger _ledger = new();
    private readonly ProgressWatch _progress;
    private readonly TransmitTimestamps _timestamps;
    private readonly RxFrame[] _received;
    private uint _receivedHead;
    private uint _receivedTail;
    private int _finished;
    private int _partLength;

    // The frame that is on its way, and how much of it has gone.
    private TxFrame _sending;
    private int _sent;
    private bool _isSending;
    private int _armed;

    public PipeQueuePair(PipeLink link, BufferPool receivePool, DriverCounters counters, FpgaNicOptions options)
    {
        _link = link;
        _receivePool = receivePool;
        _counters = counters;
        _received = new RxFrame[1 << options.RxRingLog2];
        _progress = new ProgressWatch(options.TimeProvider, options.StuckTimeout);
        _timestamps = new TransmitTimestamps(counters);
    }

    public CardFault? Fault { get; private set; }

    public int InFlight => _ledger.Frames + (_isSending ? 1 : 0);

    public Action? Signal { get; set; }

    /// <summary>No frame more can be kept until some are taken.</summary>
    public bool IsFull => _receivedTail - _receivedHead == (uint)_received.Length;

    private bool HasRoom => !_isSending && _ledger.Frames < PartLedger.MaxFrames && _ledger.MaySend(SequenceLength + HeaderLength + _partLength);

    /// <summary>Starts empty, with a card that is fresh from reset.</summary>
    /// <param name="bufferBytes">Bytes that its transmit buffer holds.</param>
    /// <param name="packets">Packets that it holds.</param>
    public void Start(int bufferBytes, int packets)
    {
        lock (_link.Gate)
        {
            Fault = null;
            _ledger.Restart(bufferBytes, packets);
            _partLength = (bufferBytes / PartsInBuffer) - SequenceLength - HeaderLength;
            _progress.Begin();
        }
    }

    public bool TryAdd(in TxFrame frame)
    {
        lock (_link.Gate)
        {
            if (!HasRoom)
            {
                return false;
            }

            if (_ledger.Frames == 0)
            {
                _progress.Begin();
            }

            _sending = frame;
            _sent = 0;
            _isSending = true;
            if (SendParts() || _sent != 0)
            {
                return true;
            }

            // Not a byte of it could go: it stays the caller's.
            _isSending = false;
            return false;
        }
    }

    public void Post()
    {
        lock (_link.Gate)
        {
            _link.Submit();
        }
    }

    public int Reap()
    {
        lock (_link.Gate)
        {
            Look();
            int finished = _finished;
            _finished = 0;
            return finished;
        }
    }

    public bool TryTakeTimestamp(out TransmitTimestamp timestamp)
    {
        lock (_link.Gate)
        {
            return _timestamps.TryTake(out timestamp);
        }
    }

    public int Receive(Span<RxFrame> frames)
    {
        int count = 0;
        lock (_link.Gate)
        {
            Look();
            while (count < frames.Length && _receivedHead != _receivedTail)
            {
                frames[count++] = _received[_receivedHead++ % (uint)_received.Length];
                _counters.RxFrames++;
                _counters.RxBytes += (ulong)frames[count - 1].Frame.Length;
            }
        }

        return count;
    }

    public bool Arm(bool room)
    {
        Interlocked.Exchange(ref _armed, 1);
        lock (_link.Gate)
        {
            Look();
            return _receivedHead != _receivedTail || (room && HasRoom) || Fault is not null;
        }
    }

    /// <summary>Something has come, or gone; from any thread.</summary>
    public void OnSignal()
    {
        if (Volatile.Read(ref _armed) != 0 && Interlocked.Exchange(ref _armed, 0) != 0)
        {
            Signal?.Invoke();
        }
    }

    /// <summary>A received frame: its completion and its bytes.</summary>
    public void OnReceived(ReadOnlySpan<byte> packet)
    {
        RxCompletion completion = MemoryMarshal.Read<RxCompletion>(packet);
        ReadOnlySpan<byte> bytes = packet[RxCompletion.ByteLength..];
        if (bytes.Length != completion.Length || bytes.Length > _receivePool.BufferSize || bytes.Length < FpgaNic.HeaderLength)
        {
            _counters.CountRxError(Status.LengthMismatch);
        }
        else if (IsFull || _receivePool.TryRent() is not { } buffer)
        {
            _counters.RxNoBuffer++;
        }
        else
        {
            ref RxFrame frame = ref _received[_receivedTail++ % (uint)_received.Length];
            var slice = new BufferSlice(buffer, 0, bytes.Length);
            bytes.CopyTo(slice.Span);
            frame.Frame = new Frame(slice);
            if (!RxMetadata.TryRead(completion, bytes.Length, out frame.Offload))
            {
                _counters.RxBadMetadata++;
            }
        }
    }

    public void OnCredit(byte sequence) => _ledger.Credit(sequence);

    public void OnTransmitted(byte sequence, Status status, long timestamp)
    {
        (int lost, bool found, ushort timestampId) = _ledger.Report(sequence);
        _finished += lost + (found ? 1 : 0);
        _counters.TxLostOnPipe += (ulong)lost;
        if (found && status != Status.Ok)
        {
            _counters.CountTxError(status);
        }

        if (timestampId != 0)
        {
            _timestamps.Add(new TransmitTimestamp(timestampId, timestamp));
        }
    }

    /// <summary>A packet with a right check that means nothing.</summary>
    public void OnUnknown() => _counters.CountRxError(Status.Unsupported);

    /// <summary>Looks for what a sound card does not do.</summary>
    /// <param name="held">The other side holds the transmitter.</param>
    public CardFault? Check(bool held)
    {
        lock (_link.Gate)
        {
            Look();
            if (Fault is null && _progress.IsStuck(InFlight != 0 && !held, _ledger.Progress + _ledger.Next))
            {
                Fault = new CardFault(Misbehaviour.TransmitStuck, _ledger.Next);
            }

            return Fault;
        }
    }

    /// <summary>Forgets the frames under way both ways.</summary>
    /// <returns>How many that were to be sent.</returns>
    public int Abandon()
    {
        lock (_link.Gate)
        {
            int lost = InFlight;
            if (_isSending)
            {
                _sending.Frame.Release();
                _isSending = false;
            }

            while (_receivedHead != _receivedTail)
            {
                _received[_receivedHead++ % (uint)_received.Length].Frame.Release();
            }

            _ledger.Restart(0, 0);
            return lost;
        }
    }

    private void Look()
    {
        _link.Poll(dropFrames: false);
        _counters.RxBadPackets = _link.BadPackets;
        if (_isSending && SendParts())
        {
            _link.Submit();
        }

        if (Fault is null && _link.Error is { IsError: true } error)
        {
            Fault = new CardFault(Misbehaviour.NoAnswer, (uint)error.Errno);
        }
    }

    /// <summary>Sends of the frame at hand what the card has room for.</summary>
    /// <returns>True when that was the rest.</returns>
    private bool SendParts()
    {
        int total = _sending.Frame.Length;
        while (_sent < total)
        {
            bool first = _sent == 0;
            int count = Math.Min(total - _sent, _partLength);
            int length = SequenceLength + (first ? HeaderLength : 0) + count;
            if (!_ledger.MaySend(length) || !_link.TryReserve(1 + length, out Span<byte> space))
            {
                _link.Submit();
                return false;
            }

            bool last = _sent + count == total;
            var packet = new PacketEncoder(space);
            packet.Write([(byte)((int)UsbPacket.Transmit | (first ? 1 : 0) | (last ? 2 : 0)), _ledger.Next]);
            if (first)
            {
                TxHeader header = TxMetadata.Header(_sending, slices: 0);
                packet.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<TxHeader>(in header)));
                packet.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in _sending.Offload.LaunchTime)));
            }

            WriteBytes(ref packet, _sent, count);
            _link.Advance(packet.End());
            _ledger.Send(length, last, _sending.Offload.TimestampId);
            _sent += count;
        }

        _sending.Frame.Release();
        _isSending = false;
        return true;
    }

    private void WriteBytes(ref PacketEncoder packet, int offset, int count)
    {
        for (int i = 0; count > 0; i++)
        {
            Span<byte> slice = _sending.Frame[i].Span;
            if (offset >= slice.Length)
            {
                offset -= slice.Length;
                continue;
            }

            ReadOnlySpan<byte> part = slice[offset..];
            part = part[..Math.Min(part.Length, count)];
            packet.Write(part);
            count -= part.Length;
            offset = 0;
        }
    }
}

namespace FpgaNet.Driver.Pipe;

/// <summary>
/// What the host may still send before the card says that room has come, and which frames it has not reported on. Sequence numbers count
/// packets Transmit modulo 256; fewer than 128 are outstanding, so that before and behind can be told.
/// </summary>
internal sealed class PartLedger
{
    /// <summary>Frames without a report at most.</summary>
    public const int MaxFrames = 100;

    private readonly int[] _partBytes = new int[256];
    private readonly byte[] _frameEnds = new byte[256];
    private readonly ushort[] _timestampIds = new ushort[256];
    private int _bufferBytes;
    private int _packets;
    private byte _oldestPart;
    private byte _firstFrame;
    private byte _lastFrame;
    private int _bytes;

    /// <summary>Number of the next part.</summary>
    public byte Next { get; private set; }

    /// <summary>Frames without a report.</summary>
    public int Frames => (byte)(_lastFrame - _firstFrame);

    /// <summary>Parts in the card's buffer, as far as is known.</summary>
    public int Parts => (byte)(Next - _oldestPart);

    /// <summary>Counts reports, for whoever watches progress.</summary>
    public uint Progress { get; private set; }

    /// <summary>Everything was forgotten at both ends.</summary>
    /// <param name="bufferBytes">Bytes that the card's buffer holds.</param>
    /// <param name="packets">Parts that it holds.</param>
    public void Restart(int bufferBytes, int packets)
    {
        _bufferBytes = bufferBytes;
        _packets = Math.Min(packets, MaxFrames);
        Next = 0;
        _oldestPart = 0;
        _firstFrame = 0;
        _lastFrame = 0;
        _bytes = 0;
    }

    /// <summary>A part of so many bytes may be sent.</summary>
    public bool MaySend(int bytes) => Parts < _packets && _bytes + bytes <= _bufferBytes;

    /// <summary>A part was sent with the number <see cref="Next"/>.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="endsFrame">It was its frame's last.</param>
    /// <param name="timestampId">The frame's <see cref="Packets.Offload.TxOffload.TimestampId"/>.</param>
    public void Send(int bytes, bool endsFrame, ushort timestampId)
    {
        _partBytes[Next] = bytes;
        _bytes += bytes;
        if (endsFrame)
        {
            _timestampIds[_lastFrame] = timestampId;
            _frameEnds[_lastFrame++] = Next;
        }

        Next++;
    }

    /// <summary>The card says that a part, and so all before it, has left its buffer.</summary>
    public void Credit(byte sequence)
    {
        if ((byte)(sequence - _oldestPart) >= Parts)
        {
            return; // told before, or never sent
        }

        do
        {
            _bytes -= _partBytes[_oldestPart];
        }
        while (_oldestPart++ != sequence);
    }

    /// <summary>The card reports on the frame whose last part had this number. Those before it are lost, if no report came of them.</summary>
    /// <returns>How many were lost, whether there is such a frame, and its <see cref="Packets.Offload.TxOffload.TimestampId"/>.</returns>
    public (int Lost, bool Found, ushort TimestampId) Report(byte sequence)
    {
        int lost = 0;
        while (Frames != 0)
        {
            sbyte ahead = (sbyte)(sequence - _frameEnds[_firstFrame]);
            if (ahead < 0)
            {
                break;
            }

            ushort timestampId = _timestampIds[_firstFrame++];
            Progress++;
            if (ahead == 0)
            {
                return (lost, true, timestampId);
            }

            lost++;
        }

        return (lost, false, 0);
    }
}

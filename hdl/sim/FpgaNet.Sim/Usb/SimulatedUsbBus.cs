using System.Buffers.Binary;
using FpgaNet.Driver.Usb;

namespace FpgaNet.Sim.Usb;

/// <summary>
/// The host controller and the USB half of the chip: transfers that are in flight are served packet by packet, to and fro in turn, at the bus's pace. Packets to
/// the host begin with two bytes of status; a short one ends a transfer. With an FT600 or FT601 there is no status, and each transfer to the host has to be asked for first.
/// </summary>
internal sealed class SimulatedUsbBus(Ft245ChipOptions options)
{
    // Tokens, handshakes and gaps of a packet, as bytes of bus time (USB 2.0 table 5-10).
    private const int PacketOverhead = 55;
    private const byte OutEndpoint = 0x02;
    private const byte RequestEndpoint = 0x01;
    private const int RequestLength = 20;
    private const byte ReadCommand = 1;

    // What the chip says of its lines: clear to send, data set ready and so on; and transmitter empty.
    private const byte ModemStatus = 0x32;
    private const byte LineStatus = 0x60;

    private readonly byte _inEndpoint = (byte)(options.IsFt600 ? 0x82 : 0x81);
    private readonly int _packetLength = options.IsFt600 ? 1024 : 512;
    private readonly int _statusLength = options.IsFt600 ? 0 : 2;
    private readonly Lock _lock = new();
    private readonly Queue<UsbTransfer> _requests = new();

    // Lengths of the transfers to the host that were asked for.
    private readonly Queue<int> _wanted = new();
    private readonly Queue<UsbTransfer> _in = new();
    private readonly Queue<UsbTransfer> _out = new();
    private readonly List<UsbTransfer> _ended = [];
    private Ft245Chip? _chip;
    private long _nextPacket;
    private long _lastIn;
    private long _latency = 16_000_000 / SimulatedBoard.NanosecondsPerCycle;
    private int _sentOfOut;
    private int _receivedOfIn;
    private bool _inTurn;
    private bool _fifoMode;

    public UsbCounters Counters { get; } = new();

    public Ft245ChipOptions Options => options;

    /// <summary>Takes the transfers that have ended; on the board's thread.</summary>
    public Action<UsbTransfer>? Completed { get; set; }

    /// <summary>The chip does not answer any more: its plug was pulled.</summary>
    public bool Unplugged { get; private set; }

    /// <summary>There is nothing to carry to the card.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _out.Count == 0 && _requests.Count == 0 && _ended.Count == 0;
            }
        }
    }

    public IHostPins Attach(VerilatedModel model) => _chip = new Ft245Chip(model, this, options);

    public UsbResult Begin(UsbTransfer transfer)
    {
        if (transfer.Endpoint != _inEndpoint && transfer.Endpoint != OutEndpoint && !(options.IsFt600 && transfer.Endpoint == RequestEndpoint))
        {
            throw new UsbProtocolException($"The chip has no endpoint 0x{transfer.Endpoint:x2}.");
        }

        if (transfer.IsIn && transfer.Length % _packetLength != 0)
        {
            throw new UsbProtocolException($"A transfer of {transfer.Length} bytes from the chip may overflow: it is no multiple of {_packetLength}.");
        }

        lock (_lock)
        {
            if (Unplugged)
            {
                return UsbResult.NoDevice;
            }

            if (transfer.IsPending)
            {
                throw new UsbProtocolException("A transfer was begun twice.");
            }

            transfer.MarkBegun();
            (transfer.IsIn ? _in : transfer.Endpoint == RequestEndpoint ? _requests : _out).Enqueue(transfer);
            return default;
        }
    }

    public UsbResult Control(byte requestType, byte request, ushort value, ushort index)
    {
        const byte VendorToDevice = 0x40;
        const int InterfaceMask = 0xFF;
        lock (_lock)
        {
            if (Unplugged)
            {
                return UsbResult.NoDevice;
            }

            if (options.IsFt600 || requestType != VendorToDevice || (index & InterfaceMask) != 1)
            {
                return UsbResult.Stalled;
            }

            switch (request)
            {
                case 0 when value == 0:
                    _chip!.PurgeFromHost();
                    _chip.PurgeToHost();
                    return default;
                case 0 when value == 1: // as the chip's makers count: what it has received from the card
                    _chip!.PurgeToHost();
                    return default;
                case 0 when value == 2:
                    _chip!.PurgeFromHost();
                    return default;
                case 2 or 6 or 7: // flow control, event and error characters
                    return default;
                case 9 when value is > 0 and <= 255:
                    _latency = value * 1_000_000L / SimulatedBoard.NanosecondsPerCycle;
                    return default;
                case 11 when value >> 8 is 0 or 0x40:
                    _fifoMode = value >> 8 == 0x40;
                    _chip!.SetMode(_fifoMode);
                    return default;
                default:
                    return UsbResult.Stalled;
            }
        }
    }

    /// <summary>Ends all transfers.</summary>
    public void EndAll(UsbResult result)
    {
        lock (_lock)
        {
            foreach (UsbTransfer transfer in _in.Concat(_requests).Concat(_out))
            {
                transfer.MarkCompleted(result);
                _ended.Add(transfer);
            }

            _in.Clear();
            _requests.Clear();
            _out.Clear();
            _sentOfOut = 0;
            _receivedOfIn = 0;
        }
    }

    /// <summary>The port was reset: the chip forgets its mode and its buffers.</summary>
    public UsbResult Reset()
    {
        EndAll(UsbResult.Cancelled);
        lock (_lock)
        {
            if (Unplugged)
            {
                return UsbResult.NoDevice;
            }

            _chip!.SetMode(fifo: options.IsFt600);
            _chip.PurgeFromHost();
            _chip.PurgeToHost();
            _wanted.Clear();
            return default;
        }
    }

    /// <summary>Pulls the plug, or puts it back.</summary>
    public void SetPlugged(bool plugged)
    {
        lock (_lock)
        {
            Unplugged = !plugged;
        }

        if (!plugged)
        {
            EndAll(UsbResult.NoDevice);
            _chip!.SetMode(fifo: false);
        }
    }

    /// <summary>A cycle passes.</summary>
    public void Advance(long cycle)
    {
        if (cycle < _nextPacket)
        {
            return;
        }

        lock (_lock)
        {
            int length = TryRequest() ?? (_inTurn ? TryIn(cycle) ?? TryOut() : TryOut() ?? TryIn(cycle)) ?? -1;
            if (length >= 0)
            {
                _inTurn = !_inTurn;
                _nextPacket = cycle + ((long)options.PacketNanoseconds * (length + PacketOverhead) / (_packetLength + PacketOverhead) / SimulatedBoard.NanosecondsPerCycle);
            }
        }

        Complete();
    }

    /// <summary>Tells of transfers that have ended.</summary>
    public void Complete()
    {
        while (true)
        {
            UsbTransfer transfer;
            lock (_lock)
            {
                if (_ended.Count == 0)
                {
                    return;
                }

                transfer = _ended[0];
                _ended.RemoveAt(0);
            }

            Completed?.Invoke(transfer);
        }
    }

    /// <returns>Bytes of a packet that was carried; null when none could be.</returns>
    private int? TryOut()
    {
        if (!_out.TryPeek(out UsbTransfer? transfer))
        {
            return null;
        }

        int count = Math.Min(_packetLength, transfer.Length - _sentOfOut);
        if (_chip!.FromHost.Free < count)
        {
            return null; // NAK
        }

        _chip.Put(transfer.Memory.Slice(_sentOfOut, count));
        Counters.PacketsToChip++;
        Counters.BytesToChip += count;
        _sentOfOut += count;
        if (_sentOfOut == transfer.Length)
        {
            _out.Dequeue();
            _sentOfOut = 0;
            transfer.MarkCompleted(new UsbResult(transfer.Length));
            _ended.Add(transfer);
        }

        return count;
    }

    // What the host wants to read: number, endpoint, command, length (docs/usb.md).
    private int? TryRequest()
    {
        if (!_requests.TryDequeue(out UsbTransfer? request))
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = request.Memory[..request.Length];
        if (bytes.Length != RequestLength || bytes[4] != _inEndpoint || bytes[5] != ReadCommand)
        {
            throw new UsbProtocolException($"The chip does not know the request {Convert.ToHexString(bytes)}.");
        }

        _wanted.Enqueue(BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));
        request.MarkCompleted(new UsbResult(RequestLength));
        _ended.Add(request);
        return RequestLength;
    }

    private int? TryIn(long cycle)
    {
        if (!(_fifoMode || options.IsFt600) || !_in.TryPeek(out UsbTransfer? transfer))
        {
            return null;
        }

        if (options.IsFt600)
        {
            if (!_wanted.TryPeek(out int wanted))
            {
                return null; // NAK: nobody has asked
            }

            if (wanted != transfer.Length)
            {
                throw new UsbProtocolException($"{wanted} bytes were asked for, and the transfer is of {transfer.Length}.");
            }
        }

        ByteQueue bytes = _chip!.ToHost;
        bool full = bytes.Count >= _packetLength - _statusLength;
        bool due = !options.IsFt600 && cycle - _lastIn >= _latency;
        if (!full && _chip.Flushed == 0 && !due)
        {
            return null; // NAK
        }

        int count = full ? _packetLength - _statusLength : due ? bytes.Count : _chip.Flushed;
        Span<byte> packet = transfer.Memory.Slice(_receivedOfIn, _statusLength + count);
        packet[0] = ModemStatus;
        packet[1] = LineStatus;
        for (int i = 0; i < count; i++)
        {
            packet[_statusLength + i] = bytes.Take();
        }

        _chip.OnTaken(count);
        _lastIn = cycle;
        Counters.PacketsToHost++;
        Counters.BytesToHost += count;
        _receivedOfIn += packet.Length;
        if (packet.Length < _packetLength || _receivedOfIn == transfer.Length)
        {
            _in.Dequeue();
            _wanted.TryDequeue(out _);
            transfer.MarkCompleted(new UsbResult(_receivedOfIn));
            _receivedOfIn = 0;
            _ended.Add(transfer);
        }

        return packet.Length;
    }
}

namespace FpgaNet.Driver.Usb;

/// <summary>
/// Keeps several transfers from the chip in flight and gives their bytes in order, without the status that may head every packet. A transfer that
/// brought nothing but status, as one does whenever the latency timer runs out, is begun again at once and wakes nobody. A chip that wants to be
/// asked for each transfer (<see cref="FifoChip.RequestEndpoint"/>) is, in front of it.
/// </summary>
internal sealed class BulkReader
{
    private readonly IUsbDevice _device;
    private readonly FifoChip _chip;
    private readonly UsbTransfer[] _transfers;

    // What asks for the transfer of the same place; none when the chip does not want it. It has ended when the transfer does, which it made possible.
    private readonly UsbTransfer[] _requests;
    private readonly Lock _lock = new();

    // Those that ended with something in them, oldest first.
    private readonly UsbTransfer[] _done;
    private uint _doneHead;
    private uint _doneTail;
    private UsbTransfer? _current;
    private int _position;
    private volatile int _error;
    private uint _requestNumber;

    public BulkReader(IUsbDevice device, FifoChip chip, int transfers, int length)
    {
        _device = device;
        _chip = chip;
        _transfers = new UsbTransfer[transfers];
        _requests = chip.RequestEndpoint is null ? [] : new UsbTransfer[transfers];
        _done = new UsbTransfer[transfers];
        for (int i = 0; i < transfers; i++)
        {
            _transfers[i] = new UsbTransfer(chip.InEndpoint, length);
        }

        for (int i = 0; i < _requests.Length; i++)
        {
            _requests[i] = new UsbTransfer(chip.RequestEndpoint!.Value, Ft600Chip.RequestLength);
        }
    }

    /// <summary>Why nothing comes any more; success while all is well.</summary>
    public UsbResult Error => new(_error);

    /// <summary>Bytes that are here: the rest of a packet. Empty when there are none.</summary>
    public ReadOnlySpan<byte> Current
    {
        get
        {
            while (true)
            {
                if (_current is null && !TryTake(out _current))
                {
                    return default;
                }

                // At a packet's begin its status is skipped.
                _position += _position % _chip.PacketLength == 0 ? _chip.StatusLength : 0;
                int transferred = _current.Result.Value;
                if (_position < transferred)
                {
                    int end = Math.Min(transferred, (_position / _chip.PacketLength * _chip.PacketLength) + _chip.PacketLength);
                    return _current.Memory[_position..end];
                }

                UsbTransfer used = _current;
                _current = null;
                Begin(used);
            }
        }
    }

    /// <summary>A transfer is with the device.</summary>
    public bool IsPending => Array.Exists(_transfers, static t => t.IsPending) || Array.Exists(_requests, static t => t.IsPending);

    public void Advance(int count) => _position += count;

    /// <summary>Begins all transfers that are not pending, and forgets what they held.</summary>
    public void Start()
    {
        _error = 0;
        lock (_lock)
        {
            _doneHead = _doneTail;
        }

        _current = null;
        foreach (UsbTransfer transfer in _transfers)
        {
            if (!transfer.IsPending)
            {
                Begin(transfer);
            }
        }
    }

    /// <summary>A transfer of this reader has ended; from any thread.</summary>
    /// <returns>There is something for the driver: bytes or an error.</returns>
    public bool OnCompleted(UsbTransfer transfer)
    {
        if (transfer.Result.IsError)
        {
            _error = transfer.Result.Value;
            return true;
        }

        if (transfer.Result.Value <= _chip.StatusLength)
        {
            Begin(transfer);
            return _error != 0;
        }

        lock (_lock)
        {
            _done[_doneTail++ % (uint)_done.Length] = transfer;
        }

        return true;
    }

    public void Free()
    {
        foreach (UsbTransfer transfer in _transfers)
        {
            transfer.Dispose();
        }

        foreach (UsbTransfer request in _requests)
        {
            request.Dispose();
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out UsbTransfer? transfer)
    {
        lock (_lock)
        {
            transfer = _doneHead == _doneTail ? null : _done[_doneHead++ % (uint)_done.Length];
        }

        _position = 0;
        return transfer is not null;
    }

    private void Begin(UsbTransfer transfer)
    {
        UsbResult result = default;
        if (_requests.Length != 0)
        {
            UsbTransfer request = _requests[Array.IndexOf(_transfers, transfer)];
            Ft600Chip.WriteRequest(request.Memory, Interlocked.Increment(ref _requestNumber), transfer.Length);
            result = _device.Begin(request);
        }

        if (!result.IsError)
        {
            result = _device.Begin(transfer);
        }

        if (result.IsError)
        {
            _error = result.Value;
        }
    }
}

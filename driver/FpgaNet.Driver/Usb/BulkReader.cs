namespace FpgaNet.Driver.Usb;

/// <summary>
/// Keeps several transfers from the chip in flight and gives their bytes in order, without the status that heads every packet. A transfer that
/// brought nothing but status, as one does whenever the latency timer runs out, is begun again at once and wakes nobody.
/// </summary>
internal sealed class BulkReader
{
    private readonly IUsbDevice _device;
    private readonly UsbTransfer[] _transfers;
    private readonly Lock _lock = new();

    // Those that ended with something in them, oldest first.
    private readonly UsbTransfer[] _done;
    private uint _doneHead;
    private uint _doneTail;
    private UsbTransfer? _current;
    private int _position;
    private volatile int _error;

    public BulkReader(IUsbDevice device, int transfers, int length)
    {
        _device = device;
        _transfers = new UsbTransfer[transfers];
        _done = new UsbTransfer[transfers];
        for (int i = 0; i < transfers; i++)
        {
            _transfers[i] = new UsbTransfer(FtdiChip.InEndpoint, length);
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
                _position += _position % FtdiChip.PacketLength == 0 ? FtdiChip.StatusLength : 0;
                int transferred = _current.Result.Value;
                if (_position < transferred)
                {
                    int end = Math.Min(transferred, (_position / FtdiChip.PacketLength * FtdiChip.PacketLength) + FtdiChip.PacketLength);
                    return _current.Memory[_position..end];
                }

                UsbTransfer used = _current;
                _current = null;
                Begin(used);
            }
        }
    }

    /// <summary>A transfer is with the device.</summary>
    public bool IsPending => Array.Exists(_transfers, static t => t.IsPending);

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

        if (transfer.Result.Value <= FtdiChip.StatusLength)
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
        UsbResult result = _device.Begin(transfer);
        if (result.IsError)
        {
            _error = result.Value;
        }
    }
}

namespace FpgaNet.Driver.Usb;

/// <summary>Fills transfers to the chip, each with as much as is there when it is sent, and keeps several in flight.</summary>
internal sealed class BulkWriter
{
    private readonly IUsbDevice _device;
    private readonly UsbTransfer[] _transfers;
    private int _current;
    private int _filled;
    private volatile int _error;

    public BulkWriter(IUsbDevice device, int transfers, int length)
    {
        _device = device;
        _transfers = new UsbTransfer[transfers];
        for (int i = 0; i < transfers; i++)
        {
            _transfers[i] = new UsbTransfer(FifoChip.OutEndpoint, length);
        }
    }

    /// <summary>Why nothing goes any more; success while all is well.</summary>
    public UsbResult Error => new(_error);

    /// <summary>A transfer is with the device.</summary>
    public bool IsPending => Array.Exists(_transfers, static t => t.IsPending);

    /// <summary>Finds room for a run of bytes, and sends what is there if it stands in the way.</summary>
    /// <param name="length">Bytes, at most a transfer's length.</param>
    /// <param name="space">The room.</param>
    /// <returns>False when all transfers are in flight.</returns>
    public bool TryReserve(int length, out Span<byte> space)
    {
        if (_filled + length > _transfers[_current].Capacity)
        {
            Submit();
        }

        UsbTransfer transfer = _transfers[_current];
        bool free = !transfer.IsPending; // asked once: it may end at any moment, on another thread
        space = free ? transfer.Memory[_filled..] : default;
        return free;
    }

    /// <summary>Bytes of the room were used.</summary>
    public void Advance(int count) => _filled += count;

    /// <summary>Sends what is there.</summary>
    public void Submit()
    {
        if (_filled == 0)
        {
            return;
        }

        UsbTransfer transfer = _transfers[_current];
        transfer.Length = _filled;
        UsbResult result = _device.Begin(transfer);
        if (result.IsError)
        {
            _error = result.Value;
        }

        _filled = 0;
        _current = (_current + 1) % _transfers.Length;
    }

    /// <summary>A transfer of this writer has ended; from any thread.</summary>
    public void OnCompleted(UsbTransfer transfer)
    {
        if (transfer.Result.IsError)
        {
            _error = transfer.Result.Value;
        }
    }

    /// <summary>Forgets what was not sent, and errors.</summary>
    public void Restart()
    {
        _filled = 0;
        _error = 0;
    }

    public void Free()
    {
        foreach (UsbTransfer transfer in _transfers)
        {
            transfer.Dispose();
        }
    }
}

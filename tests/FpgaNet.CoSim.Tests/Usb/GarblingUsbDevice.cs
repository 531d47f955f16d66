using FpgaNet.Driver.Usb;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>A USB device that spoils bytes of transfers both ways, which a sound bus never does: its packets have checks of their own.</summary>
internal sealed class GarblingUsbDevice : IUsbDevice
{
    private const int StatusLength = 2;
    private const int PacketLength = 512;
    private const byte OutEndpoint = 0x02;

    private readonly IUsbDevice _inner;
    private readonly Random _random;
    private Action<UsbTransfer>? _completed;

    public GarblingUsbDevice(IUsbDevice inner, Random random)
    {
        _inner = inner;
        _random = random;
        inner.Completed = OnCompleted;
    }

    /// <summary>Chance that a byte of a transfer is spoilt, for each transfer that has something in it.</summary>
    public double Rate { get; set; }

    public int Spoilt { get; private set; }

    public string Location => _inner.Location;

    public ushort VendorId => _inner.VendorId;

    public ushort ProductId => _inner.ProductId;

    public Action<UsbTransfer>? Completed
    {
        get => _completed;
        set => _completed = value;
    }

    public UsbResult Control(byte requestType, byte request, ushort value, ushort index) => _inner.Control(requestType, request, value, index);

    public UsbResult Begin(UsbTransfer transfer)
    {
        if (transfer.Endpoint == OutEndpoint)
        {
            Spoil(transfer.Memory[..transfer.Length], 0);
        }

        return _inner.Begin(transfer);
    }

    public void Cancel() => _inner.Cancel();

    public void Pause() => _inner.Pause();

    public UsbResult Reset() => _inner.Reset();

    public void Dispose() => _inner.Dispose();

    private void OnCompleted(UsbTransfer transfer)
    {
        if (transfer.IsIn && transfer.Result.Value > StatusLength)
        {
            Spoil(transfer.Memory[..Math.Min(PacketLength, transfer.Result.Value)], StatusLength);
        }

        _completed?.Invoke(transfer);
    }

    private void Spoil(Span<byte> bytes, int first)
    {
        if (_random.NextDouble() < Rate)
        {
            Spoilt++;
            bytes[_random.Next(first, bytes.Length)] ^= (byte)(1 << _random.Next(8));
        }
    }
}

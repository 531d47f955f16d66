namespace FpgaNet.Driver.Usb;

/// <summary>
/// An FT232H or FT2232H (interface A) in FT245 synchronous FIFO mode: vendor requests (AN_232B-04, AN_130) and the shape of its packets.
/// </summary>
internal static class FtdiChip
{
    public const ushort VendorId = 0x0403;
    public const ushort Ft2232H = 0x6010;
    public const ushort Ft232H = 0x6014;
    public const byte InEndpoint = 0x81;
    public const byte OutEndpoint = 0x02;

    /// <summary>wMaxPacketSize of both endpoints at high speed.</summary>
    public const int PacketLength = 512;

    /// <summary>Modem and line status at the head of every packet to the host.</summary>
    public const int StatusLength = 2;

    public const byte RequestType = 0x40; // vendor, to the device
    public const byte ResetRequest = 0;
    public const byte FlowControlRequest = 2;
    public const byte LatencyTimerRequest = 9;
    public const byte BitModeRequest = 11;
    public const ushort ResetAll = 0;
    public const ushort PurgeFromDevice = 1;
    public const ushort PurgeToDevice = 2;
    public const ushort ResetMode = 0x0000;
    public const ushort SynchronousFifoMode = 0x4000;

    // Milliseconds that a short packet waits when nobody asks for it by SIWU#.
    private const ushort LatencyTimer = 1;

    private const ushort InterfaceA = 1;
    private const ushort RequestToSend = 0x0100; // flow control by RTS/CTS, in the high byte of wIndex

    public static bool IsKnown(ushort vendor, ushort product) => vendor == VendorId && product is Ft232H or Ft2232H;

    /// <summary>Brings the chip into FIFO mode with both of its buffers empty.</summary>
    /// <returns>The first error, or success.</returns>
    public static UsbResult Configure(IUsbDevice device)
    {
        foreach ((byte request, ushort value, ushort index) in (ReadOnlySpan<(byte, ushort, ushort)>)
        [
            (ResetRequest, ResetAll, InterfaceA),
            (BitModeRequest, ResetMode, InterfaceA),
            (LatencyTimerRequest, LatencyTimer, InterfaceA),
            (FlowControlRequest, 0, RequestToSend | InterfaceA),
            (ResetRequest, PurgeFromDevice, InterfaceA),
            (ResetRequest, PurgeToDevice, InterfaceA),
            (BitModeRequest, SynchronousFifoMode | 0xFF, InterfaceA),
        ])
        {
            UsbResult result = device.Control(RequestType, request, value, index);
            if (result.IsError)
            {
                return result;
            }
        }

        return default;
    }
}

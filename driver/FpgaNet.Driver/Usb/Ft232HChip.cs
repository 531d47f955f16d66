namespace FpgaNet.Driver.Usb;

/// <summary>An FT232H or FT2232H (interface A): vendor requests (AN_232B-04, AN_130), and two bytes of status at the head of every packet.</summary>
internal sealed class Ft232HChip : FifoChip
{
    public const ushort Ft2232H = 0x6010;
    public const ushort Ft232H = 0x6014;

    private const byte RequestType = 0x40; // vendor, to the device
    private const byte ResetRequest = 0;
    private const byte FlowControlRequest = 2;
    private const byte LatencyTimerRequest = 9;
    private const byte BitModeRequest = 11;
    private const ushort ResetAll = 0;
    private const ushort PurgeFromDevice = 1;
    private const ushort PurgeToDevice = 2;
    private const ushort ResetMode = 0x0000;
    private const ushort SynchronousFifoMode = 0x4000;

    // Milliseconds that a short packet waits when nobody asks for it by SIWU#.
    private const ushort LatencyTimer = 1;

    private const ushort InterfaceA = 1;
    private const ushort RequestToSend = 0x0100; // flow control by RTS/CTS, in the high byte of wIndex

    private Ft232HChip()
    {
    }

    public static Ft232HChip Instance { get; } = new();

    public override byte InEndpoint => 0x81;

    public override int PacketLength => 512;

    // Modem and line status.
    public override int StatusLength => 2;

    public override UsbResult Configure(IUsbDevice device)
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

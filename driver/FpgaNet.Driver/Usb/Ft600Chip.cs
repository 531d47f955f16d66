using System.Buffers.Binary;

namespace FpgaNet.Driver.Usb;

/// <summary>
/// An FT600 or FT601 in 245 synchronous FIFO mode with one channel, as it is configured by its strap pins or its own memory; the driver does not change that. Interface 0
/// takes requests, interface 1 carries the bytes. FTDI publishes no description of the requests: this is what two public drivers send (docs/usb.md).
/// </summary>
internal sealed class Ft600Chip : FifoChip
{
    public const ushort Ft600 = 0x601E;
    public const ushort Ft601 = 0x601F;

    /// <summary>Bytes of a request.</summary>
    public const int RequestLength = 20;

    private const byte BytesOfTheCard = 0x82;
    private const byte ReadCommand = 1;

    private Ft600Chip()
    {
    }

    public static Ft600Chip Instance { get; } = new();

    public override byte InEndpoint => BytesOfTheCard;

    public override byte? RequestEndpoint => 0x01;

    public override int PacketLength => 1024;

    public override int Interfaces => 2;

    /// <summary>Asks for bytes: number, endpoint, command, two bytes of zero, length, eight bytes of zero.</summary>
    /// <param name="request">Where to write it.</param>
    /// <param name="number">One more with every request.</param>
    /// <param name="length">Bytes of the transfer that follows.</param>
    public static void WriteRequest(Span<byte> request, uint number, int length)
    {
        request[..RequestLength].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(request, number);
        request[4] = BytesOfTheCard;
        request[5] = ReadCommand;
        BinaryPrimitives.WriteInt32LittleEndian(request[8..], length);
    }

    // Its FIFO runs from power on. A reset of the port forgets what was asked for and not answered.
    public override UsbResult Configure(IUsbDevice device) => device.Reset();
}

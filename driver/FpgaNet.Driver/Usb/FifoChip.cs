namespace FpgaNet.Driver.Usb;

/// <summary>What a FIFO chip on USB is to the driver: its endpoints, the shape of its packets, and how it comes into 245 synchronous FIFO mode.</summary>
internal abstract class FifoChip
{
    /// <summary>FTDI's idVendor.</summary>
    public const ushort VendorId = 0x0403;

    /// <summary>Where bytes for the card go.</summary>
    public const byte OutEndpoint = 0x02;

    /// <summary>Where bytes of the card come from.</summary>
    public abstract byte InEndpoint { get; }

    /// <summary>Where every transfer from the card is asked for before it begins; null when nobody asks.</summary>
    public virtual byte? RequestEndpoint => null;

    /// <summary>wMaxPacketSize of both endpoints in bytes, at the chip's best speed.</summary>
    public abstract int PacketLength { get; }

    /// <summary>Bytes at the head of every packet to the host that are not the card's.</summary>
    public virtual int StatusLength => 0;

    /// <summary>Interfaces to claim, from 0 on.</summary>
    public virtual int Interfaces => 1;

    /// <summary>The chip with these identifiers, or null when it is none that this driver knows.</summary>
    /// <param name="vendor">idVendor.</param>
    /// <param name="product">idProduct.</param>
    public static FifoChip? Find(ushort vendor, ushort product) => (vendor, product) switch
    {
        (VendorId, Ft232HChip.Ft232H or Ft232HChip.Ft2232H) => Ft232HChip.Instance,
        (VendorId, Ft600Chip.Ft600 or Ft600Chip.Ft601) => Ft600Chip.Instance,
        _ => null,
    };

    /// <summary>Brings the chip into FIFO mode with both of its buffers empty.</summary>
    /// <returns>The first error, or success.</returns>
    public abstract UsbResult Configure(IUsbDevice device);
}

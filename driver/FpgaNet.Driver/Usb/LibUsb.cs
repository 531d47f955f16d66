using System.Runtime.InteropServices;

namespace FpgaNet.Driver.Usb;

/// <summary>What of libusb-1.0 is used here, as its header declares it. Unsafe: raw pointers, which <see cref="LibUsbDevice"/> alone holds.</summary>
internal static unsafe partial class LibUsb
{
    public const byte BulkTransfer = 2;

    private const string Library = "libusb-1.0.so.0";

    [LibraryImport(Library)]
    public static partial int libusb_init(out nint context);

    [LibraryImport(Library)]
    public static partial void libusb_exit(nint context);

    [LibraryImport(Library)]
    public static partial nint libusb_get_device_list(nint context, out nint* list);

    [LibraryImport(Library)]
    public static partial void libusb_free_device_list(nint* list, int unreference);

    [LibraryImport(Library)]
    public static partial int libusb_get_device_descriptor(nint device, out DeviceDescriptor descriptor);

    [LibraryImport(Library)]
    public static partial byte libusb_get_bus_number(nint device);

    [LibraryImport(Library)]
    public static partial byte libusb_get_device_address(nint device);

    [LibraryImport(Library)]
    public static partial int libusb_open(nint device, out nint handle);

    [LibraryImport(Library)]
    public static partial void libusb_close(nint handle);

    [LibraryImport(Library)]
    public static partial int libusb_set_auto_detach_kernel_driver(nint handle, int enable);

    [LibraryImport(Library)]
    public static partial int libusb_claim_interface(nint handle, int number);

    [LibraryImport(Library)]
    public static partial int libusb_release_interface(nint handle, int number);

    [LibraryImport(Library)]
    public static partial int libusb_reset_device(nint handle);

    [LibraryImport(Library)]
    public static partial int libusb_control_transfer(nint handle, byte requestType, byte request, ushort value, ushort index, byte* data, ushort length, uint timeout);

    [LibraryImport(Library)]
    public static partial Transfer* libusb_alloc_transfer(int isochronousPackets);

    [LibraryImport(Library)]
    public static partial void libusb_free_transfer(Transfer* transfer);

    [LibraryImport(Library)]
    public static partial int libusb_submit_transfer(Transfer* transfer);

    [LibraryImport(Library)]
    public static partial int libusb_cancel_transfer(Transfer* transfer);

    [LibraryImport(Library)]
    public static partial int libusb_handle_events_timeout_completed(nint context, in TimeValue timeout, int* completed);

    [LibraryImport(Library)]
    public static partial void libusb_interrupt_event_handler(nint context);

    /// <summary>An error of libusb as −errno.</summary>
    public static UsbResult Result(int code) => new(code switch
    {
        >= 0 => code,
        -2 => -22,  // INVALID_PARAM: EINVAL
        -3 => -13,  // ACCESS: EACCES
        -4 => -19,  // NO_DEVICE: ENODEV
        -5 => -2,   // NOT_FOUND: ENOENT
        -6 => -16,  // BUSY: EBUSY
        -7 => -110, // TIMEOUT: ETIMEDOUT
        -8 => -75,  // OVERFLOW: EOVERFLOW
        -9 => -32,  // PIPE: EPIPE
        -10 => -4,  // INTERRUPTED: EINTR
        -11 => -12, // NO_MEM: ENOMEM
        -12 => -95, // NOT_SUPPORTED: EOPNOTSUPP
        _ => -5,    // IO, OTHER: EIO
    });

    /// <summary>How a transfer ended, as bytes or −errno.</summary>
    public static UsbResult Result(in Transfer transfer) => new(transfer.Status switch
    {
        0 => transfer.ActualLength,
        2 => -110, // TIMED_OUT: ETIMEDOUT
        3 => -125, // CANCELLED: ECANCELED
        4 => -32,  // STALL: EPIPE
        5 => -19,  // NO_DEVICE: ENODEV
        6 => -75,  // OVERFLOW: EOVERFLOW
        _ => -5,   // ERROR: EIO
    });

    /// <summary>USB 2.0 table 9-8.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct DeviceDescriptor
    {
        public byte Length;
        public byte DescriptorType;
        public ushort Usb;
        public byte DeviceClass;
        public byte DeviceSubClass;
        public byte DeviceProtocol;
        public byte MaxPacketSize0;
        public ushort VendorId;
        public ushort ProductId;
        public ushort Device;
        public byte Manufacturer;
        public byte Product;
        public byte SerialNumber;
        public byte Configurations;
    }

    /// <summary>struct timeval.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeValue
    {
        public nint Seconds;
        public nint Microseconds;
    }

    /// <summary>struct libusb_transfer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Transfer
    {
        public nint Handle;
        public byte Flags;
        public byte Endpoint;
        public byte Type;
        public uint Timeout;
        public int Status;
        public int Length;
        public int ActualLength;
        public delegate* unmanaged<Transfer*, void> Callback;
        public nint UserData;
        public nint Buffer;
        public int IsochronousPackets;
    }
}

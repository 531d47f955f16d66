using System.Runtime.InteropServices;

namespace FpgaNet.Driver.Usb;

/// <summary>libusb's half of a transfer. Unsafe: libusb keeps its address while the transfer is pending.</summary>
internal sealed unsafe class LibUsbTransfer : IDisposable
{
    private readonly LibUsb.Transfer* _native;
    private GCHandle _self;

    public LibUsbTransfer(LibUsbDevice device, UsbTransfer transfer)
    {
        Device = device;
        Transfer = transfer;
        _native = LibUsb.libusb_alloc_transfer(0);
        if (_native is null)
        {
            throw new IOException("libusb has no memory for a transfer.");
        }

        _self = GCHandle.Alloc(this);
    }

    public LibUsbDevice Device { get; }

    public UsbTransfer Transfer { get; }

    public UsbResult Submit(nint handle)
    {
        _native->Handle = handle;
        _native->Endpoint = Transfer.Endpoint;
        _native->Type = LibUsb.BulkTransfer;
        _native->Timeout = 0;
        _native->Buffer = Transfer.Address;
        _native->Length = Transfer.Length;
        _native->Callback = &OnCompleted;
        _native->UserData = GCHandle.ToIntPtr(_self);
        return LibUsb.Result(LibUsb.libusb_submit_transfer(_native));
    }

    public void Cancel() => _ = LibUsb.libusb_cancel_transfer(_native);

    public void Dispose()
    {
        if (_self.IsAllocated)
        {
            _self.Free();
            LibUsb.libusb_free_transfer(_native);
        }
    }

    [UnmanagedCallersOnly]
    private static void OnCompleted(LibUsb.Transfer* native)
    {
        LibUsbTransfer self = (LibUsbTransfer)GCHandle.FromIntPtr(native->UserData).Target!;
        self.Device.OnCompleted(self, LibUsb.Result(*native));
    }
}

using System.Runtime.InteropServices;

namespace FpgaNet.Testing;

/// <summary>A transfer at usbfs (struct usbdevfs_urb), where libusb keeps it.</summary>
public sealed unsafe class UsbRequestBlock
{
    private readonly Native* _native;

    internal UsbRequestBlock(nint address) => _native = (Native*)address;

    /// <summary>Bulk transfers have type 3, control requests 2.</summary>
    public bool IsControl => _native->Type == 2;

    /// <summary>Endpoint address, bit 7 set when it goes to the host.</summary>
    public byte Endpoint => _native->Endpoint;

    /// <summary>The transfer's memory; a control request begins with its eight bytes of setup.</summary>
    public Span<byte> Buffer => new(_native->Buffer, _native->BufferLength);

    internal nint Address => (nint)_native;

    internal void End(int length, int status)
    {
        _native->ActualLength = length;
        _native->Status = status;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Native
    {
        public byte Type;
        public byte Endpoint;
        public int Status;
        public uint Flags;
        public void* Buffer;
        public int BufferLength;
        public int ActualLength;
        public int StartFrame;
        public int Packets;
        public int ErrorCount;
        public uint Signal;
        public void* UserContext;
    }
}

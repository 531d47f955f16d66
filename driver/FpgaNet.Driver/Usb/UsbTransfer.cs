using System.Runtime.InteropServices;

namespace FpgaNet.Driver.Usb;

/// <summary>
/// A bulk transfer with memory of its own, used again and again. Between <see cref="IUsbDevice.Begin"/> and its completion it belongs to the
/// device. Unsafe because the memory must not move while the kernel or a simulated chip has its address.
/// </summary>
public sealed unsafe class UsbTransfer : IDisposable
{
    private void* _memory;
    private volatile bool _pending;

    /// <summary>Makes a transfer.</summary>
    /// <param name="endpoint">Endpoint address; bit 7 is set for transfers to the host (USB 2.0 §9.6.6).</param>
    /// <param name="capacity">Bytes of its memory.</param>
    public UsbTransfer(byte endpoint, int capacity)
    {
        Endpoint = endpoint;
        Capacity = capacity;
        Length = capacity;
        _memory = NativeMemory.AllocZeroed((nuint)capacity);
    }

    /// <summary>Endpoint address.</summary>
    public byte Endpoint { get; }

    /// <summary>Goes to the host.</summary>
    public bool IsIn => (Endpoint & 0x80) != 0;

    /// <summary>Bytes of memory.</summary>
    public int Capacity { get; }

    /// <summary>Bytes to send, or most to receive.</summary>
    public int Length { get; set; }

    /// <summary>The memory.</summary>
    public Span<byte> Memory => new(_memory, Capacity);

    /// <summary>Where the memory lies.</summary>
    public nint Address => (nint)_memory;

    /// <summary>Begun and not completed.</summary>
    public bool IsPending => _pending;

    /// <summary>What came of it, once it is completed: bytes transferred, or an error.</summary>
    public UsbResult Result { get; private set; }

    /// <summary>Whatever the device keeps with it.</summary>
    public object? Tag { get; set; }

    /// <summary>For devices: it has begun.</summary>
    public void MarkBegun() => _pending = true;

    /// <summary>For devices: it has ended.</summary>
    /// <param name="result">What came of it.</param>
    public void MarkCompleted(UsbResult result)
    {
        Result = result;
        _pending = false;
    }

    /// <summary>Frees the memory. A transfer that is pending keeps it: better a leak than a write to freed memory.</summary>
    public void Dispose()
    {
        if (!_pending)
        {
            NativeMemory.Free(_memory);
            _memory = null;
            (Tag as IDisposable)?.Dispose();
        }
    }
}

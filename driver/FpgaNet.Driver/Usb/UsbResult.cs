namespace FpgaNet.Driver.Usb;

/// <summary>What came of a call to a USB device: a count of bytes, or a negative errno value.</summary>
/// <param name="Value">0 or more: bytes; less: −errno.</param>
public readonly record struct UsbResult(int Value)
{
    /// <summary>−EBUSY: somebody else has the device.</summary>
    public static UsbResult Busy => new(-16);

    /// <summary>−ENODEV: the device is gone, or was never there.</summary>
    public static UsbResult NoDevice => new(-19);

    /// <summary>−EPIPE: the device refused the request (a stall).</summary>
    public static UsbResult Stalled => new(-32);

    /// <summary>−ECANCELED: the transfer was cancelled.</summary>
    public static UsbResult Cancelled => new(-125);

    /// <summary>It failed.</summary>
    public bool IsError => Value < 0;

    /// <summary>The errno value; 0 when it did not fail.</summary>
    public int Errno => Value < 0 ? -Value : 0;

    /// <summary>The count, or the errno value by number.</summary>
    public override string ToString() => IsError ? $"errno {Errno}" : $"{Value} bytes";
}

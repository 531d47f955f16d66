namespace FpgaNet.Driver.Usb;

/// <summary>
/// A USB device as a driver sees it: control requests, and bulk transfers of which several are in flight. libusb and the simulated chip each
/// implement it; the driver above cannot tell which.
/// </summary>
public interface IUsbDevice : IDisposable
{
    /// <summary>Where the device is, for people: <c>usb-1-2</c> or <c>sim0</c>.</summary>
    string Location { get; }

    /// <summary>Its maker (idVendor).</summary>
    ushort VendorId { get; }

    /// <summary>What it is (idProduct).</summary>
    ushort ProductId { get; }

    /// <summary>What to call when a transfer has ended, from any thread. It must be quick; it may begin the transfer again.</summary>
    Action<UsbTransfer>? Completed { get; set; }

    /// <summary>Makes a control request without data (USB 2.0 §9.3) and waits for it.</summary>
    /// <param name="requestType">bmRequestType.</param>
    /// <param name="request">bRequest.</param>
    /// <param name="value">wValue.</param>
    /// <param name="index">wIndex.</param>
    UsbResult Control(byte requestType, byte request, ushort value, ushort index);

    /// <summary>Begins a bulk transfer. Transfers of an endpoint end in the order in which they began, each with a call of <see cref="Completed"/>.</summary>
    /// <param name="transfer">One that is not pending.</param>
    /// <returns>An error when it did not begin; then there is no call.</returns>
    UsbResult Begin(UsbTransfer transfer);

    /// <summary>Ends all transfers that are pending; each is completed, soon.</summary>
    void Cancel();

    /// <summary>Lets time pass while something is waited for: a short sleep on hardware, a run of clock cycles in a simulation.</summary>
    void Pause();

    /// <summary>Resets the device at its port. Pending transfers end.</summary>
    UsbResult Reset();
}

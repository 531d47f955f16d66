using System.Globalization;

namespace FpgaNet.Driver.Usb;

/// <summary>
/// A USB device through libusb-1.0. A thread of its own waits for what ends; <see cref="Completed"/> is called on it. The device is found by the chip
/// that it is (<see cref="FifoChip"/>) and its place.
/// </summary>
public sealed class LibUsbDevice : IUsbDevice
{
    private const uint ControlTimeout = 1000;

    private static readonly LibUsb.TimeValue s_eventTimeout = new() { Microseconds = 100_000 };

    private readonly nint _context;
    private readonly nint _handle;
    private readonly int _interfaces;
    private readonly Thread _events;
    private readonly Lock _lock = new();
    private readonly HashSet<LibUsbTransfer> _pending = [];
    private volatile bool _stopping;

    private LibUsbDevice(nint context, nint handle, int interfaces, string location, ushort product)
    {
        _context = context;
        _handle = handle;
        _interfaces = interfaces;
        Location = location;
        ProductId = product;
        _events = new Thread(HandleEvents) { IsBackground = true, Name = location };
        _events.Start();
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public ushort VendorId => FifoChip.VendorId;

    /// <inheritdoc/>
    public ushort ProductId { get; }

    /// <inheritdoc/>
    public Action<UsbTransfer>? Completed { get; set; }

    /// <summary>Where chips are: <c>usb-BUS-ADDRESS</c>, as <c>lsusb</c> numbers them.</summary>
    /// <exception cref="IOException">libusb is not there, or cannot look.</exception>
    public static IReadOnlyList<string> Find()
    {
        nint context = Initialize();
        try
        {
            List<string> found = [];
            ForEachChip(context, (_, location, _) => found.Add(location));
            return found;
        }
        finally
        {
            LibUsb.libusb_exit(context);
        }
    }

    /// <summary>Opens a chip and claims its FIFO. A kernel driver that has it (a serial port's) is detached for so long.</summary>
    /// <param name="location">Which, as <see cref="Find"/> says; null for the first.</param>
    /// <exception cref="IOException">There is none, somebody else has it, or this user may not.</exception>
    public static LibUsbDevice Open(string? location = null)
    {
        nint context = Initialize();
        try
        {
            nint handle = 0;
            string? at = null;
            ushort product = 0;
            UsbResult result = UsbResult.NoDevice;
            ForEachChip(context, (device, place, id) =>
            {
                if (at is null && (location is null || string.Equals(location, place, StringComparison.Ordinal)))
                {
                    at = place;
                    product = id;
                    result = LibUsb.Result(LibUsb.libusb_open(device, out handle));
                }
            });
            if (at is null)
            {
                throw new IOException(location is null ? "There is no FT232H, FT2232H, FT600 or FT601 on USB." : $"There is no FT232H, FT2232H, FT600 or FT601 at {location}.");
            }

            int interfaces = FifoChip.Find(FifoChip.VendorId, product)!.Interfaces;
            if (!result.IsError && (result = Claim(handle, interfaces)).IsError)
            {
                LibUsb.libusb_close(handle);
            }

            return result.IsError
                ? throw new IOException($"The chip at {at} cannot be opened: {result}{(result.Errno == 13 ? "; this user may not (a udev rule for 0403 helps)" : "")}.")
                : new LibUsbDevice(context, handle, interfaces, at, product);
        }
        catch
        {
            LibUsb.libusb_exit(context);
            throw;
        }
    }

    /// <inheritdoc/>
    public unsafe UsbResult Control(byte requestType, byte request, ushort value, ushort index) =>
        LibUsb.Result(LibUsb.libusb_control_transfer(_handle, requestType, request, value, index, null, 0, ControlTimeout));

    /// <inheritdoc/>
    public UsbResult Begin(UsbTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        LibUsbTransfer native = transfer.Tag as LibUsbTransfer ?? new LibUsbTransfer(this, transfer);
        transfer.Tag = native;
        transfer.MarkBegun();
        lock (_lock)
        {
            _pending.Add(native);
        }

        UsbResult result = native.Submit(_handle);
        if (result.IsError)
        {
            Forget(native);
            transfer.MarkCompleted(result);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Cancel()
    {
        LibUsbTransfer[] pending;
        lock (_lock)
        {
            pending = [.. _pending];
        }

        foreach (LibUsbTransfer transfer in pending)
        {
            transfer.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Pause() => Thread.Sleep(TimeSpan.FromMicroseconds(50));

    /// <inheritdoc/>
    public UsbResult Reset()
    {
        Cancel();
        return LibUsb.Result(LibUsb.libusb_reset_device(_handle));
    }

    /// <summary>Closes the device. Transfers must have ended.</summary>
    public void Dispose()
    {
        if (!_stopping)
        {
            _stopping = true;
            LibUsb.libusb_interrupt_event_handler(_context);
            _events.Join();
            for (int i = 0; i < _interfaces; i++)
            {
                _ = LibUsb.libusb_release_interface(_handle, i);
            }

            LibUsb.libusb_close(_handle);
            LibUsb.libusb_exit(_context);
        }
    }

    internal void OnCompleted(LibUsbTransfer native, UsbResult result)
    {
        Forget(native);
        native.Transfer.MarkCompleted(result);
        Completed?.Invoke(native.Transfer);
    }

    // What was claimed before an error is released when the handle is closed.
    private static UsbResult Claim(nint handle, int interfaces)
    {
        for (int i = 0; i < interfaces; i++)
        {
            UsbResult result = LibUsb.Result(LibUsb.libusb_claim_interface(handle, i));
            if (result == UsbResult.Busy)
            {
                // A serial port's driver has it: away with that until the interface is released.
                _ = LibUsb.libusb_set_auto_detach_kernel_driver(handle, enable: 1);
                result = LibUsb.Result(LibUsb.libusb_claim_interface(handle, i));
            }

            if (result.IsError)
            {
                return result;
            }
        }

        return default;
    }

    private static nint Initialize()
    {
        try
        {
            UsbResult result = LibUsb.Result(LibUsb.libusb_init(out nint context));
            return result.IsError ? throw new IOException($"libusb does not start: {result}.") : context;
        }
        catch (DllNotFoundException e)
        {
            throw new IOException("libusb-1.0 is not installed.", e);
        }
    }

    private static unsafe void ForEachChip(nint context, Action<nint, string, ushort> action)
    {
        nint count = LibUsb.libusb_get_device_list(context, out nint* list);
        if (count < 0)
        {
            throw new IOException($"libusb cannot list the devices: {LibUsb.Result((int)count)}.");
        }

        for (nint i = 0; i < count; i++)
        {
            if (LibUsb.libusb_get_device_descriptor(list[i], out LibUsb.DeviceDescriptor descriptor) == 0 && FifoChip.Find(descriptor.VendorId, descriptor.ProductId) is not null)
            {
                string location = string.Create(CultureInfo.InvariantCulture, $"usb-{LibUsb.libusb_get_bus_number(list[i])}-{LibUsb.libusb_get_device_address(list[i])}");
                action(list[i], location, descriptor.ProductId);
            }
        }

        LibUsb.libusb_free_device_list(list, unreference: 1);
    }

    private unsafe void HandleEvents()
    {
        while (!_stopping)
        {
            if (LibUsb.libusb_handle_events_timeout_completed(_context, s_eventTimeout, null) != 0)
            {
                // Whatever is wrong will be so again at once: no reason to take a processor for it.
                Thread.Sleep(1);
            }
        }
    }

    private void Forget(LibUsbTransfer native)
    {
        lock (_lock)
        {
            _pending.Remove(native);
        }
    }
}

using System.Runtime.InteropServices;

namespace FpgaNet.Testing;

/// <summary>
/// The kernel's usbfs for one device, played by a test: what libusb in this process submits reaches <see cref="Submitted"/>, and what is completed here libusb reaps. umockdev
/// intercepts the system calls (its library has to be preloaded) and hands them over on a thread of its own.
/// </summary>
public sealed unsafe partial class UsbfsTestBed : IDisposable
{
    private const string InTestBed = "FPGANET_USB_TEST_BED";
    private const string Node = "/dev/bus/usb/001/005";

    // One interface, the endpoints of an FT232H; libusb looks at the identifiers only.
    private const string Configuration = "0902200001010080" + "2D0904000002FFFFFF00" + "07058102000200" + "07050202000200";

    private const string Umockdev = "libumockdev.so.0";
    private const string GObject = "libgobject-2.0.so.0";

    // include/uapi/linux/usbdevice_fs.h
    private const nuint SubmitUrb = 0x8038_550A;
    private const nuint DiscardUrb = 0x550B;
    private const nuint ReapUrb = 0x4008_550C;
    private const nuint ReapUrbNoDelay = 0x4008_550D;
    private const nuint GetCapabilities = 0x8004_551A;
    private const nuint ClaimInterface = 0x8004_550F;
    private const nuint ReleaseInterface = 0x8004_5510;
    private const nuint DisconnectClaim = 0x8108_551B; // as libusb claims again behind a reset
    private const nuint Reset = 0x5514;
    private const uint NoPacketSizeLimit = 4; // libusb need not cut transfers at 16 KiB
    private const int Eagain = 11;
    private const int Einval = 22;
    private const int Enoent = 2;

    private readonly Lock _lock = new();
    private readonly List<UsbRequestBlock> _submitted = [];
    private readonly Queue<UsbRequestBlock> _completed = new();
    private readonly nint _testBed;
    private readonly nint _handler;
    private GCHandle _self;

    /// <param name="product">idProduct of a device of FTDI, which is then on bus 1 at address 5.</param>
    public UsbfsTestBed(ushort product)
    {
        _testBed = umockdev_testbed_new();
        _handler = umockdev_ioctl_base_new();
        _self = GCHandle.Alloc(this);
        g_signal_connect_data(_handler, "handle-ioctl", &OnIoctl, GCHandle.ToIntPtr(_self), 0, 0);
        if (umockdev_testbed_attach_ioctl(_testBed, Node, _handler, 0) == 0 || umockdev_testbed_add_from_string(_testBed, Describe(product), 0) == 0)
        {
            throw new IOException("umockdev refuses the device.");
        }
    }

    /// <summary>A transfer was submitted; on umockdev's thread. It stays until <see cref="Complete"/>, or until libusb takes it back.</summary>
    public required Action<UsbRequestBlock> Submitted { get; init; }

    /// <summary>The port is reset; on umockdev's thread.</summary>
    public Action? PortReset { get; init; }

    /// <summary>Interfaces that are claimed.</summary>
    public int Claimed { get; private set; }

    /// <summary>Runs a test again in a process of its own, with umockdev's library in front of all others; the test waits for it. Skips it where umockdev or libusb is missing.</summary>
    /// <param name="test">The test that calls this.</param>
    /// <param name="body">What it does there.</param>
    public static void Run(string test, Action body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (Environment.GetEnvironmentVariable(InTestBed) is not null)
        {
            body();
            return;
        }

        Skip.UnlessInstalled("umockdev-run");
        if (!NativeLibrary.TryLoad("libusb-1.0.so.0", out _))
        {
            Skip.Because("libusb-1.0 is not installed");
        }

        // The runtime's diagnostics server and umockdev's wrappers do not get along.
        ProgramResult result = TestProgram.Run(
            "env", "DOTNET_EnableDiagnostics=0", $"{InTestBed}=1", "LD_PRELOAD=libumockdev-preload.so.0", Environment.ProcessPath!, "--filter", $"FullyQualifiedName~{test}");
        Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
    }

    /// <summary>Ends a transfer.</summary>
    /// <param name="block">Which.</param>
    /// <param name="length">Bytes that passed.</param>
    /// <param name="status">0 or −errno.</param>
    public void Complete(UsbRequestBlock block, int length, int status = 0)
    {
        ArgumentNullException.ThrowIfNull(block);
        lock (_lock)
        {
            if (_submitted.Remove(block))
            {
                block.End(length, status);
                _completed.Enqueue(block);
            }
        }
    }

    public void Dispose()
    {
        if (_self.IsAllocated)
        {
            umockdev_testbed_detach_ioctl(_testBed, Node, 0);
            g_object_unref(_handler);
            g_object_unref(_testBed);
            _self.Free();
        }
    }

    private static string Describe(ushort product)
    {
        string descriptors = $"12010002000000400304{product & 0xFF:X2}{product >> 8:X2}000901020301" + Configuration;
        return $"""
            P: /devices/pci0000:00/0000:00:14.0/usb1/1-1
            N: bus/usb/001/005={descriptors}
            E: BUSNUM=001
            E: DEVNAME={Node}
            E: DEVNUM=005
            E: DEVTYPE=usb_device
            E: MAJOR=189
            E: MINOR=4
            E: PRODUCT=403/{product:x}/900
            E: SUBSYSTEM=usb
            A: bConfigurationValue=1\n
            A: busnum=1\n
            A: devnum=5\n
            A: speed=480\n
            A: idVendor=0403\n
            A: idProduct={product:x4}\n
            A: bNumInterfaces= 1\n
            H: descriptors={descriptors}


            """;
    }

    [UnmanagedCallersOnly]
    private static int OnIoctl(nint handler, nint client, nint data)
    {
        var self = (UsbfsTestBed)GCHandle.FromIntPtr(data).Target!;

        // struct UMockdevIoctlData: behind the GObject stands the address of what was passed, which is the system call's argument.
        const int ObjectLength = 24;
        nint argument = **(nint**)(umockdev_ioctl_client_get_arg(client) + ObjectLength);
        int errno = self.Answer(umockdev_ioctl_client_get_request(client), argument);
        umockdev_ioctl_client_complete(client, errno == 0 ? 0 : -1, errno);
        return 1;
    }

    /// <returns>errno, or 0.</returns>
    private int Answer(nuint request, nint argument)
    {
        switch (request)
        {
            case GetCapabilities:
                *(uint*)argument = NoPacketSizeLimit;
                return 0;
            case ClaimInterface or DisconnectClaim:
                Claimed++;
                return 0;
            case ReleaseInterface:
                Claimed--;
                return 0;
            case Reset:
                PortReset?.Invoke();
                return 0;
            case SubmitUrb:
                var block = new UsbRequestBlock(argument);
                lock (_lock)
                {
                    _submitted.Add(block);
                }

                Submitted(block);
                return 0;
            case DiscardUrb:
                lock (_lock)
                {
                    UsbRequestBlock? found = _submitted.Find(b => b.Address == argument);
                    if (found is null)
                    {
                        return Einval;
                    }

                    Complete(found, 0, -Enoent);
                    return 0;
                }

            case ReapUrb or ReapUrbNoDelay:
                lock (_lock)
                {
                    if (!_completed.TryDequeue(out UsbRequestBlock? ended))
                    {
                        return Eagain;
                    }

                    *(nint*)argument = ended.Address;
                    return 0;
                }

            default:
                return Einval;
        }
    }

    [LibraryImport(Umockdev)]
    private static partial nint umockdev_testbed_new();

    [LibraryImport(Umockdev, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umockdev_testbed_add_from_string(nint testBed, string data, nint error);

    [LibraryImport(Umockdev, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umockdev_testbed_attach_ioctl(nint testBed, string node, nint handler, nint error);

    [LibraryImport(Umockdev, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umockdev_testbed_detach_ioctl(nint testBed, string node, nint error);

    [LibraryImport(Umockdev)]
    private static partial nint umockdev_ioctl_base_new();

    [LibraryImport(Umockdev)]
    private static partial nuint umockdev_ioctl_client_get_request(nint client);

    [LibraryImport(Umockdev)]
    private static partial nint umockdev_ioctl_client_get_arg(nint client);

    [LibraryImport(Umockdev)]
    private static partial void umockdev_ioctl_client_complete(nint client, nint result, int errno);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nuint g_signal_connect_data(nint instance, string signal, delegate* unmanaged<nint, nint, nint, int> callback, nint data, nint destroy, int flags);

    [LibraryImport(GObject)]
    private static partial void g_object_unref(nint instance);
}

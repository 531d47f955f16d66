using System.Runtime.InteropServices;

namespace FpgaNet.Testing;

/// <summary>
/// The kernel's usbfs for one device, played by a test: what libusb in this process submits reaches <see cref="Submitted"/>, and what is completed here libusb reaps. umockdev
/// intercepts the system calls (its library has to be preloaded) and hands them over on a thread of its own.
/// </summary>
public sealed unsafe partial class UsbfsTestBed : IDisposable
{
    /// <summary>The library to preload: LD_PRELOAD.</summary>
    public const string Preload = "libumockdev-preload.so.0";

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
    private const nuint Reset = 0x5514;
    private const int Eagain = 11;
    private const int Einval = 22;
    private const int Enoent = 2;

    private readonly Lock _lock = new();
    private readonly List<UsbRequestBlock> _submitted = [];
    private readonly Queue<UsbRequestBlock> _completed = new();
    private readonly nint _testBed;
    private readonly nint _handler;
    private readonly string _node;
    private GCHandle _self;

    /// <param name="device">The device as umockdev describes one.</param>
    /// <param name="node">Its node in /dev.</param>
    public UsbfsTestBed(string device, string node)
    {
        _node = node;
        _testBed = umockdev_testbed_new();
        _handler = umockdev_ioctl_base_new();
        _self = GCHandle.Alloc(this);
        g_signal_connect_data(_handler, "handle-ioctl", &OnIoctl, GCHandle.ToIntPtr(_self), 0, 0);
        if (umockdev_testbed_attach_ioctl(_testBed, node, _handler, 0) == 0 || umockdev_testbed_add_from_string(_testBed, device, 0) == 0)
        {
            throw new IOException($"umockdev refuses {node}.");
        }
    }

    /// <summary>A transfer was submitted; on umockdev's thread. It stays until <see cref="Complete"/>, or until libusb takes it back.</summary>
    public required Action<UsbRequestBlock> Submitted { get; init; }

    /// <summary>Interfaces that are claimed.</summary>
    public int Claimed { get; private set; }

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
            umockdev_testbed_detach_ioctl(_testBed, _node, 0);
            g_object_unref(_handler);
            g_object_unref(_testBed);
            _self.Free();
        }
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
                *(uint*)argument = 0;
                return 0;
            case ClaimInterface:
                Claimed++;
                return 0;
            case ReleaseInterface:
                Claimed--;
                return 0;
            case Reset:
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

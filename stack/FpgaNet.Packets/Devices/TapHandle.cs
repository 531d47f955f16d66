using System.Globalization;
using System.Text;

namespace FpgaNet.Packets.Devices;

/// <summary>A TAP interface of Linux, opened and set up (Documentation/networking/tuntap.rst, linux/if_tun.h).</summary>
internal sealed unsafe class TapHandle
{
    public const uint OffloadChecksum = 0x01;  // TUN_F_CSUM
    public const uint OffloadTcp4 = 0x02;      // TUN_F_TSO4
    public const uint OffloadTcp6 = 0x04;      // TUN_F_TSO6
    public const uint OffloadTcpEcn = 0x08;    // TUN_F_TSO_ECN
    public const uint OffloadUdp = 0x20 | 0x40; // TUN_F_USO4 and TUN_F_USO6, which Linux (6.2 and later) takes together only

    private const string ControlPath = "/dev/net/tun";
    private const uint SetInterface = 0x4004_54CA;     // TUNSETIFF
    private const uint SetOffload = 0x4004_54D0;       // TUNSETOFFLOAD
    private const uint SetHeaderSize = 0x4004_54D8;    // TUNSETVNETHDRSZ
    private const uint GetMtu = 0x8921;                // SIOCGIFMTU
    private const ushort FlagTap = 0x0002;             // IFF_TAP
    private const ushort FlagNoPacketInformation = 0x1000; // IFF_NO_PI
    private const ushort FlagVirtioHeader = 0x4000;    // IFF_VNET_HDR
    private const ushort FlagMultiQueue = 0x0100;      // IFF_MULTI_QUEUE
    private const int NameSize = 16;                   // IFNAMSIZ
    private const int RequestSize = 40;                // struct ifreq

    private TapHandle(int descriptor, string name, int maximumTransmissionUnit)
    {
        Descriptor = descriptor;
        Name = name;
        MaximumTransmissionUnit = maximumTransmissionUnit;
    }

    public int Descriptor { get; }

    public string Name { get; }

    /// <summary>Of the interface when it was opened, in bytes.</summary>
    public int MaximumTransmissionUnit { get; }

    /// <exception cref="IOException">The interface cannot be had; the message says what to do.</exception>
    public static TapHandle Open(string name, bool virtioHeader, bool multiQueue)
    {
        if (Encoding.UTF8.GetByteCount(name) >= NameSize)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"'{name}' is too long for an interface: {NameSize - 1} characters at most."));
        }

        int descriptor = LinuxCalls.Open(ControlPath, LinuxCalls.ReadWrite | LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException(-descriptor switch
            {
                LinuxError.NoSuchFile or LinuxError.NoSuchDevice =>
                    $"{ControlPath} does not exist: load the driver with 'modprobe tun' (in a container, start it with --device {ControlPath}).",
                LinuxError.AccessDenied or LinuxError.NotPermitted =>
                    $"{ControlPath} may not be opened by this user: run as root, or let root say 'chmod 0666 {ControlPath}'.",
                _ => $"{ControlPath}: {LinuxCalls.Describe(descriptor)}.",
            });
        }

        try
        {
            byte* request = stackalloc byte[RequestSize];
            Attach(descriptor, name, virtioHeader, multiQueue, request);
            string attached = Encoding.UTF8.GetString(new ReadOnlySpan<byte>(request, NameSize)).TrimEnd('\0');
            if (virtioHeader)
            {
                // A persistent TAP keeps the size that its last user set.
                int size = VirtioNetHeader.Length;
                int result = LinuxCalls.Control(descriptor, SetHeaderSize, &size);
                if (result < 0)
                {
                    throw new IOException($"{attached}: TUNSETVNETHDRSZ: {LinuxCalls.Describe(result)}.");
                }
            }

            return new TapHandle(descriptor, attached, ReadMtu(request));
        }
        catch
        {
            _ = LinuxCalls.Close(descriptor);
            throw;
        }
    }

    /// <summary>Tells the kernel what it may leave undone in frames that it hands us.</summary>
    public bool TrySetOffload(uint offload) => LinuxCalls.Control(Descriptor, SetOffload, (void*)offload) >= 0;

    private static void Attach(int descriptor, string name, bool virtioHeader, bool multiQueue, byte* request)
    {
        new Span<byte>(request, RequestSize).Clear();
        Encoding.UTF8.GetBytes(name, new Span<byte>(request, NameSize));
        *(ushort*)(request + NameSize) = (ushort)(FlagTap | FlagNoPacketInformation | (virtioHeader ? FlagVirtioHeader : 0) | (multiQueue ? FlagMultiQueue : 0));
        int result = LinuxCalls.Control(descriptor, SetInterface, request);
        if (result >= 0)
        {
            return;
        }

        throw new IOException(-result switch
        {
            LinuxError.NotPermitted or LinuxError.AccessDenied =>
                $"This user may not use the TAP '{name}': run as root, or let root make it once with 'ip tuntap add dev {name} mode tap user $USER'.",
            LinuxError.Busy => $"The TAP '{name}' is in use by another process.",
            LinuxError.InvalidArgument =>
                $"'{name}' exists already and is not a {(multiQueue ? "multi" : "single")}-queue TAP: choose another name, or remove it with 'ip link del {name}'.",
            _ => $"'{name}' cannot be opened as a TAP: {LinuxCalls.Describe(result)}.",
        });
    }

    private static int ReadMtu(byte* request)
    {
        const int Inet = 2; // AF_INET
        const int Datagram = 2; // SOCK_DGRAM
        int socket = LinuxCalls.Socket(Inet, Datagram | LinuxCalls.CloseOnExec, 0);
        int result = socket < 0 ? socket : LinuxCalls.Control(socket, GetMtu, request);
        if (socket >= 0)
        {
            _ = LinuxCalls.Close(socket);
        }

        return result < 0 ? throw new IOException($"The MTU of the TAP cannot be read: {LinuxCalls.Describe(result)}.") : *(int*)(request + NameSize);
    }
}

using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FpgaNet.Interop.Tests;

/// <summary>Sends Ethernet frames as they are out of an interface (packet(7)), in the network namespace of the thread that makes it.</summary>
internal sealed partial class RawFrameSocket : IDisposable
{
    private const int PacketFamily = 17; // AF_PACKET
    private const int RawType = 3;       // SOCK_RAW
    private const int AddressLength = 20; // struct sockaddr_ll

    private readonly SafeSocketHandle _socket;
    private readonly byte[] _address = new byte[AddressLength];

    public RawFrameSocket(string interfaceName)
    {
        int descriptor = Socket(PacketFamily, RawType, 0);
        if (descriptor < 0)
        {
            throw new InvalidOperationException($"packet socket: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        _socket = new SafeSocketHandle(descriptor, ownsHandle: true);
        BitConverter.TryWriteBytes(_address, (ushort)PacketFamily);
        BitConverter.TryWriteBytes(_address.AsSpan(4), InterfaceIndex(interfaceName));
        _address[11] = 6;
    }

    public void Send(byte[] frame)
    {
        while (SendTo(_socket.DangerousGetHandle(), frame, frame.Length, 0, _address, AddressLength) < 0)
        {
            const int NoBuffers = 105; // ENOBUFS: the interface's queue is full for now
            if (Marshal.GetLastPInvokeError() != NoBuffers)
            {
                throw new InvalidOperationException($"sendto, {frame.Length} bytes: {Marshal.GetLastPInvokeErrorMessage()}");
            }

            Thread.Sleep(1);
        }
    }

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(nint socket, byte[] data, nint length, int flags, byte[] address, int addressLength);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint InterfaceIndex(string name);
}

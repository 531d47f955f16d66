using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>
/// Keeps a socket of System.Net.Sockets open until nobody is inside a call on it: disposing of one that is in use disconnects it first, which could cost the peer the last bytes.
/// </summary>
internal sealed class HostHandle : SafeHandleMinusOneIsInvalid
{
    private readonly Socket _socket;

    public HostHandle(Socket socket)
        : base(ownsHandle: true)
    {
        _socket = socket;
        SetHandle(socket.Handle);
    }

    /// <summary>The socket, for its options.</summary>
    public Socket Socket => _socket;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _socket.Dispose();
        return true;
    }
}

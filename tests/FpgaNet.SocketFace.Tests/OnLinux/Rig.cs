using System.Net;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Where the shared tests run: on Linux's sockets, on the loopback interface.</summary>
internal sealed class Rig : IDisposable
{
    public bool IsLinux => true;

    /// <summary>The server's address.</summary>
    public IPAddress Address => IPAddress.Loopback;

    /// <summary>The same of IPv6.</summary>
    public IPAddress Address6 => IPAddress.IPv6Loopback;

    /// <summary>Sockets made until this is disposed of are the server's.</summary>
    public IDisposable AtServer() => new Nothing();

    public void Dispose()
    {
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}

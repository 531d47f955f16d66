using System.Net;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets;

/// <summary>Addresses and connections: the calls that wait on the calling thread.</summary>
public partial class Socket
{
    /// <summary>Takes an address.</summary>
    /// <param name="localEP">Our end.</param>
    public void Bind(EndPoint localEP)
    {
        KernelSocket kernel = Kernel;
        SockAddr address = EndPointOf.Parse(localEP, kernel.Request.Domain);

        // .NET on Linux: a server that restarts is not kept out by connections in TIME-WAIT (SO_REUSEADDR only while it binds).
        bool reuses = SocketType == SocketType.Stream && kernel.Request.Domain is SocketDomain.AF_INET or SocketDomain.AF_INET6 && GetInt(SOL_SOCKET, SO_REUSEADDR, out int value) == Errno.None && value == 0;
        if (reuses)
        {
            SetInt(SOL_SOCKET, SO_REUSEADDR, 1);
        }

        Errno error = kernel.Bind(address);
        if (reuses)
        {
            SetInt(SOL_SOCKET, SO_REUSEADDR, 0);
        }

        Check(error);
        _template = localEP;
        _isBound = true;
    }

    /// <summary>Takes connections from now on, as many waiting as the host allows.</summary>
    public void Listen() => Listen(int.MaxValue);

    /// <summary>Takes connections from now on.</summary>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    public void Listen(int backlog)
    {
        Check(Kernel.Listen(backlog));
        _isListening = true;
        _isBound = true;
    }

    /// <summary>Takes a connection; waits for one.</summary>
    public Socket Accept()
    {
        ThrowUnlessListening();
        KernelSocket kernel = Kernel;
        while (true)
        {
            Errno error = kernel.Accept(out KernelSocket? accepted, out _, waits: false);
            if (error == Errno.EAGAIN && Blocking)
            {
                error = kernel.Wait(PollEvents.POLLIN, Timeout.InfiniteTimeSpan); // SO_RCVTIMEO is not for Accept in .NET
                if (error == Errno.None)
                {
                    continue;
                }
            }

            Check(error == Errno.EBADF ? Errno.EINTR : error); // closed while it waited, as .NET calls that here
            return Adopt(accepted!, into: null);
        }
    }

    /// <summary>Connects.</summary>
    /// <param name="remoteEP">The peer; a <see cref="DnsEndPoint"/> is resolved and its addresses tried in turn.</param>
    public void Connect(EndPoint remoteEP)
    {
        KernelSocket kernel = Kernel;
        ArgumentNullException.ThrowIfNull(remoteEP);
        if (remoteEP is DnsEndPoint name)
        {
            Connect(name.Host, name.Port);
            return;
        }

        ThrowIfListening();
        if (_wasConnected)
        {
            throw new InvalidOperationException("The socket was connected before: only tasks can connect it again, as in .NET.");
        }

        SockAddr address = EndPointOf.Parse(remoteEP, kernel.Request.Domain);
        bool isBegun = false;
        Errno error = Connect(kernel, address, ref isBegun);
        while (error == Errno.EAGAIN && Blocking)
        {
            error = kernel.Wait(PollEvents.POLLOUT, Timeout.InfiniteTimeSpan); // SO_SNDTIMEO is not for Connect in .NET
            error = error == Errno.None ? Connect(kernel, address, ref isBegun) : error;
        }

        _template = remoteEP;
        _isBound |= error == Errno.EAGAIN;
        if (Decided(error) != Errno.None)
        {
            throw ExceptionOf(error, remoteEP);
        }
    }

    /// <summary>Connects.</summary>
    /// <param name="address">The peer's address.</param>
    /// <param name="port">Its port.</param>
    public void Connect(IPAddress address, int port) => Connect(new IPEndPoint(address, port));

    /// <summary>Connects to the first address that answers.</summary>
    /// <param name="addresses">The peer's addresses.</param>
    /// <param name="port">Its port.</param>
    public void Connect(IPAddress[] addresses, int port)
    {
        _ = Kernel;
        SocketException? last = null;
        foreach (IPAddress address in Usable(addresses))
        {
            try
            {
                Connect(new IPEndPoint(address, port));
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is not (SocketError.WouldBlock or SocketError.OperationAborted or SocketError.IsConnected))
            {
                last = e;
            }
        }

        throw last!;
    }

    /// <summary>Connects to a host by name.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    public void Connect(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        Connect(IPAddress.TryParse(host, out IPAddress? address) ? [address] : SocketNames.Resolve(Kernel.System, host), port);
    }

    /// <summary>Ends one direction or both.</summary>
    /// <param name="how">Which.</param>
    public void Shutdown(SocketShutdown how)
    {
        Errno error = Kernel.Shutdown((SocketShutdown)how);
        if (error == Errno.ENOTCONN && Connected)
        {
            error = Errno.None; // the peer was faster
        }

        Check(error);
    }

    /// <summary>Ends the connection. The socket cannot be used again (as .NET on Linux).</summary>
    /// <param name="reuseSocket">Not supported.</param>
    public void Disconnect(bool reuseSocket)
    {
        ThrowIfReused(reuseSocket);
        Check(Kernel.Shutdown(SocketShutdown.Both));
        Disconnected();
    }

    /// <summary>Makes a socket of an accepted connection, or puts it into one that was made before.</summary>
    /// <param name="accepted">The connection.</param>
    /// <param name="into">A fresh socket; null: a new one.</param>
    internal Socket Adopt(KernelSocket accepted, Socket? into)
    {
        if (into is null)
        {
            return new Socket(accepted) { _template = _template, Connected = true, _isBound = true };
        }

        KernelSocket before = into._kernel;
        before.Waiters.Remove(into._receives);
        before.Waiters.Remove(into._sends);
        into._kernel = accepted;
        into.Watch(accepted);
        (into._template, into.Connected, into._isBound) = (_template, true, true);
        before.Close();
        if (Volatile.Read(ref into._isDisposed) != 0)
        {
            accepted.Close(); // disposed of meanwhile
        }

        return into;
    }

    private static void ThrowIfReused(bool reuseSocket)
    {
        if (reuseSocket)
        {
            throw new PlatformNotSupportedException("A socket cannot connect again after it was disconnected.");
        }
    }

    private IPAddress[] Usable(IPAddress[] addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (addresses.Length == 0)
        {
            throw new ArgumentException("There is no address.", nameof(addresses));
        }

        IPAddress[] usable = Array.FindAll(addresses, address => address.AddressFamily == AddressFamily || (address.AddressFamily == AddressFamily.InterNetwork && DualMode));
        return usable.Length > 0 ? usable : throw new ArgumentException("No address is of a family of the socket's.", nameof(addresses));
    }

    private void ThrowIfListening()
    {
        if (_isListening)
        {
            throw new InvalidOperationException("A listening socket cannot connect.");
        }
    }

    private void ThrowUnlessListening()
    {
        _ = Kernel;
        if (!_isBound)
        {
            throw new InvalidOperationException($"Call {nameof(Bind)} first.");
        }

        if (!_isListening)
        {
            throw new InvalidOperationException($"Call {nameof(Listen)} first.");
        }
    }
}

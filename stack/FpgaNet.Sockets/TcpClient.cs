using System.Net;

namespace FpgaNet.Sockets;

/// <summary>A connecting stream socket with a <see cref="NetworkStream"/>, as <see cref="System.Net.Sockets.TcpClient"/>.</summary>
public class TcpClient : IDisposable
{
    private Socket? _client;
    private NetworkStream? _stream;
    private volatile bool _isDisposed;

    /// <summary>Makes one for both families of the Internet.</summary>
    public TcpClient() => _client = new Socket(SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Makes one for a family.</summary>
    /// <param name="family">IPv4 or IPv6; Unknown: both.</param>
    public TcpClient(AddressFamily family) => _client = family switch
    {
        AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 => new Socket(family, SocketType.Stream, ProtocolType.Tcp),
        AddressFamily.Unknown => new Socket(SocketType.Stream, ProtocolType.Tcp),
        _ => throw new ArgumentException("TCP is of IPv4 and IPv6.", nameof(family)),
    };

    /// <summary>Makes one with an address of its own.</summary>
    /// <param name="localEP">Our end.</param>
    public TcpClient(IPEndPoint localEP)
    {
        ArgumentNullException.ThrowIfNull(localEP);
        _client = new Socket(localEP.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _client.Bind(localEP);
    }

    /// <summary>Connects to a host.</summary>
    /// <param name="hostname">Its name or address.</param>
    /// <param name="port">The port.</param>
    public TcpClient(string hostname, int port)
        : this()
    {
        ArgumentNullException.ThrowIfNull(hostname);
        try
        {
            Connect(hostname, port);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Takes over a connection.</summary>
    /// <param name="accepted">The connection.</param>
    internal TcpClient(Socket accepted) => (_client, Active) = (accepted, true);

    /// <summary>The socket below.</summary>
    public Socket Client
    {
        get => _client!;
        set
        {
            _client = value;
            Active = value?.Connected ?? false;
        }
    }

    /// <summary>Bytes that may be read without waiting.</summary>
    public int Available => _client?.Available ?? 0;

    /// <summary>It was connected by the last call that could tell.</summary>
    public bool Connected => _client?.Connected ?? false;

    /// <inheritdoc cref="Socket.ExclusiveAddressUse"/>
    public bool ExclusiveAddressUse
    {
        get => _client?.ExclusiveAddressUse ?? false;
        set => Checked.ExclusiveAddressUse = value;
    }

    /// <inheritdoc cref="Socket.ReceiveBufferSize"/>
    public int ReceiveBufferSize
    {
        get => Checked.ReceiveBufferSize;
        set => Checked.ReceiveBufferSize = value;
    }

    /// <inheritdoc cref="Socket.SendBufferSize"/>
    public int SendBufferSize
    {
        get => Checked.SendBufferSize;
        set => Checked.SendBufferSize = value;
    }

    /// <inheritdoc cref="Socket.ReceiveTimeout"/>
    public int ReceiveTimeout
    {
        get => Checked.ReceiveTimeout;
        set => Checked.ReceiveTimeout = value;
    }

    /// <inheritdoc cref="Socket.SendTimeout"/>
    public int SendTimeout
    {
        get => Checked.SendTimeout;
        set => Checked.SendTimeout = value;
    }

    /// <inheritdoc cref="Socket.LingerState"/>
    public LingerOption? LingerState
    {
        get => Checked.LingerState;
        set => Checked.LingerState = value;
    }

    /// <inheritdoc cref="Socket.NoDelay"/>
    public bool NoDelay
    {
        get => Checked.NoDelay;
        set => Checked.NoDelay = value;
    }

    /// <summary>It has been connected.</summary>
    protected bool Active { get; set; }

    private Socket Checked
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _client!;
        }
    }

    /// <inheritdoc cref="Socket.Connect(string, int)"/>
    /// <param name="hostname">Its name or address.</param>
    public void Connect(string hostname, int port)
    {
        ArgumentNullException.ThrowIfNull(hostname);
        Unconnected.Connect(hostname, port);
        Active = true;
    }

    /// <inheritdoc cref="Socket.Connect(IPAddress, int)"/>
    public void Connect(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Connect(new IPEndPoint(address, port));
    }

    /// <inheritdoc cref="Socket.Connect(EndPoint)"/>
    public void Connect(IPEndPoint remoteEP)
    {
        Unconnected.Connect(remoteEP);
        Active = true;
    }

    /// <inheritdoc cref="Socket.Connect(IPAddress[], int)"/>
    /// <param name="ipAddresses">The peer's addresses.</param>
    public void Connect(IPAddress[] ipAddresses, int port)
    {
        Unconnected.Connect(ipAddresses, port);
        Active = true;
    }

    /// <inheritdoc cref="Socket.ConnectAsync(IPAddress, int, CancellationToken)"/>
    public Task ConnectAsync(IPAddress address, int port) => ConnectAsync(address, port, CancellationToken.None).AsTask();

    /// <inheritdoc cref="Socket.ConnectAsync(string, int, CancellationToken)"/>
    public Task ConnectAsync(string host, int port) => ConnectAsync(host, port, CancellationToken.None).AsTask();

    /// <inheritdoc cref="Socket.ConnectAsync(IPAddress[], int, CancellationToken)"/>
    public Task ConnectAsync(IPAddress[] addresses, int port) => ConnectAsync(addresses, port, CancellationToken.None).AsTask();

    /// <inheritdoc cref="Socket.ConnectAsync(EndPoint, CancellationToken)"/>
    public Task ConnectAsync(IPEndPoint remoteEP) => ConnectAsync(remoteEP, CancellationToken.None).AsTask();

    /// <inheritdoc cref="Socket.ConnectAsync(IPAddress, int, CancellationToken)"/>
    public ValueTask ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken) => Activate(Unconnected.ConnectAsync(address, port, cancellationToken));

    /// <inheritdoc cref="Socket.ConnectAsync(string, int, CancellationToken)"/>
    public ValueTask ConnectAsync(string host, int port, CancellationToken cancellationToken) => Activate(Unconnected.ConnectAsync(host, port, cancellationToken));

    /// <inheritdoc cref="Socket.ConnectAsync(IPAddress[], int, CancellationToken)"/>
    public ValueTask ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken) => Activate(Unconnected.ConnectAsync(addresses, port, cancellationToken));

    /// <inheritdoc cref="Socket.ConnectAsync(EndPoint, CancellationToken)"/>
    public ValueTask ConnectAsync(IPEndPoint remoteEP, CancellationToken cancellationToken) => Activate(Unconnected.ConnectAsync(remoteEP, cancellationToken));

    /// <inheritdoc cref="Socket.BeginConnect(IPAddress, int, AsyncCallback, object)"/>
    public IAsyncResult BeginConnect(IPAddress address, int port, AsyncCallback? requestCallback, object? state) =>
        TaskToAsyncResult.Begin(ConnectAsync(address, port), requestCallback, state);

    /// <inheritdoc cref="Socket.BeginConnect(string, int, AsyncCallback, object)"/>
    public IAsyncResult BeginConnect(string host, int port, AsyncCallback? requestCallback, object? state) => TaskToAsyncResult.Begin(ConnectAsync(host, port), requestCallback, state);

    /// <inheritdoc cref="Socket.BeginConnect(IPAddress[], int, AsyncCallback, object)"/>
    public IAsyncResult BeginConnect(IPAddress[] addresses, int port, AsyncCallback? requestCallback, object? state) =>
        TaskToAsyncResult.Begin(ConnectAsync(addresses, port), requestCallback, state);

    /// <inheritdoc cref="Socket.EndConnect(IAsyncResult)"/>
    public void EndConnect(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    /// <summary>The stream of the connection; always the same.</summary>
    /// <exception cref="InvalidOperationException">It is not connected.</exception>
    public NetworkStream GetStream()
    {
        Socket client = Checked;
        if (!client.Connected)
        {
            throw new InvalidOperationException("The client is not connected.");
        }

        return _stream ??= new NetworkStream(client, ownsSocket: true);
    }

    /// <summary>Ends the connection.</summary>
    public void Close() => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go.</summary>
    /// <param name="disposing">By <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_isDisposed || !disposing)
        {
            return;
        }

        _isDisposed = true;
        if (_stream is { } stream)
        {
            stream.Dispose();
        }
        else if (_client is { } client)
        {
            EndConnection(client);
        }
    }

    private Socket Unconnected
    {
        get
        {
            Socket client = Checked;
            return Active ? throw new SocketException((int)SocketError.IsConnected) : client;
        }
    }

    private static void EndConnection(Socket client)
    {
        try
        {
            client.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // It was not connected, or has ended.
        }
        catch (ObjectDisposedException)
        {
            // Closed by somebody else.
        }

        client.Close();
    }

    private async ValueTask Activate(ValueTask connecting)
    {
        await connecting;
        Active = true;
    }
}

using System.Net;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Sockets;

/// <summary>A listening stream socket, as <see cref="System.Net.Sockets.TcpListener"/>.</summary>
public class TcpListener : IDisposable
{
    private readonly IPEndPoint _endPoint;
    private readonly SocketSystem _system = SocketHost.Default; // Start after Stop makes another socket of the same host
    private Socket? _server;
    private bool _isExclusive;

    /// <summary>Listens, once started, on an end point.</summary>
    /// <param name="localEP">Our end.</param>
    public TcpListener(IPEndPoint localEP)
    {
        ArgumentNullException.ThrowIfNull(localEP);
        _endPoint = localEP;
        _server = Create();
    }

    /// <summary>Listens, once started, on an address.</summary>
    /// <param name="localaddr">Our address.</param>
    /// <param name="port">The port; 0: a free one.</param>
    public TcpListener(IPAddress localaddr, int port)
        : this(new IPEndPoint(localaddr, port))
    {
    }

    /// <summary>Listens, once started, on every address of IPv4.</summary>
    /// <param name="port">The port; 0: a free one.</param>
    [Obsolete("Say on which address: TcpListener(IPAddress localaddr, int port).")]
    public TcpListener(int port)
        : this(IPAddress.Any, port)
    {
    }

    /// <summary>The socket below.</summary>
    public Socket Server => _server ??= Create();

    /// <summary>Where it listens.</summary>
    public EndPoint LocalEndpoint => Active ? _server!.LocalEndPoint! : _endPoint;

    /// <inheritdoc cref="Socket.ExclusiveAddressUse"/>
    public bool ExclusiveAddressUse
    {
        get => _server?.ExclusiveAddressUse ?? _isExclusive;
        set
        {
            if (Active)
            {
                throw new InvalidOperationException("The listener has been started.");
            }

            _isExclusive = value;
            Server.ExclusiveAddressUse = value;
        }
    }

    /// <summary>It listens.</summary>
    protected bool Active { get; private set; }

    /// <summary>Makes one for every address of both families.</summary>
    /// <param name="port">The port; 0: a free one.</param>
    public static TcpListener Create(int port)
    {
        TcpListener listener = new(IPAddress.IPv6Any, port);
        listener.Server.DualMode = true;
        return listener;
    }

    /// <summary>Begins to listen.</summary>
    public void Start() => Start(int.MaxValue);

    /// <summary>Begins to listen.</summary>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    public void Start(int backlog)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(backlog);
        if (Active)
        {
            return;
        }

        Socket server = Server;
        server.Bind(_endPoint);
        try
        {
            server.Listen(backlog);
        }
        catch (SocketException)
        {
            Stop(); // a listener that failed can be started again
            throw;
        }

        Active = true;
    }

    /// <summary>Ends listening; it can be started again.</summary>
    public void Stop()
    {
        _server?.Dispose();
        _server = null;
        Active = false;
    }

    /// <summary>The same.</summary>
    public void Dispose()
    {
        Stop();
        GC.SuppressFinalize(this);
    }

    /// <summary>A connection waits to be accepted.</summary>
    public bool Pending() => Listening.Poll(0, SelectMode.SelectRead);

    /// <summary>Takes a connection; waits for one.</summary>
    public Socket AcceptSocket() => Listening.Accept();

    /// <summary>Takes a connection; waits for one.</summary>
    public TcpClient AcceptTcpClient() => new(Listening.Accept());

    /// <summary>Takes a connection.</summary>
    public Task<Socket> AcceptSocketAsync() => AcceptSocketAsync(CancellationToken.None).AsTask();

    /// <summary>Takes a connection.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<Socket> AcceptSocketAsync(CancellationToken cancellationToken) => Listening.AcceptAsync(cancellationToken);

    /// <summary>Takes a connection.</summary>
    public Task<TcpClient> AcceptTcpClientAsync() => AcceptTcpClientAsync(CancellationToken.None).AsTask();

    /// <summary>Takes a connection.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<TcpClient> AcceptTcpClientAsync(CancellationToken cancellationToken)
    {
        return Wrap(Listening.AcceptAsync(cancellationToken));

        static async ValueTask<TcpClient> Wrap(ValueTask<Socket> accepting) => new(await accepting);
    }

    /// <summary>Begins to take a connection.</summary>
    /// <param name="callback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginAcceptSocket(AsyncCallback? callback, object? state) => TaskToAsyncResult.Begin(AcceptSocketAsync(), callback, state);

    /// <summary>Waits for the end of what was begun.</summary>
    /// <param name="asyncResult">What the beginning gave.</param>
    public Socket EndAcceptSocket(IAsyncResult asyncResult) => TaskToAsyncResult.End<Socket>(asyncResult);

    /// <inheritdoc cref="BeginAcceptSocket"/>
    public IAsyncResult BeginAcceptTcpClient(AsyncCallback? callback, object? state) => TaskToAsyncResult.Begin(AcceptTcpClientAsync(), callback, state);

    /// <inheritdoc cref="EndAcceptSocket"/>
    public TcpClient EndAcceptTcpClient(IAsyncResult asyncResult) => TaskToAsyncResult.End<TcpClient>(asyncResult);

    private Socket Listening => Active ? _server! : throw new InvalidOperationException($"Call {nameof(Start)} first.");

    private Socket Create()
    {
        Socket server = new(_system, _endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (_isExclusive)
        {
            server.ExclusiveAddressUse = true;
        }

        return server;
    }
}

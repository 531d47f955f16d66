using System.Net;

namespace FpgaNet.Sockets;

/// <summary>A datagram socket, as <see cref="System.Net.Sockets.UdpClient"/>.</summary>
public class UdpClient : IDisposable
{
    private const int MaximumDatagram = 65536;

    private readonly byte[] _buffer = new byte[MaximumDatagram]; // for Receive
    private Socket _client;
    private bool _isDisposed;

    /// <summary>Makes one of IPv4.</summary>
    public UdpClient()
        : this(AddressFamily.InterNetwork)
    {
    }

    /// <summary>Makes one of a family.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    public UdpClient(AddressFamily family) => _client = Create(family);

    /// <summary>Makes one of IPv4 on a port.</summary>
    /// <param name="port">The port; 0: a free one.</param>
    public UdpClient(int port)
        : this(port, AddressFamily.InterNetwork)
    {
    }

    /// <summary>Makes one of a family on a port.</summary>
    /// <param name="port">The port; 0: a free one.</param>
    /// <param name="family">IPv4 or IPv6.</param>
    public UdpClient(int port, AddressFamily family)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, (uint)IPEndPoint.MaxPort, nameof(port));
        _client = Create(family);
        _client.Bind(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
    }

    /// <summary>Makes one with an address of its own.</summary>
    /// <param name="localEP">Our end.</param>
    public UdpClient(IPEndPoint localEP)
    {
        ArgumentNullException.ThrowIfNull(localEP);
        _client = Create(localEP.AddressFamily);
        _client.Bind(localEP);
    }

    /// <summary>Makes one with a default peer.</summary>
    /// <param name="hostname">The peer's name or address.</param>
    /// <param name="port">Its port.</param>
    public UdpClient(string hostname, int port)
    {
        ArgumentNullException.ThrowIfNull(hostname);
        _client = Create(IPAddress.TryParse(hostname, out IPAddress? address) ? address.AddressFamily : AddressFamily.InterNetwork);
        Connect(hostname, port);
    }

    /// <summary>The socket below.</summary>
    public Socket Client
    {
        get => _client;
        set => _client = value;
    }

    /// <inheritdoc cref="Socket.Available"/>
    public int Available => Checked.Available;

    /// <inheritdoc cref="Socket.Ttl"/>
    public short Ttl
    {
        get => Checked.Ttl;
        set => Checked.Ttl = value;
    }

    /// <inheritdoc cref="Socket.DontFragment"/>
    public bool DontFragment
    {
        get => Checked.DontFragment;
        set => Checked.DontFragment = value;
    }

    /// <inheritdoc cref="Socket.MulticastLoopback"/>
    public bool MulticastLoopback
    {
        get => Checked.MulticastLoopback;
        set => Checked.MulticastLoopback = value;
    }

    /// <inheritdoc cref="Socket.EnableBroadcast"/>
    public bool EnableBroadcast
    {
        get => Checked.EnableBroadcast;
        set => Checked.EnableBroadcast = value;
    }

    /// <inheritdoc cref="Socket.ExclusiveAddressUse"/>
    public bool ExclusiveAddressUse
    {
        get => Checked.ExclusiveAddressUse;
        set => Checked.ExclusiveAddressUse = value;
    }

    /// <summary>It has a default peer.</summary>
    protected bool Active { get; set; }

    private Socket Checked
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _client;
        }
    }

    private EndPoint Anybody => new IPEndPoint(_client.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);

    /// <summary>Sets the default peer, the only one received from.</summary>
    /// <param name="hostname">Its name or address.</param>
    /// <param name="port">Its port.</param>
    public void Connect(string hostname, int port)
    {
        ArgumentNullException.ThrowIfNull(hostname);
        Checked.Connect(hostname, port);
        Active = true;
    }

    /// <inheritdoc cref="Connect(string, int)"/>
    /// <param name="addr">Its address.</param>
    public void Connect(IPAddress addr, int port)
    {
        ArgumentNullException.ThrowIfNull(addr);
        Connect(new IPEndPoint(addr, port));
    }

    /// <inheritdoc cref="Connect(string, int)"/>
    /// <param name="endPoint">The peer.</param>
    public void Connect(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        AllowBroadcast(endPoint.Address);
        Checked.Connect(endPoint);
        Active = true;
    }

    /// <summary>Sends a datagram to the default peer.</summary>
    /// <param name="dgram">Its bytes.</param>
    /// <param name="bytes">How many of them.</param>
    /// <returns>Bytes sent.</returns>
    public int Send(byte[] dgram, int bytes) => Send(Part(dgram, bytes).Span);

    /// <inheritdoc cref="Send(byte[], int)"/>
    /// <param name="datagram">Its bytes.</param>
    public int Send(ReadOnlySpan<byte> datagram) => WithPeer.Send(datagram);

    /// <summary>Sends a datagram.</summary>
    /// <param name="dgram">Its bytes.</param>
    /// <param name="bytes">How many of them.</param>
    /// <param name="endPoint">To whom; null: to the default peer.</param>
    /// <returns>Bytes sent.</returns>
    public int Send(byte[] dgram, int bytes, IPEndPoint? endPoint) => Send(Part(dgram, bytes).Span, endPoint);

    /// <inheritdoc cref="Send(byte[], int, IPEndPoint)"/>
    /// <param name="datagram">Its bytes.</param>
    public int Send(ReadOnlySpan<byte> datagram, IPEndPoint? endPoint) => endPoint is null ? Send(datagram) : WithoutPeer(endPoint).SendTo(datagram, endPoint);

    /// <summary>Sends a datagram to a host.</summary>
    /// <param name="dgram">Its bytes.</param>
    /// <param name="bytes">How many of them.</param>
    /// <param name="hostname">Its name or address; null: the default peer.</param>
    /// <param name="port">Its port.</param>
    /// <returns>Bytes sent.</returns>
    public int Send(byte[] dgram, int bytes, string? hostname, int port) => Send(Part(dgram, bytes).Span, hostname, port);

    /// <inheritdoc cref="Send(byte[], int, string, int)"/>
    /// <param name="datagram">Its bytes.</param>
    public int Send(ReadOnlySpan<byte> datagram, string? hostname, int port) => Send(datagram, Resolve(hostname, port));

    /// <inheritdoc cref="Send(byte[], int)"/>
    /// <param name="datagram">Its bytes.</param>
    public Task<int> SendAsync(byte[] datagram, int bytes) => SendAsync(Part(datagram, bytes)).AsTask();

    /// <inheritdoc cref="Send(byte[], int)"/>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken = default) => WithPeer.SendAsync(datagram, cancellationToken);

    /// <inheritdoc cref="Send(byte[], int, string, int)"/>
    /// <param name="datagram">Its bytes.</param>
    public Task<int> SendAsync(byte[] datagram, int bytes, string? hostname, int port) => SendAsync(Part(datagram, bytes), hostname, port).AsTask();

    /// <inheritdoc cref="Send(byte[], int, string, int)"/>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> datagram, string? hostname, int port, CancellationToken cancellationToken = default)
    {
        IPEndPoint? endPoint = hostname is null ? null : new IPEndPoint(Usable(await SocketNames.ResolveAsync(Checked.Kernel.System, hostname, cancellationToken)), port);
        return await SendAsync(datagram, endPoint, cancellationToken);
    }

    /// <inheritdoc cref="Send(byte[], int, IPEndPoint)"/>
    /// <param name="datagram">Its bytes.</param>
    public Task<int> SendAsync(byte[] datagram, int bytes, IPEndPoint? endPoint) => SendAsync(Part(datagram, bytes), endPoint).AsTask();

    /// <inheritdoc cref="Send(byte[], int, IPEndPoint)"/>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> datagram, IPEndPoint? endPoint, CancellationToken cancellationToken = default) =>
        endPoint is null ? SendAsync(datagram, cancellationToken) : WithoutPeer(endPoint).SendToAsync(datagram, endPoint, cancellationToken);

    /// <summary>Receives a datagram; waits for one.</summary>
    /// <param name="remoteEP">Receives who sent it.</param>
    public byte[] Receive(ref IPEndPoint? remoteEP)
    {
        EndPoint from = Anybody;
        int count = Checked.ReceiveFrom(_buffer, SocketFlags.None, ref from);
        remoteEP = (IPEndPoint)from;
        return _buffer[..count];
    }

    /// <summary>Receives a datagram.</summary>
    public Task<UdpReceiveResult> ReceiveAsync() => ReceiveAsync(CancellationToken.None).AsTask();

    /// <summary>Receives a datagram.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<UdpReceiveResult> ReceiveAsync(CancellationToken cancellationToken)
    {
        SocketReceiveFromResult result = await Checked.ReceiveFromAsync(_buffer.AsMemory(), SocketFlags.None, Anybody, cancellationToken);
        return new UdpReceiveResult(_buffer[..result.ReceivedBytes], (IPEndPoint)result.RemoteEndPoint);
    }

    /// <summary>Begins to send a datagram to the default peer.</summary>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="bytes">How many of them.</param>
    /// <param name="requestCallback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginSend(byte[] datagram, int bytes, AsyncCallback? requestCallback, object? state) => TaskToAsyncResult.Begin(SendAsync(datagram, bytes), requestCallback, state);

    /// <inheritdoc cref="BeginSend(byte[], int, AsyncCallback, object)"/>
    /// <param name="endPoint">To whom; null: to the default peer.</param>
    public IAsyncResult BeginSend(byte[] datagram, int bytes, IPEndPoint? endPoint, AsyncCallback? requestCallback, object? state) =>
        TaskToAsyncResult.Begin(SendAsync(datagram, bytes, endPoint), requestCallback, state);

    /// <inheritdoc cref="BeginSend(byte[], int, AsyncCallback, object)"/>
    /// <param name="hostname">To whom; null: to the default peer.</param>
    /// <param name="port">Its port.</param>
    public IAsyncResult BeginSend(byte[] datagram, int bytes, string? hostname, int port, AsyncCallback? requestCallback, object? state) =>
        TaskToAsyncResult.Begin(SendAsync(datagram, bytes, hostname, port), requestCallback, state);

    /// <summary>Waits for the end of what was begun.</summary>
    /// <param name="asyncResult">What the beginning gave.</param>
    /// <returns>Bytes sent.</returns>
    public int EndSend(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    /// <summary>Begins to receive a datagram.</summary>
    /// <param name="requestCallback">Called when it is done; null: nobody.</param>
    /// <param name="state">For the callback.</param>
    public IAsyncResult BeginReceive(AsyncCallback? requestCallback, object? state) => TaskToAsyncResult.Begin(ReceiveAsync(), requestCallback, state);

    /// <summary>Waits for the end of what was begun.</summary>
    /// <param name="asyncResult">What the beginning gave.</param>
    /// <param name="remoteEP">Receives who sent it.</param>
    public byte[] EndReceive(IAsyncResult asyncResult, ref IPEndPoint? remoteEP)
    {
        UdpReceiveResult result = TaskToAsyncResult.End<UdpReceiveResult>(asyncResult);
        remoteEP = result.RemoteEndPoint;
        return result.Buffer;
    }

    /// <summary>Receives what is sent to a group.</summary>
    /// <param name="multicastAddr">The group.</param>
    public void JoinMulticastGroup(IPAddress multicastAddr)
    {
        ArgumentNullException.ThrowIfNull(multicastAddr);
        ThrowUnlessOfFamily(multicastAddr);
        if (multicastAddr.AddressFamily == AddressFamily.InterNetwork)
        {
            Checked.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(multicastAddr));
            return;
        }

        Checked.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(multicastAddr));
    }

    /// <inheritdoc cref="JoinMulticastGroup(IPAddress)"/>
    /// <param name="localAddress">An address of the interface.</param>
    public void JoinMulticastGroup(IPAddress multicastAddr, IPAddress localAddress)
    {
        ThrowUnlessIPv4();
        Checked.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(multicastAddr, localAddress));
    }

    /// <inheritdoc cref="JoinMulticastGroup(IPAddress)"/>
    /// <param name="ifindex">Index of the interface.</param>
    public void JoinMulticastGroup(int ifindex, IPAddress multicastAddr)
    {
        ArgumentNullException.ThrowIfNull(multicastAddr);
        ArgumentOutOfRangeException.ThrowIfNegative(ifindex);
        if (Checked.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw new SocketException((int)SocketError.OperationNotSupported);
        }

        _client.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(multicastAddr, ifindex));
    }

    /// <inheritdoc cref="JoinMulticastGroup(IPAddress)"/>
    /// <param name="timeToLive">Hops that what we send to groups may take.</param>
    public void JoinMulticastGroup(IPAddress multicastAddr, int timeToLive)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)timeToLive, (uint)byte.MaxValue, nameof(timeToLive));
        JoinMulticastGroup(multicastAddr);
        _client.SetSocketOption(
            _client.AddressFamily == AddressFamily.InterNetworkV6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, timeToLive);
    }

    /// <summary>Leaves a group.</summary>
    /// <param name="multicastAddr">The group.</param>
    public void DropMulticastGroup(IPAddress multicastAddr)
    {
        ArgumentNullException.ThrowIfNull(multicastAddr);
        ThrowUnlessOfFamily(multicastAddr);
        if (multicastAddr.AddressFamily == AddressFamily.InterNetwork)
        {
            Checked.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.DropMembership, new MulticastOption(multicastAddr));
            return;
        }

        Checked.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.DropMembership, new IPv6MulticastOption(multicastAddr));
    }

    /// <inheritdoc cref="DropMulticastGroup(IPAddress)"/>
    /// <param name="ifindex">Index of the interface.</param>
    public void DropMulticastGroup(IPAddress multicastAddr, int ifindex)
    {
        ArgumentNullException.ThrowIfNull(multicastAddr);
        ArgumentOutOfRangeException.ThrowIfNegative(ifindex);
        if (Checked.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw new SocketException((int)SocketError.OperationNotSupported);
        }

        _client.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.DropMembership, new IPv6MulticastOption(multicastAddr, ifindex));
    }

    /// <summary>Lets go.</summary>
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
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _client?.Close();
        }
    }

    private Socket WithPeer
    {
        get
        {
            Socket client = Checked;
            return Active ? client : throw new InvalidOperationException("There is no default peer.");
        }
    }

    private static Socket Create(AddressFamily family) => family is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
        ? new Socket(family, SocketType.Dgram, ProtocolType.Udp)
        : throw new ArgumentException("UDP is of IPv4 and IPv6.", nameof(family));

    private static ReadOnlyMemory<byte> Part(byte[] datagram, int bytes)
    {
        ArgumentNullException.ThrowIfNull(datagram);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)datagram.Length, nameof(bytes));
        return datagram.AsMemory(0, bytes);
    }

    private Socket WithoutPeer(IPEndPoint endPoint)
    {
        Socket client = Checked;
        if (Active)
        {
            throw new InvalidOperationException("There is a default peer: nobody else can be sent to.");
        }

        AllowBroadcast(endPoint.Address);
        return client;
    }

    // As UdpClient: who names the broadcast address means it.
    private void AllowBroadcast(IPAddress address)
    {
        if (address.Equals(IPAddress.Broadcast))
        {
            Checked.EnableBroadcast = true;
        }
    }

    private IPEndPoint? Resolve(string? hostname, int port) => hostname is null ? null : new IPEndPoint(Usable(SocketNames.Resolve(Checked.Kernel.System, hostname)), port);

    private IPAddress Usable(IPAddress[] addresses) => Array.Find(addresses, address => address.AddressFamily == _client.AddressFamily)
        ?? throw new SocketException((int)SocketError.HostNotFound);

    private void ThrowUnlessOfFamily(IPAddress group)
    {
        if (group.AddressFamily != Checked.AddressFamily)
        {
            throw new ArgumentException($"A group of {group.AddressFamily} is not for a client of {_client.AddressFamily}.", nameof(group));
        }
    }

    private void ThrowUnlessIPv4()
    {
        if (Checked.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new SocketException((int)SocketError.OperationNotSupported);
        }
    }
}

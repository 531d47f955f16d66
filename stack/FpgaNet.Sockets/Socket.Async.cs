using System.Net;
using FpgaNet.Sockets.Waiting;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets;

/// <summary>The calls that give a <see cref="ValueTask"/>. Any number may wait; an error is in the task, a wrong argument is thrown at once.</summary>
public partial class Socket
{
    /// <summary>Receives what is there; room for no bytes waits for some without taking them.</summary>
    /// <param name="buffer">Receives the bytes; it must stay until the task is done.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Bytes received; 0 at the end of a stream.</returns>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    /// <inheritdoc cref="ReceiveAsync(Memory{byte}, CancellationToken)"/>
    /// <param name="socketFlags">How.</param>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, SocketFlags socketFlags, CancellationToken cancellationToken = default)
    {
        KernelSocket kernel = Kernel;
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        if (_receives.IsEmpty)
        {
            Errno error = Receive(kernel, buffer.Span, socketFlags, MessageFlags.MSG_DONTWAIT, out int received);
            if (error != Errno.EAGAIN)
            {
                return error == Errno.None ? new ValueTask<int>(received) : Failed<int>(error);
            }
        }

        SocketCall call = _receives.Rent(CallKind.Receive, cancellationToken);
        (call.Destination, call.Flags) = (buffer, socketFlags);
        return _receives.Start(call);
    }

    /// <summary>Sends bytes to the peer; a stream's task is done when all are taken.</summary>
    /// <param name="buffer">The bytes; they must stay until the task is done.</param>
    /// <param name="cancellationToken">Ends the wait; what was taken goes.</param>
    /// <returns>Bytes taken.</returns>
    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => SendAsync(buffer, SocketFlags.None, cancellationToken);

    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="socketFlags">How.</param>
    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> buffer, SocketFlags socketFlags, CancellationToken cancellationToken = default)
    {
        KernelSocket kernel = Kernel;
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        int sent = 0;
        if (_sends.IsEmpty)
        {
            Errno error = Send(kernel, buffer.Span, socketFlags, MessageFlags.MSG_DONTWAIT, out sent);
            if (error == Errno.None && (sent == buffer.Length || SocketType != SocketType.Stream))
            {
                return new ValueTask<int>(sent);
            }

            if (error is not (Errno.None or Errno.EAGAIN))
            {
                return Failed<int>(error);
            }
        }

        SocketCall call = _sends.Rent(CallKind.Send, cancellationToken);
        (call.Source, call.Flags, call.Count) = (buffer, socketFlags, sent);
        return _sends.Start(call);
    }

    /// <summary>Sends a datagram.</summary>
    /// <param name="buffer">Its bytes.</param>
    /// <param name="remoteEP">To whom.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Bytes sent.</returns>
    public ValueTask<int> SendToAsync(ReadOnlyMemory<byte> buffer, EndPoint remoteEP, CancellationToken cancellationToken = default) =>
        SendToAsync(buffer, SocketFlags.None, remoteEP, cancellationToken);

    /// <inheritdoc cref="SendToAsync(ReadOnlyMemory{byte}, EndPoint, CancellationToken)"/>
    /// <param name="socketFlags">How.</param>
    public ValueTask<int> SendToAsync(ReadOnlyMemory<byte> buffer, SocketFlags socketFlags, EndPoint remoteEP, CancellationToken cancellationToken = default)
    {
        _template ??= remoteEP;
        return SendToAsync(buffer, socketFlags, EndPointOf.Parse(remoteEP, Kernel.Request.Domain), cancellationToken);
    }

    /// <inheritdoc cref="SendToAsync(ReadOnlyMemory{byte}, SocketFlags, EndPoint, CancellationToken)"/>
    /// <param name="socketAddress">To whom (<see cref="EndPoint.Serialize"/>).</param>
    public ValueTask<int> SendToAsync(ReadOnlyMemory<byte> buffer, SocketFlags socketFlags, SocketAddress socketAddress, CancellationToken cancellationToken = default) =>
        SendToAsync(buffer, socketFlags, EndPointOf.Parse(socketAddress), cancellationToken);

    /// <summary>Receives a datagram and who sent it.</summary>
    /// <param name="buffer">Receives its bytes.</param>
    /// <param name="remoteEndPoint">An end point of the socket's family.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<SocketReceiveFromResult> ReceiveFromAsync(Memory<byte> buffer, EndPoint remoteEndPoint, CancellationToken cancellationToken = default) =>
        ReceiveFromAsync(buffer, SocketFlags.None, remoteEndPoint, cancellationToken);

    /// <inheritdoc cref="ReceiveFromAsync(Memory{byte}, EndPoint, CancellationToken)"/>
    /// <param name="socketFlags">How.</param>
    public ValueTask<SocketReceiveFromResult> ReceiveFromAsync(Memory<byte> buffer, SocketFlags socketFlags, EndPoint remoteEndPoint, CancellationToken cancellationToken = default)
    {
        CheckedForReceive(remoteEndPoint);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<SocketReceiveFromResult>(cancellationToken);
        }

        SocketCall call = _receives.Rent(CallKind.ReceiveFrom, cancellationToken);
        (call.Destination, call.Flags, call.Template) = (buffer, socketFlags, remoteEndPoint);
        _receives.Start(call, out short version);
        return new ValueTask<SocketReceiveFromResult>(call, version);
    }

    /// <summary>Receives a datagram and who sent it; nothing is allocated.</summary>
    /// <param name="buffer">Receives its bytes.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="receivedAddress">Receives who sent it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Bytes received.</returns>
    public ValueTask<int> ReceiveFromAsync(Memory<byte> buffer, SocketFlags socketFlags, SocketAddress receivedAddress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(receivedAddress);
        _ = Kernel;
        ThrowUnlessBound();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        SocketCall call = _receives.Rent(CallKind.ReceiveFrom, cancellationToken);
        (call.Destination, call.Flags, call.AddressBytes) = (buffer, socketFlags, receivedAddress);
        return _receives.Start(call);
    }

    /// <summary>Receives a datagram, who sent it, and where to.</summary>
    /// <param name="buffer">Receives its bytes.</param>
    /// <param name="remoteEndPoint">An end point of the socket's family.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<SocketReceiveMessageFromResult> ReceiveMessageFromAsync(Memory<byte> buffer, EndPoint remoteEndPoint, CancellationToken cancellationToken = default) =>
        ReceiveMessageFromAsync(buffer, SocketFlags.None, remoteEndPoint, cancellationToken);

    /// <inheritdoc cref="ReceiveMessageFromAsync(Memory{byte}, EndPoint, CancellationToken)"/>
    /// <param name="socketFlags">How.</param>
    public ValueTask<SocketReceiveMessageFromResult> ReceiveMessageFromAsync(
        Memory<byte> buffer, SocketFlags socketFlags, EndPoint remoteEndPoint, CancellationToken cancellationToken = default)
    {
        CheckedForReceive(remoteEndPoint);
        TellPacketInformation();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<SocketReceiveMessageFromResult>(cancellationToken);
        }

        SocketCall call = _receives.Rent(CallKind.ReceiveMessageFrom, cancellationToken);
        (call.Destination, call.Flags, call.Template) = (buffer, socketFlags, remoteEndPoint);
        _receives.Start(call, out short version);
        return new ValueTask<SocketReceiveMessageFromResult>(call, version);
    }

    /// <summary>Takes a connection.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken) => AcceptAsync(acceptSocket: null, cancellationToken);

    /// <summary>Takes a connection.</summary>
    /// <param name="acceptSocket">Takes it over; null: a new socket does.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<Socket> AcceptAsync(Socket? acceptSocket, CancellationToken cancellationToken)
    {
        ThrowUnlessListening();
        if (acceptSocket is { _isBound: true })
        {
            throw new InvalidOperationException("The socket to accept into must be neither bound nor connected.");
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Socket>(cancellationToken);
        }

        SocketCall call = _receives.Rent(CallKind.Accept, cancellationToken);
        call.AcceptSocket = acceptSocket;
        _receives.Start(call, out short version);
        return new ValueTask<Socket>(call, version);
    }

    /// <summary>Connects.</summary>
    /// <param name="remoteEP">The peer; a <see cref="DnsEndPoint"/> is resolved and its addresses tried in turn.</param>
    /// <param name="cancellationToken">Ends the wait; the socket is of no more use.</param>
    public ValueTask ConnectAsync(EndPoint remoteEP, CancellationToken cancellationToken)
    {
        KernelSocket kernel = Kernel;
        ArgumentNullException.ThrowIfNull(remoteEP);
        if (remoteEP is DnsEndPoint name)
        {
            return ConnectAsync(name.Host, name.Port, cancellationToken);
        }

        ThrowIfListening();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        bool isBegun = false;
        SockAddr address = EndPointOf.Parse(remoteEP, kernel.Request.Domain);
        Errno error = Connect(kernel, address, ref isBegun);
        _template = remoteEP;
        if (error != Errno.EAGAIN)
        {
            return Decided(error) == Errno.None ? default : ValueTask.FromException(ExceptionOf(error, remoteEP));
        }

        SocketCall call = _sends.Rent(CallKind.Connect, cancellationToken);
        (call.Address, call.IsBegun, call.Template) = (address, isBegun, remoteEP);
        _sends.Start(call, out short version);
        return new ValueTask(call, version);
    }

    /// <summary>Connects.</summary>
    /// <param name="address">The peer's address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken) => ConnectAsync(new IPEndPoint(address, port), cancellationToken);

    /// <summary>Connects to the first address that answers.</summary>
    /// <param name="addresses">The peer's addresses.</param>
    /// <param name="port">Its port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        _ = Kernel;
        ThrowIfListening();
        return TryEachAsync(Usable(addresses), port, cancellationToken);
    }

    /// <summary>Connects to a host by name.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        KernelSocket kernel = Kernel;
        ArgumentNullException.ThrowIfNull(host);
        ThrowIfListening();
        return IPAddress.TryParse(host, out IPAddress? address) ? ConnectAsync(address, port, cancellationToken) : ResolveAndConnectAsync(kernel, host, port, cancellationToken);
    }

    /// <summary>Ends the connection. The socket cannot be used again (as .NET on Linux).</summary>
    /// <param name="reuseSocket">Not supported.</param>
    /// <param name="cancellationToken">Nothing waits.</param>
    public ValueTask DisconnectAsync(bool reuseSocket, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Disconnect(reuseSocket);
        return default;
    }

    private ValueTask<T> Failed<T>(Errno error) => ValueTask.FromException<T>(new SocketException((int)Note(error)));

    private ValueTask<int> SendToAsync(ReadOnlyMemory<byte> buffer, SocketFlags socketFlags, in SockAddr address, CancellationToken cancellationToken)
    {
        KernelSocket kernel = Kernel;
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        _isBound = true;
        if (_sends.IsEmpty)
        {
            Errno error = SendTo(kernel, buffer.Span, socketFlags, MessageFlags.MSG_DONTWAIT, address, out int sent);
            if (error != Errno.EAGAIN)
            {
                return error == Errno.None ? new ValueTask<int>(sent) : Failed<int>(error);
            }
        }

        SocketCall call = _sends.Rent(CallKind.SendTo, cancellationToken);
        (call.Source, call.Flags, call.Address) = (buffer, socketFlags, address);
        return _sends.Start(call);
    }

    private async ValueTask ResolveAndConnectAsync(KernelSocket kernel, string host, int port, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await SocketNames.ResolveAsync(kernel.System, host, cancellationToken);
        await ConnectAsync(addresses, port, cancellationToken);
    }

    private async ValueTask TryEachAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (IPAddress address in addresses)
        {
            try
            {
                await ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is not (SocketError.OperationAborted or SocketError.IsConnected))
            {
                last = e;
            }
        }

        throw last!;
    }
}

using System.Net.Sockets;

namespace FpgaNet.Stack.Sockets;

/// <summary>Urgent data (RFC 6093). New applications should do without (RFC 9293 §3.8.5, SHLD-13); old ones have it here.</summary>
public sealed partial class TcpSocket
{
    private SocketOperation? _urgent;

    /// <summary>
    /// SO_OOBINLINE, and on as RFC 6093 §6 wants it: the urgent byte stays in the stream, and a receive ends before it, so that <see cref="IsAtMark"/> can be asked. Off:
    /// it is taken out of the stream and <see cref="TryReceiveUrgent"/> has it. To be set before urgent data comes, on a connected socket.
    /// </summary>
    public bool UrgentInline
    {
        get => _connection?.UrgentInline ?? true;
        set
        {
            using (_network.Enter())
            {
                (_connection ?? throw new SocketException((int)SocketError.NotConnected)).UrgentInline = value;
            }
        }
    }

    /// <summary>Bytes to be read up to the last urgent one, itself counted; 0: nothing is urgent (RFC 9293 §3.8.5, MUST-33).</summary>
    public int UrgentBytes
    {
        get
        {
            using (_network.Enter())
            {
                return _connection?.UrgentBytes ?? 0;
            }
        }
    }

    /// <summary>The next byte to be received is the urgent one (SIOCATMARK).</summary>
    public bool IsAtMark
    {
        get
        {
            using (_network.Enter())
            {
                return _connection is { IsAtMark: true };
            }
        }
    }

    /// <summary>Sends bytes of which the last is urgent (MSG_OOB), as far as the send buffer takes them.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <returns>Bytes taken; the mark is at the last of them.</returns>
    /// <exception cref="SocketException">As with <see cref="SendAsync"/>.</exception>
    public int TrySendUrgent(ReadOnlySpan<byte> buffer)
    {
        using (_network.Enter())
        {
            _sending?.ThrowIfUsed();
            SocketError error = SendError();
            return error == SocketError.Success ? _connection!.WriteUrgent(buffer) : throw new SocketException((int)error);
        }
    }

    /// <summary>Takes the urgent byte when <see cref="UrgentInline"/> is off and it has come (MSG_OOB).</summary>
    /// <param name="value">The byte.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryReceiveUrgent(out byte value)
    {
        using (_network.Enter())
        {
            value = 0;
            return _connection is not null && _connection.TryTakeUrgentByte(out value);
        }
    }

    /// <summary>Waits until the peer announces urgent data (RFC 9293 §3.8.5, MUST-32), which may be long before the data itself.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns><see cref="UrgentBytes"/>.</returns>
    /// <exception cref="SocketException">The connection has ended; NotConnected.</exception>
    public ValueTask<int> WaitForUrgentAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (_network.Enter())
        {
            if (_connection is null)
            {
                throw new SocketException((int)SocketError.NotConnected);
            }

            _urgent ??= new SocketOperation(_network);
            _urgent.ThrowIfUsed();
            _urgent.Start(cancellationToken);
            if (_connection.UrgentBytes > 0)
            {
                _urgent.Complete(_connection.UrgentBytes, SocketError.Success);
            }
            else if (_connection.State == Transport.Tcp.TcpState.Closed)
            {
                _urgent.Complete(0, EndError(_connection));
            }
        }

        return _urgent.AsValueTask();
    }
}

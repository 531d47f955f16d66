using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Which connections are served at the end of a batch, and which wait for room on their way out or for memory.</summary>
internal sealed partial class TcpProtocol
{
    private static readonly TimeSpan s_memoryRetry = TimeSpan.FromMilliseconds(1);

    private readonly StackTimer _memoryTimer;
    private readonly List<TcpConnection> _waiting = [];
    private TcpConnection? _firstPending;
    private TcpConnection? _lastPending;

    /// <summary>Has a connection served at the end of the batch.</summary>
    public void MakePending(TcpConnection connection)
    {
        if (connection.IsPending)
        {
            return;
        }

        connection.IsPending = true;
        if (_lastPending is null)
        {
            _firstPending = connection;
        }
        else
        {
            _lastPending.NextPending = connection;
        }

        _lastPending = connection;
    }

    /// <summary>The output queue is full: the connection goes on when the device has taken some of it.</summary>
    public void WaitForOutput(TcpConnection connection)
    {
        if (!connection.IsWaiting)
        {
            connection.IsWaiting = true;
            _waiting.Add(connection);
        }
    }

    /// <summary>A pool is empty. Nobody says when a device or a peer gives a buffer back, so that we look again soon.</summary>
    public void WaitForMemory(TcpConnection connection)
    {
        WaitForOutput(connection);
        if (!_memoryTimer.IsSet)
        {
            _memoryTimer.Set(Context.Now + s_memoryRetry);
        }
    }

    /// <summary>Serves all connections that something happened to.</summary>
    public void Service()
    {
        while (_firstPending is { } connection)
        {
            _firstPending = connection.NextPending;
            if (_firstPending is null)
            {
                _lastPending = null;
            }

            connection.NextPending = null;
            connection.IsPending = false;
            connection.Service();
        }
    }

    /// <summary>The device has taken frames: whoever waited for that may go on.</summary>
    /// <returns>Whether somebody did.</returns>
    public bool OutputDrained()
    {
        if (_waiting.Count == 0 || !Context.HasRoom || _memoryTimer.IsSet)
        {
            return false;
        }

        RetryWaiting();
        return true;
    }

    private void RetryWaiting()
    {
        foreach (TcpConnection connection in _waiting)
        {
            connection.IsWaiting = false;
            connection.RoomCame();
        }

        _waiting.Clear();
    }
}

using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Sockets;

/// <summary>
/// One outstanding call of an application: the source behind its <see cref="ValueTask"/>, made once for a socket and direction and used again and again, so
/// that waiting allocates nothing.
/// </summary>
internal sealed class SocketOperation(StackContext network) : IValueTaskSource<int>, IValueTaskSource, ICompletion
{
    private ManualResetValueTaskSourceCore<int> _core;
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;
    private bool _isUsed; // from Start until the application has taken the result
    private int _result;
    private SocketError _error;
    private bool _cancelled;

    /// <summary>The call waits.</summary>
    public bool IsPending { get; private set; }

    /// <summary>The bytes to send, while pending.</summary>
    public ReadOnlyMemory<byte> Source { get; set; }

    /// <summary>Where received bytes go, while pending.</summary>
    public Memory<byte> Destination { get; set; }

    /// <inheritdoc/>
    public ICompletion? NextCompletion { get; set; }

    /// <summary>Throws when a call of this kind waits already.</summary>
    public void ThrowIfUsed()
    {
        if (_isUsed)
        {
            throw new InvalidOperationException("The socket is already busy with such a call; wait for it first.");
        }
    }

    /// <summary>Begins to wait, under the lock.</summary>
    public void Start(CancellationToken token)
    {
        _core.Reset();
        _isUsed = true;
        IsPending = true;
        _cancelled = false;
        _token = token;
    }

    /// <summary>The wait as the application sees it, without the lock. From here on it can be cancelled.</summary>
    public ValueTask<int> AsValueTask()
    {
        short version = _core.Version;
        Watch();
        return new ValueTask<int>(this, version);
    }

    /// <summary>The same without a result.</summary>
    public ValueTask AsVoidValueTask()
    {
        short version = _core.Version;
        Watch();
        return new ValueTask(this, version);
    }

    /// <summary>The call is done, under the lock.</summary>
    public void Complete(int result, SocketError error)
    {
        if (!IsPending)
        {
            return;
        }

        IsPending = false;
        _result = result;
        _error = error;
        Source = default;
        Destination = default;
        network.Completions.Add(this);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        _registration.Unregister();
        _registration = default;
        if (_cancelled)
        {
            _core.SetException(new OperationCanceledException(_token));
        }
        else if (_error != SocketError.Success)
        {
            _core.SetException(new SocketException((int)_error));
        }
        else
        {
            _core.SetResult(_result);
        }
    }

    /// <inheritdoc/>
    public int GetResult(short token)
    {
        _ = _core.GetStatus(token); // throws when the result was taken already
        _isUsed = false;
        return _core.GetResult(token);
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Watch()
    {
        if (!_token.CanBeCanceled)
        {
            return;
        }

        // Not under the lock: a token that is cancelled already calls back at once. A completion that overtakes us leaves a registration behind that
        // finds nothing pending, or the next call with the same token, which is to be cancelled as well.
        CancellationTokenRegistration registration = _token.UnsafeRegister(
            static (state, token) => ((SocketOperation)state!).Cancel(token), this);
        using (network.Enter())
        {
            if (IsPending)
            {
                _registration = registration;
                return;
            }
        }

        registration.Unregister();
    }

    private void Cancel(CancellationToken token)
    {
        using (network.Enter())
        {
            if (IsPending && _token == token)
            {
                _cancelled = true;
                Complete(0, SocketError.OperationAborted);
            }
        }
    }
}

using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Sockets;

/// <summary>A cancellation after a time on the stack's own clock, for calls that wait.</summary>
internal sealed class StackTimeout : ICompletion, IDisposable
{
    private readonly StackContext _context;
    private readonly StackTimer _timer;
    private readonly CancellationTokenSource _source;

    /// <summary>Begins, without the lock.</summary>
    /// <param name="context">The stack.</param>
    /// <param name="after">The time.</param>
    /// <param name="token">Cancels earlier.</param>
    public StackTimeout(StackContext context, TimeSpan after, CancellationToken token)
    {
        _context = context;
        _source = CancellationTokenSource.CreateLinkedTokenSource(token);
        _timer = new StackTimer(context.Timers, Expire);
        using (context.Enter())
        {
            _timer.Set(context.Now + after);
        }
    }

    /// <summary>Cancelled when the time is up.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The time is up.</summary>
    public bool HasExpired { get; private set; }

    /// <inheritdoc/>
    public ICompletion? NextCompletion { get; set; }

    /// <inheritdoc/>
    public void Execute()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call was done in the very moment: nobody waits any more.
        }
    }

    /// <summary>Stops it.</summary>
    public void Dispose()
    {
        using (_context.Enter())
        {
            _timer.Remove();
        }

        _source.Dispose();
    }

    private void Expire()
    {
        HasExpired = true;
        _context.Completions.Add(this);
    }
}

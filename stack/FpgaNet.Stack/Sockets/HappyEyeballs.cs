using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Sockets;

/// <summary>
/// One race to connect to the first of several addresses that answers (RFC 8305): families by turns, each attempt a quarter of a second after the one before, or as soon
/// as one has failed.
/// </summary>
internal sealed class HappyEyeballs(StackContext context, TcpProtocol tcp)
{
    private static readonly TimeSpan s_attemptDelay = TimeSpan.FromMilliseconds(250); // §5: Connection Attempt Delay

    private readonly Lock _gate = new();
    private TaskCompletionSource _news = new();
    private TcpSocket? _winner;
    private SocketException? _failure;
    private int _failed;
    private bool _over;

    /// <summary>Connects.</summary>
    /// <param name="addresses">The addresses in the order of RFC 6724; at least one.</param>
    /// <param name="port">The port of all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">What the last attempt said, when all have failed.</exception>
    public async Task<TcpSocket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        using CancellationTokenSource losers = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Queue<IPAddress> next = new(Interleave(addresses));
        try
        {
            while (true)
            {
                if (next.TryDequeue(out IPAddress? address))
                {
                    _ = AttemptAsync(new IPEndPoint(address, port), losers.Token);
                }

                await NewsAsync(next.Count != 0 ? s_attemptDelay : TimeSpan.FromDays(1), cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                lock (_gate)
                {
                    if (_winner is not null)
                    {
                        _over = true;
                        return _winner;
                    }

                    if (_failed == addresses.Count)
                    {
                        throw _failure!;
                    }
                }
            }
        }
        finally
        {
            End();
            losers.Cancel();
        }
    }

    /// <summary>Families by turns, beginning with the first address's (§4).</summary>
    internal static IEnumerable<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        Queue<IPAddress> preferred = new(addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily));
        Queue<IPAddress> others = new(addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily));
        while (preferred.Count + others.Count != 0)
        {
            if (preferred.TryDequeue(out IPAddress? address))
            {
                yield return address;
            }

            if (others.TryDequeue(out address))
            {
                yield return address;
            }
        }
    }

    // Waits until an attempt has ended, the time is up, or somebody gives up.
    private async Task NewsAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using StackTimeout timeout = new(context, limit, cancellationToken);
        TaskCompletionSource news;
        lock (_gate)
        {
            news = _news;
        }

        await using (timeout.Token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), news).ConfigureAwait(false))
        {
            await news.Task.ConfigureAwait(false);
        }

        lock (_gate)
        {
            _news = new TaskCompletionSource();
        }
    }

    private async Task AttemptAsync(IPEndPoint remote, CancellationToken cancellationToken)
    {
        TcpSocket socket = new(tcp);
        SocketException? failure = null;
        try
        {
            await socket.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            failure = e;
        }
        catch (OperationCanceledException)
        {
            failure = new SocketException((int)SocketError.OperationAborted);
        }

        TaskCompletionSource news;
        lock (_gate)
        {
            if (failure is not null)
            {
                _failure = failure;
                _failed++;
            }
            else if (!_over && _winner is null)
            {
                _winner = socket;
            }

            news = _news;
        }

        if (_winner != socket)
        {
            socket.Dispose(); // failed, or too late
        }

        news.TrySetResult();
    }

    // Whoever connects from now on is too late; so is who has, when nobody wants it any more.
    private void End()
    {
        TcpSocket? unwanted;
        lock (_gate)
        {
            unwanted = _over ? null : _winner;
            _over = true;
        }

        unwanted?.Dispose();
    }
}

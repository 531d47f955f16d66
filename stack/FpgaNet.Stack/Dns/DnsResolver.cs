using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Names;
using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Udp;

namespace FpgaNet.Stack.Dns;

/// <summary>
/// Finds addresses of names, and what else DNS knows (RFC 1034 §5.3.1: a stub resolver, which asks recursive servers). It may be used from any thread. Errors are
/// <see cref="SocketException"/>s: HostNotFound (the name does not exist), NoData (it has no such record), TryAgain (no server gave an answer), and what the
/// sockets say.
/// </summary>
public sealed class DnsResolver : IHostNames, IDisposable
{
    private const int MaximumAliases = 8;

    private static readonly Task<DnsAnswer> s_notAsked = Task.FromResult(new DnsAnswer([], SocketError.HostNotFound, TimeSpan.Zero));

    private readonly StackContext _context;
    private readonly IpLayer _ip;
    private readonly DnsSettings _settings;
    private readonly DnsExchange _exchange;
    private readonly DnsCache _cache;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, DnsRecordType Type), List<TaskCompletionSource<DnsAnswer>>> _running = []; // with who waits for the answer
    private readonly CancellationTokenSource _disposed = new();
    private readonly CancellationToken _stop;
    private IReadOnlyList<IPEndPoint> _servers;
    private IReadOnlyList<string> _searchList;
    private int _firstServer;

    internal DnsResolver(StackContext context, IpLayer ip, UdpProtocol udp, TcpProtocol tcp, DnsSettings settings)
    {
        _context = context;
        _ip = ip;
        _settings = settings;
        _stop = _disposed.Token;
        _servers = settings.Servers;
        _searchList = settings.SearchList;
        _exchange = new DnsExchange(context, udp, tcp);
        _cache = new DnsCache(settings.CacheEntries, settings.CacheBytes);
    }

    /// <summary>The servers that are asked; they may be replaced at any time, as DHCP learns of others.</summary>
    public IReadOnlyList<IPEndPoint> Servers
    {
        get => Volatile.Read(ref _servers);
        set => Volatile.Write(ref _servers, value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>Domains that short names are looked up in; likewise.</summary>
    public IReadOnlyList<string> SearchList
    {
        get => Volatile.Read(ref _searchList);
        set => Volatile.Write(ref _searchList, value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>Finds the addresses of a host, IPv4 and IPv6, in the order in which they should be tried (RFC 6724 §6).</summary>
    /// <param name="name">The name; with a dot at its end it is taken as it is. The text of an address is that address.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">As the class says.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (IPAddress.TryParse(name, out IPAddress? literal))
        {
            return [literal];
        }

        HostEntry entry = await FindAsync(name, wantsIPv4: true, wantsIPv6: true, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(DestinationOrder.Sort(_ip, [.. entry.Addresses]), static address => address.ToIPAddress());
    }

    /// <summary>Finds the addresses of a host, in no order. Only such as are asked for are waited for.</summary>
    /// <param name="name">The name; with a dot at its end it is taken as it is.</param>
    /// <param name="wantsIPv4">IPv4 addresses are asked for.</param>
    /// <param name="wantsIPv6">IPv6 addresses are asked for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">As the class says.</exception>
    public async Task<HostEntry> FindAsync(string name, bool wantsIPv4, bool wantsIPv6, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_settings.Hosts.TryGetValue(name.TrimEnd('.'), out IReadOnlyList<IPAddress>? known))
        {
            return Known(name.TrimEnd('.'), known, wantsIPv4, wantsIPv6);
        }

        SocketError error = SocketError.HostNotFound;
        foreach (string candidate in Candidates(name))
        {
            if (SpecialNames.Find(candidate) is { } special)
            {
                return special.Count != 0 ? Known(candidate, special, wantsIPv4, wantsIPv6) : throw new SocketException((int)SocketError.HostNotFound);
            }

            Task<DnsAnswer> four = wantsIPv4 ? FindAsync(candidate, DnsRecordType.A, cancellationToken) : s_notAsked;
            DnsAnswer six = await TryAsync(wantsIPv6 ? FindAsync(candidate, DnsRecordType.AAAA, cancellationToken) : s_notAsked).ConfigureAwait(false);
            DnsAnswer both = await TryAsync(four).ConfigureAwait(false);
            List<AddressRecord> records = [.. six.Records.Concat(both.Records).Cast<AddressRecord>()];
            if (records.Count != 0)
            {
                return new HostEntry(records[0].Name, [.. records.Select(static record => record.Address)]);
            }

            error = Worse(error, Worse(six.Error, both.Error));
            if (error == SocketError.TryAgain)
            {
                break; // no server answers: other names would not be found either, or a wrong one would
            }
        }

        throw new SocketException((int)error);
    }

    /// <summary>Finds records.</summary>
    /// <param name="name">The whole name; the search list is not used.</param>
    /// <param name="type">Which records.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>At least one record, of this type.</returns>
    /// <exception cref="SocketException">As the class says.</exception>
    public async Task<IReadOnlyList<DnsRecord>> LookupAsync(string name, DnsRecordType type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        DnsAnswer answer = await FindAsync(name.Length > 1 ? name.TrimEnd('.') : name, type, cancellationToken).ConfigureAwait(false);
        return answer.Error == SocketError.Success ? answer.Records : throw new SocketException((int)answer.Error);
    }

    /// <summary>Finds the name of an address (RFC 1035 §3.5, RFC 3596 §2.5).</summary>
    /// <param name="address">The address.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SocketException">As the class says.</exception>
    public async Task<string> ReverseAsync(IPAddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        foreach ((string host, IReadOnlyList<IPAddress> addresses) in _settings.Hosts)
        {
            if (addresses.Contains(address))
            {
                return host;
            }
        }

        IReadOnlyList<DnsRecord> records = await LookupAsync(ReverseName.Of(IpAddress.FromIPAddress(address)), DnsRecordType.PTR, cancellationToken).ConfigureAwait(false);
        return ((NameRecord)records[0]).Target;
    }

    /// <inheritdoc/>
    Task<string> IHostNames.FindNameAsync(IpAddress address, CancellationToken cancellationToken) => ReverseAsync(address.ToIPAddress(), cancellationToken);

    /// <summary>Forgets all answers.</summary>
    public void ClearCache()
    {
        lock (_gate)
        {
            _cache.Clear();
        }
    }

    /// <summary>Ends all questions that are on their way.</summary>
    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
        {
            _disposed.Cancel();
            _disposed.Dispose();
        }
    }

    private IEnumerable<string> Candidates(string name)
    {
        if (name.EndsWith('.'))
        {
            yield return name[..^1];
            yield break;
        }

        bool asItIsFirst = name.AsSpan().Count('.') >= _settings.Dots;
        if (asItIsFirst)
        {
            yield return name;
        }

        foreach (string domain in SearchList)
        {
            yield return $"{name}.{domain.TrimEnd('.')}";
        }

        if (!asItIsFirst)
        {
            yield return name;
        }
    }

    // Who asks what is being asked already waits for the same answer.
    private Task<DnsAnswer> FindAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        (string, DnsRecordType) key = (name.ToLowerInvariant(), type);
        TaskCompletionSource<DnsAnswer> source = new();
        bool isNew;
        Instant now = Now(); // before the gate: the stack may call us back when it is left
        lock (_gate)
        {
            if (_cache.Find(name, type, now) is { } known)
            {
                return Task.FromResult(known);
            }

            isNew = !_running.TryGetValue(key, out List<TaskCompletionSource<DnsAnswer>>? waiting);
            if (isNew && _running.Count >= _settings.MaximumQueries)
            {
                return Task.FromException<DnsAnswer>(new SocketException((int)SocketError.NoBufferSpaceAvailable));
            }

            if (waiting is null)
            {
                _running.Add(key, waiting = []);
            }

            waiting.Add(source);
        }

        if (isNew)
        {
            _ = RunAsync(key);
        }

        return source.Task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync((string Name, DnsRecordType Type) key)
    {
        DnsAnswer? answer = null;
        SocketError error = SocketError.OperationAborted;
        try
        {
            answer = await FollowAsync(key.Name, key.Type, _stop).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            error = e.SocketErrorCode;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The resolver is gone.
        }

        Instant now = Now();
        List<TaskCompletionSource<DnsAnswer>>? waiting;
        lock (_gate)
        {
            _running.Remove(key, out waiting);
            if (answer is not null)
            {
                _cache.Add(key.Name, key.Type, answer, now);
            }
        }

        foreach (TaskCompletionSource<DnsAnswer> source in waiting!)
        {
            if (answer is not null)
            {
                source.SetResult(answer);
            }
            else
            {
                source.SetException(new SocketException((int)error));
            }
        }
    }

    // A recursive server follows aliases itself; one that stops in the middle is asked for the rest.
    private async Task<DnsAnswer> FollowAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        TimeSpan timeToLive = TimeSpan.MaxValue;
        for (int aliases = 0; aliases < MaximumAliases; aliases++)
        {
            DnsMessage message = await AskServersAsync(name, type, cancellationToken).ConfigureAwait(false);
            DnsAnswer answer = DnsAnswer.From(message, name, type, out string? alias);
            if (alias is null)
            {
                return answer.TimeToLive < timeToLive ? answer : answer with { TimeToLive = timeToLive };
            }

            timeToLive = message.Answers.Min(static record => record.TimeToLive) is var least && least < timeToLive ? least : timeToLive;
            name = alias;
        }

        throw new SocketException((int)SocketError.TryAgain);
    }

    private async Task<DnsMessage> AskServersAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        if (!DomainName.TryWrite(name, stackalloc byte[DomainName.MaximumLength], out _))
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        IReadOnlyList<IPEndPoint> servers = Servers;
        int first = _settings.Rotate ? Interlocked.Increment(ref _firstServer) : Volatile.Read(ref _firstServer);
        for (int attempt = 0; attempt < _settings.Attempts; attempt++)
        {
            for (int i = 0; i < servers.Count; i++)
            {
                int index = (int)((uint)(first + i) % (uint)servers.Count);
                try
                {
                    DnsMessage message = await _exchange.AskAsync(servers[index], name, type, _settings.Timeout * (1 << attempt), cancellationToken).ConfigureAwait(false);
                    if (message.Code is DnsResponseCode.NoError or DnsResponseCode.NameError)
                    {
                        if (!_settings.Rotate)
                        {
                            Volatile.Write(ref _firstServer, index);
                        }

                        return message;
                    }
                }
                catch (SocketException e) when (e.SocketErrorCode is not (SocketError.NetworkDown or SocketError.OperationAborted))
                {
                    // The next one may know.
                }
            }
        }

        throw new SocketException((int)SocketError.TryAgain);
    }

    private static HostEntry Known(string name, IReadOnlyList<IPAddress> addresses, bool wantsIPv4, bool wantsIPv6)
    {
        List<IpAddress> found = [.. addresses.Select(IpAddress.FromIPAddress).Where(address => address.IsIPv4 ? wantsIPv4 : wantsIPv6)];
        return found.Count != 0 ? new HostEntry(name, found) : throw new SocketException((int)SocketError.NoData);
    }

    private Instant Now()
    {
        using (_context.Enter())
        {
            return _context.Now;
        }
    }

    private static async Task<DnsAnswer> TryAsync(Task<DnsAnswer> question)
    {
        try
        {
            return await question.ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            return new DnsAnswer([], e.SocketErrorCode is SocketError.OperationAborted or SocketError.HostNotFound ? e.SocketErrorCode : SocketError.TryAgain, TimeSpan.Zero);
        }
    }

    // Of two reasons for having no address the one that says less of the name.
    private static SocketError Worse(SocketError a, SocketError b)
    {
        foreach (SocketError error in (ReadOnlySpan<SocketError>)[SocketError.OperationAborted, SocketError.TryAgain, SocketError.NoData])
        {
            if (a == error || b == error)
            {
                return error;
            }
        }

        return SocketError.HostNotFound;
    }
}

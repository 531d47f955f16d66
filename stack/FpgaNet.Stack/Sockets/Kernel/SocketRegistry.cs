using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>Who makes which sockets: asked in the order of <see cref="SocketProvider.Priority"/>, and of registration among equals. It may be used from any thread.</summary>
public sealed class SocketRegistry
{
    private readonly Lock _gate = new();
    private volatile SocketProvider[] _providers = [];

    /// <summary>All, in the order in which they are asked.</summary>
    public IReadOnlyList<SocketProvider> Providers => _providers;

    /// <summary>Adds one.</summary>
    /// <param name="provider">The provider.</param>
    public void Register(SocketProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        lock (_gate)
        {
            int place = Array.FindLastIndex(_providers, other => other.Priority <= provider.Priority) + 1;
            _providers = [.. _providers[..place], provider, .. _providers[place..]];
        }
    }

    /// <summary>Takes one away; its sockets stay.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>Whether it was there.</returns>
    public bool Unregister(SocketProvider provider)
    {
        lock (_gate)
        {
            int count = _providers.Length;
            _providers = Array.FindAll(_providers, other => other != provider);
            return _providers.Length < count;
        }
    }

    /// <summary>The first provider that serves such sockets.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="provider">Receives it.</param>
    /// <returns>EAFNOSUPPORT: nobody serves the family; ESOCKTNOSUPPORT, EPROTONOSUPPORT: not with that type or protocol; EINVAL: no such type, or a negative protocol.</returns>
    public Errno Find(in SocketRequest request, out SocketProvider? provider)
    {
        provider = null;
        if (request.Kind is < SocketKind.SOCK_STREAM or > SocketKind.SOCK_SEQPACKET || (request.Protocol < 0 && request.Domain is SocketDomain.AF_INET or SocketDomain.AF_INET6))
        {
            return Errno.EINVAL;
        }

        bool knowsDomain = false;
        bool knowsKind = false;
        foreach (SocketProvider candidate in _providers)
        {
            if (candidate.Domain != SocketDomain.AF_UNSPEC && candidate.Domain != request.Domain)
            {
                continue;
            }

            if (candidate.IsSupported(request))
            {
                provider = candidate;
                return Errno.None;
            }

            knowsDomain |= candidate.Domain == request.Domain;
            for (SocketKind kind = SocketKind.SOCK_STREAM; kind <= SocketKind.SOCK_SEQPACKET; kind++)
            {
                bool serves = candidate.IsSupported(request with { Kind = kind, Protocol = 0 });
                knowsDomain |= serves;
                knowsKind |= serves && kind == request.Kind;
            }
        }

        return !knowsDomain ? Errno.EAFNOSUPPORT : knowsKind ? Errno.EPROTONOSUPPORT : Errno.ESOCKTNOSUPPORT;
    }
}

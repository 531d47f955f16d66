using System.Net;

namespace FpgaNet.Stack.Dns;

/// <summary>How a <see cref="DnsResolver"/> works.</summary>
public sealed record DnsSettings
{
    /// <summary>The port of name servers.</summary>
    public const int DefaultPort = 53;

    /// <summary>Recursive name servers, the preferred first.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>Domains that are tried behind a name with fewer than <see cref="Dots"/> dots, and behind others that are not found.</summary>
    public IReadOnlyList<string> SearchList { get; init; } = [];

    /// <summary>From so many dots on a name is tried as it is first (resolv.conf(5), ndots).</summary>
    public int Dots { get; init; } = 1;

    /// <summary>Names that are known without asking, with their addresses (hosts(5)).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Hosts { get; init; } = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long one server's answer is waited for the first time; twice that the second time.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often all servers are tried.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Begin with another server each time, instead of with the one that answered last.</summary>
    public bool Rotate { get; init; }

    /// <summary>Answers that are remembered at most; 0: none.</summary>
    public int CacheEntries { get; init; } = 1024;

    /// <summary>Bytes of remembered answers at most, roughly counted.</summary>
    public int CacheBytes { get; init; } = 512 << 10;

    /// <summary>Questions that may be on their way at once.</summary>
    public int MaximumQueries { get; init; } = 256;
}

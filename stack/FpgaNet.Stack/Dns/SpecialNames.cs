using System.Net;

namespace FpgaNet.Stack.Dns;

/// <summary>Names that are never asked for (RFC 6761 §6.3, §6.4; RFC 7686).</summary>
internal static class SpecialNames
{
    private static readonly IReadOnlyList<IPAddress> s_loopback = [IPAddress.IPv6Loopback, IPAddress.Loopback];

    /// <summary>The addresses of a special name, perhaps none; null: the name is not special.</summary>
    public static IReadOnlyList<IPAddress>? Find(string name) => DomainName.IsWithin(name, "localhost") ? s_loopback
        : DomainName.IsWithin(name, "invalid") || DomainName.IsWithin(name, "onion") ? []
        : null;
}

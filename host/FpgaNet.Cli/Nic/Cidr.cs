using System.Globalization;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Cli.Nic;

/// <summary>An address and its net, as in <c>192.0.2.2/24</c> (RFC 4632 §3.1).</summary>
internal readonly record struct Cidr(IPv4Address Address, int PrefixLength)
{
    /// <exception cref="FormatException">The text is something else.</exception>
    public static Cidr Parse(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
            && prefix is >= 1 and <= 32
            ? new Cidr(IPv4Address.Parse(text[..slash]), prefix)
            : throw new FormatException($"'{text}' is not an address with its prefix: write it as in 192.0.2.2/24.");
    }

    /// <summary>Some other host of the net: what the Linux end may be called in advice.</summary>
    public IPv4Address Neighbor => new(Address.Value ^ ((Address.Value & 3) == 2 ? 3u : 1u));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");
}

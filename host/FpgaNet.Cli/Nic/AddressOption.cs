using System.Globalization;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Cli.Nic;

/// <summary>Addresses as users write them.</summary>
internal static class AddressOption
{
    /// <summary>An address and its net, as in <c>192.0.2.2/24</c> (RFC 4632 §3.1) or <c>2001:db8::2/64</c> (RFC 4291 §2.3).</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static AddressPrefix ParsePrefix(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length))
        {
            IpAddress address = IpAddress.Parse(text[..slash]);
            if (length >= 1 && length <= 8 * address.Length)
            {
                return new AddressPrefix(address, length);
            }
        }

        throw new FormatException($"'{text}' is not an address with its prefix: write it as in 192.0.2.2/24 or 2001:db8::2/64.");
    }

    /// <summary>Some other host of the net: what the Linux end may be called in advice.</summary>
    public static AddressPrefix Neighbor(AddressPrefix own)
    {
        ulong change = (own.Address.Low & 3) == 2 ? 3u : 1u;
        return own with { Address = own.Address with { Low = own.Address.Low ^ change } };
    }

    /// <summary>The address as the host of a URL (RFC 3986 §3.2.2).</summary>
    public static string InUrl(IpAddress address) => address.ToIPAddress().AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}";
}

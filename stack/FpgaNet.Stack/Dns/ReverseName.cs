using System.Globalization;
using System.Text;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Dns;

/// <summary>The names under which addresses have their names (RFC 1035 §3.5, RFC 3596 §2.5).</summary>
internal static class ReverseName
{
    public static string Of(IpAddress address)
    {
        if (address.IsIPv4)
        {
            uint value = address.IPv4.Value;
            return string.Create(CultureInfo.InvariantCulture, $"{(byte)value}.{(byte)(value >> 8)}.{(byte)(value >> 16)}.{value >> 24}.in-addr.arpa");
        }

        StringBuilder name = new(72);
        UInt128 rest = address.IPv6.Value;
        for (int i = 0; i < 32; i++, rest >>= 4)
        {
            name.Append(CultureInfo.InvariantCulture, $"{(int)(rest & 0xF):x}.");
        }

        return name.Append("ip6.arpa").ToString();
    }
}

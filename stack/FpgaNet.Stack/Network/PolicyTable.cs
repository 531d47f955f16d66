using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>A row of the policy table.</summary>
/// <param name="Prefix">The addresses it is about; IPv4 ones are mapped, ::ffff:0:0/96.</param>
/// <param name="PrefixLength">Bits that are compared, of all 128.</param>
/// <param name="Precedence">The higher, the rather is the destination used.</param>
/// <param name="Label">Source and destination should have the same.</param>
internal readonly record struct Policy(IpAddress Prefix, int PrefixLength, int Precedence, int Label);

/// <summary>Which addresses are preferred and which belong together (RFC 6724 §2.1).</summary>
internal sealed class PolicyTable
{
    private readonly Policy[] _rows; // longest prefix first, so that the first match is the longest

    public PolicyTable(IEnumerable<Policy> rows) => _rows = [.. rows.OrderByDescending(static row => row.PrefixLength)];

    /// <summary>The table of RFC 6724 §2.1.</summary>
    public static PolicyTable Default { get; } = new(
    [
        new Policy(IPv6Address.Parse("::1"), 128, 50, 0),
        new Policy(IPv6Address.Parse("::"), 0, 40, 1),
        new Policy(IPv6Address.Parse("::ffff:0:0"), 96, 35, 4),
        new Policy(IPv6Address.Parse("2002::"), 16, 30, 2),
        new Policy(IPv6Address.Parse("2001::"), 32, 5, 5),
        new Policy(IPv6Address.Parse("fc00::"), 7, 3, 13),
        new Policy(IPv6Address.Parse("::"), 96, 1, 3),
        new Policy(IPv6Address.Parse("fec0::"), 10, 1, 11),
        new Policy(IPv6Address.Parse("3ffe::"), 16, 1, 12),
    ]);

    /// <summary>The row with the longest prefix that the address has; the table must have one for ::/0.</summary>
    public ref readonly Policy Find(IpAddress address)
    {
        int i = 0;
        while (CommonPrefixLength(address, _rows[i].Prefix) < _rows[i].PrefixLength)
        {
            i++;
        }

        return ref _rows[i];
    }

    /// <summary>Leading bits, of all 128, in which two addresses are the same.</summary>
    public static int CommonPrefixLength(IpAddress a, IpAddress b) => a.High != b.High
        ? (int)ulong.LeadingZeroCount(a.High ^ b.High)
        : 64 + (int)ulong.LeadingZeroCount(a.Low ^ b.Low);
}

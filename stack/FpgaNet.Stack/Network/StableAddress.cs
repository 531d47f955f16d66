using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>
/// Interface identifiers that are the same each time a host comes to a network, differ between networks and tell nothing of the station address (RFC 7217 §5):
/// F(prefix, interface, DAD counter, secret key).
/// </summary>
/// <param name="seed">The secret; it must be kept for the addresses to be stable. Null: a new one.</param>
internal sealed class StableAddress(ulong? seed)
{
    /// <summary>Addresses that are tried in one network before giving up (RFC 7217 §7: IDGEN_RETRIES).</summary>
    public const int Retries = 3;

    /// <summary>Bits of the identifier, and of the prefix in front of it (RFC 4291 §2.5.1, RFC 7421).</summary>
    public const int PrefixLength = 64;

    private readonly SipHash _hash = SipHash.Create(seed);

    /// <summary>The address for a prefix.</summary>
    /// <param name="prefix">The prefix; its last 64 bits are not looked at.</param>
    /// <param name="interfaceName">What names the interface for good (RFC 7217's Net_Iface); here its station address, which needs no order of devices.</param>
    /// <param name="dadCounter">How often duplicate address detection has refused one here; counted up past identifiers that are reserved.</param>
    public IPv6Address Create(IPv6Address prefix, MacAddress interfaceName, ref int dadCounter)
    {
        Span<byte> input = stackalloc byte[20];
        BinaryPrimitives.WriteUInt64BigEndian(input, prefix.High);
        BinaryPrimitives.WriteUInt64BigEndian(input[8..], interfaceName.Value);
        while (true)
        {
            BinaryPrimitives.WriteInt32BigEndian(input[16..], dadCounter);
            ulong identifier = _hash.Compute(input);
            if (!IsReserved(identifier))
            {
                return new IPv6Address(new UInt128(prefix.High, identifier));
            }

            dadCounter++;
        }
    }

    /// <summary>Whether an identifier has a meaning of its own (RFC 5453 §3 and IANA's registry; RFC 7217 §5 step 4).</summary>
    /// <param name="identifier">The last 64 bits of an address.</param>
    public static bool IsReserved(ulong identifier) =>
        identifier == 0 // the subnet's routers (RFC 4291 §2.6.1)
        || identifier >> 24 == 0x02_005E_FFFE // 0200:5eff:fe00:0 and on: IANA's own block of station addresses
        || identifier is >= 0xFDFF_FFFF_FFFF_FF80 and <= 0xFDFF_FFFF_FFFF_FFFF; // the subnet's anycast groups (RFC 2526 §2)
}

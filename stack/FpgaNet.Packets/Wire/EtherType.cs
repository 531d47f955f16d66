namespace FpgaNet.Packets.Wire;

/// <summary>What an Ethernet frame carries (IANA "IEEE 802 Numbers").</summary>
public enum EtherType : ushort
{
    /// <summary>IPv4 (RFC 894).</summary>
    IPv4 = 0x0800,

    /// <summary>ARP (RFC 826).</summary>
    Arp = 0x0806,

    /// <summary>A customer VLAN tag follows (IEEE 802.1Q).</summary>
    Vlan = 0x8100,

    /// <summary>IPv6 (RFC 2464).</summary>
    IPv6 = 0x86DD,

    /// <summary>A service VLAN tag follows (IEEE 802.1ad, "QinQ").</summary>
    ServiceVlan = 0x88A8,
}

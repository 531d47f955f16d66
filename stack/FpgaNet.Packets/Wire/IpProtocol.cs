namespace FpgaNet.Packets.Wire;

/// <summary>What an IP packet carries, and the IPv6 extension headers (IANA "Protocol Numbers").</summary>
public enum IpProtocol : byte
{
    /// <summary>IPv6 hop-by-hop options (RFC 8200 §4.3).</summary>
    HopByHopOptions = 0,

    /// <summary>ICMP for IPv4 (RFC 792).</summary>
    Icmp = 1,

    /// <summary>IGMP (RFC 3376).</summary>
    Igmp = 2,

    /// <summary>TCP (RFC 9293).</summary>
    Tcp = 6,

    /// <summary>UDP (RFC 768).</summary>
    Udp = 17,

    /// <summary>IPv6 routing header (RFC 8200 §4.4).</summary>
    RoutingHeader = 43,

    /// <summary>IPv6 fragment header (RFC 8200 §4.5).</summary>
    FragmentHeader = 44,

    /// <summary>Encapsulating security payload (RFC 4303): nothing behind it can be read.</summary>
    EncapsulatingSecurity = 50,

    /// <summary>Authentication header (RFC 4302).</summary>
    AuthenticationHeader = 51,

    /// <summary>ICMP for IPv6 (RFC 4443).</summary>
    Icmpv6 = 58,

    /// <summary>Nothing follows (RFC 8200 §4.7).</summary>
    NoNextHeader = 59,

    /// <summary>IPv6 destination options (RFC 8200 §4.6).</summary>
    DestinationOptions = 60,
}

namespace FpgaNet.Stack.Dhcp;

/// <summary>Options that the client understands (RFC 2132, and the RFCs named).</summary>
internal enum DhcpOption : byte
{
    Pad = 0,
    SubnetMask = 1,
    Routers = 3,
    DomainNameServers = 6,
    HostName = 12,
    DomainName = 15,
    InterfaceMtu = 26,
    RequestedAddress = 50,
    LeaseTime = 51,
    Overload = 52,
    MessageType = 53,
    ServerIdentifier = 54,
    ParameterRequestList = 55,
    MaximumMessageSize = 57,
    RenewalTime = 58,
    RebindingTime = 59,
    ClientIdentifier = 61,
    DomainSearch = 119, // RFC 3397
    ClasslessStaticRoutes = 121, // RFC 3442
    End = 255,
}

/// <summary>Types of DHCP messages (RFC 2132 §9.6).</summary>
internal enum DhcpMessageType : byte
{
    /// <summary>Client: who has an address for me?</summary>
    Discover = 1,

    /// <summary>Server: I, this one.</summary>
    Offer = 2,

    /// <summary>Client: I take it; or: may I keep it?</summary>
    Request = 3,

    /// <summary>Client: somebody has it already.</summary>
    Decline = 4,

    /// <summary>Server: it is yours.</summary>
    Ack = 5,

    /// <summary>Server: it is not.</summary>
    Nak = 6,

    /// <summary>Client: I need it no more.</summary>
    Release = 7,
}

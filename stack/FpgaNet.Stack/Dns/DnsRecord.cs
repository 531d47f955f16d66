using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Dns;

/// <summary>Types of resource records (RFC 1035 §3.2.2; IANA "DNS Parameters").</summary>
public enum DnsRecordType : ushort
{
    /// <summary>IPv4 address: <see cref="AddressRecord"/>.</summary>
    A = 1,

    /// <summary>Name server of a zone: <see cref="NameRecord"/>.</summary>
    NS = 2,

    /// <summary>The name's real name: <see cref="NameRecord"/>.</summary>
    CNAME = 5,

    /// <summary>Start of a zone; it bounds how long a "no" is remembered (RFC 2308).</summary>
    SOA = 6,

    /// <summary>The name of an address: <see cref="NameRecord"/>.</summary>
    PTR = 12,

    /// <summary>Mail exchange: <see cref="MailExchangeRecord"/>.</summary>
    MX = 15,

    /// <summary>Text: <see cref="TextRecord"/>.</summary>
    TXT = 16,

    /// <summary>IPv6 address (RFC 3596): <see cref="AddressRecord"/>.</summary>
    AAAA = 28,

    /// <summary>Where a service is (RFC 2782): <see cref="ServiceRecord"/>.</summary>
    SRV = 33,

    /// <summary>Extensions of a message (RFC 6891); no record of a zone.</summary>
    OPT = 41,
}

/// <summary>A resource record of a type that is understood here.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">What it says.</param>
/// <param name="TimeToLive">How long it may be remembered.</param>
public abstract record DnsRecord(string Name, DnsRecordType Type, TimeSpan TimeToLive);

/// <summary>An address: A or AAAA.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">A or AAAA.</param>
/// <param name="TimeToLive">How long it may be remembered.</param>
/// <param name="Address">The address.</param>
public sealed record AddressRecord(string Name, DnsRecordType Type, TimeSpan TimeToLive, IpAddress Address) : DnsRecord(Name, Type, TimeToLive);

/// <summary>A name: CNAME, PTR or NS.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">CNAME, PTR or NS.</param>
/// <param name="TimeToLive">How long it may be remembered.</param>
/// <param name="Target">The name.</param>
public sealed record NameRecord(string Name, DnsRecordType Type, TimeSpan TimeToLive, string Target) : DnsRecord(Name, Type, TimeToLive);

/// <summary>A mail exchange: MX.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="TimeToLive">How long it may be remembered.</param>
/// <param name="Preference">The lowest is tried first.</param>
/// <param name="Exchange">The host.</param>
public sealed record MailExchangeRecord(string Name, TimeSpan TimeToLive, int Preference, string Exchange) : DnsRecord(Name, DnsRecordType.MX, TimeToLive);

/// <summary>A service's host: SRV (RFC 2782).</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="TimeToLive">How long it may be remembered.</param>
/// <param name="Priority">The lowest is tried first.</param>
/// <param name="Weight">Share among those of one priority.</param>
/// <param name="Port">The port.</param>
/// <param name="Target">The host.</param>
public sealed record ServiceRecord(string Name, TimeSpan TimeToLive, int Priority, int Weight, int Port, string Target)
    : DnsRecord(Name, DnsRecordType.SRV, TimeToLive);

/// <summary>Text: TXT.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="TimeToLive">How long it may be remembered.</param>
/// <param name="Strings">The strings, one character a byte.</param>
public sealed record TextRecord(string Name, TimeSpan TimeToLive, IReadOnlyList<string> Strings) : DnsRecord(Name, DnsRecordType.TXT, TimeToLive);

/// <summary>The start of a zone, of which only the bound of negative answers is of interest here (RFC 2308 §5).</summary>
/// <param name="Name">The zone.</param>
/// <param name="TimeToLive">How long a "no" from this zone may be remembered.</param>
internal sealed record StartOfAuthorityRecord(string Name, TimeSpan TimeToLive) : DnsRecord(Name, DnsRecordType.SOA, TimeToLive);

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>Names of services and their ports (services(5); IANA "Service Name and Transport Protocol Port Number Registry").</summary>
internal static class ServiceTable
{
    private static readonly (string Name, ushort Port, bool IsTcp, bool IsUdp)[] s_services =
    [
        ("tcpmux", 1, true, false), ("echo", 7, true, true), ("discard", 9, true, true), ("systat", 11, true, false), ("daytime", 13, true, true), ("netstat", 15, true, false), ("qotd", 17, true, false),
        ("chargen", 19, true, true), ("ftp-data", 20, true, false), ("ftp", 21, true, false), ("ssh", 22, true, false), ("telnet", 23, true, false), ("smtp", 25, true, false), ("time", 37, true, true),
        ("whois", 43, true, false), ("tacacs", 49, true, true), ("domain", 53, true, true), ("bootps", 67, false, true), ("bootpc", 68, false, true), ("tftp", 69, false, true), ("gopher", 70, true, false),
        ("finger", 79, true, false), ("http", 80, true, false), ("kerberos", 88, true, true), ("pop3", 110, true, false), ("sunrpc", 111, true, true), ("auth", 113, true, false), ("nntp", 119, true, false),
        ("ntp", 123, false, true), ("imap2", 143, true, false), ("snmp", 161, true, true), ("snmp-trap", 162, true, true), ("bgp", 179, true, false), ("irc", 194, true, true), ("ldap", 389, true, true),
        ("https", 443, true, true), ("microsoft-ds", 445, true, true), ("isakmp", 500, false, true), ("syslog", 514, false, true), ("printer", 515, true, false), ("uucp", 540, true, false),
        ("submission", 587, true, false), ("ldaps", 636, true, true), ("domain-s", 853, true, true), ("ftps", 990, true, false), ("imaps", 993, true, false), ("pop3s", 995, true, false), ("socks", 1080, true, false),
        ("openvpn", 1194, true, true), ("l2f", 1701, false, true), ("radius", 1812, false, true), ("nfs", 2049, true, true), ("iscsi-target", 3260, true, false), ("mysql", 3306, true, false), ("sip", 5060, true, true),
        ("sip-tls", 5061, true, true), ("mdns", 5353, false, true), ("postgresql", 5432, true, false), ("x11", 6000, true, false), ("http-alt", 8080, true, true),
    ];

    /// <summary>The port of a service (getservbyname(3)).</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isUdp">Over UDP; else over TCP.</param>
    /// <returns>The port; null: no such service.</returns>
    public static ushort? FindPort(string name, bool isUdp)
    {
        foreach ((string known, ushort port, bool hasTcp, bool hasUdp) in s_services)
        {
            if ((isUdp ? hasUdp : hasTcp) && string.Equals(known, name, StringComparison.Ordinal))
            {
                return port;
            }
        }

        return null;
    }

    /// <summary>The service at a port (getservbyport(3)).</summary>
    /// <param name="port">The port.</param>
    /// <param name="isUdp">Over UDP; else over TCP.</param>
    /// <returns>Its name; null: none is known.</returns>
    public static string? FindName(ushort port, bool isUdp)
    {
        foreach ((string name, ushort known, bool hasTcp, bool hasUdp) in s_services)
        {
            if ((isUdp ? hasUdp : hasTcp) && known == port)
            {
                return name;
            }
        }

        return null;
    }
}

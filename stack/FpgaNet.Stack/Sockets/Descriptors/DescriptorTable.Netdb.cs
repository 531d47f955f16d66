using System.Buffers.Binary;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Names;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>Names and addresses: <c>netdb.h</c>, <c>arpa/inet.h</c>, <c>net/if.h</c>.</summary>
public sealed partial class DescriptorTable
{
    /// <summary>Most bytes of an IPv4 address's text with its NUL.</summary>
    public const int INET_ADDRSTRLEN = 16;

    /// <summary>Most bytes of an IPv6 address's text with its NUL.</summary>
    public const int INET6_ADDRSTRLEN = 46;

    /// <summary>What <see cref="InetAddr"/> returns for what is no address.</summary>
    public const uint INADDR_NONE = uint.MaxValue;

    /// <summary>getaddrinfo(3). It waits until the names are found.</summary>
    /// <param name="node">A name or the text of an address; null: this host.</param>
    /// <param name="service">A name or a number; null: none.</param>
    /// <param name="hints">What is asked for; null: everything (AI_V4MAPPED and AI_ADDRCONFIG, as glibc).</param>
    /// <param name="result">Receives the results, the one to be preferred first.</param>
    /// <returns>EAI_ADDRFAMILY, EAI_AGAIN, EAI_BADFLAGS, EAI_FAIL, EAI_FAMILY, EAI_NODATA, EAI_NONAME, EAI_SERVICE, EAI_SOCKTYPE.</returns>
    public GaiError GetAddrInfo(string? node, string? service, AddrInfo? hints, out AddrInfo? result) => _system.Names.GetAddrInfo(node, service, hints, out result);

    /// <summary>freeaddrinfo(3). There is no memory to be given back here: it takes the list apart, so that a use afterwards shows.</summary>
    /// <param name="result">The first result.</param>
    public static void FreeAddrInfo(AddrInfo? result)
    {
        while (result is not null)
        {
            (result, result.Next) = (result.Next, null);
        }
    }

    /// <summary>getnameinfo(3). It waits until the names are found.</summary>
    /// <param name="address">The address.</param>
    /// <param name="host">Receives the host's name with a NUL behind it; empty: it is not asked for.</param>
    /// <param name="service">Receives the service's; likewise.</param>
    /// <param name="flags">How.</param>
    /// <returns>EAI_AGAIN, EAI_BADFLAGS, EAI_FAMILY, EAI_NONAME, EAI_OVERFLOW.</returns>
    public GaiError GetNameInfo(in SockAddr address, Span<byte> host, Span<byte> service, NameInfoFlags flags) => _system.Names.GetNameInfo(address, host, service, flags);

    /// <summary>gai_strerror(3).</summary>
    /// <param name="error">The error.</param>
    public static string GaiStrError(GaiError error) => error switch
    {
        GaiError.None => "Success",
        GaiError.EAI_BADFLAGS => "The flags are not valid",
        GaiError.EAI_NONAME => "The name or the service is not known",
        GaiError.EAI_AGAIN => "The name cannot be found for now",
        GaiError.EAI_FAIL => "The name cannot be found",
        GaiError.EAI_NODATA => "The name has no address",
        GaiError.EAI_FAMILY => "The address family is not supported",
        GaiError.EAI_SOCKTYPE => "The socket type is not supported",
        GaiError.EAI_SERVICE => "The service is not known for the socket type",
        GaiError.EAI_ADDRFAMILY => "The host has no address of the family",
        GaiError.EAI_MEMORY => "There is no memory",
        GaiError.EAI_SYSTEM => "A system error",
        GaiError.EAI_OVERFLOW => "The buffer is too small",
        _ => "An unknown error",
    };

    /// <summary>gethostname(2).</summary>
    /// <param name="name">Receives the name with a NUL behind it.</param>
    /// <returns>0; −1: ENAMETOOLONG: it does not fit.</returns>
    public int GetHostName(Span<byte> name) => Write(_system.HostName, name, Errno.ENAMETOOLONG);

    /// <summary>inet_pton(3).</summary>
    /// <param name="domain">AF_INET or AF_INET6.</param>
    /// <param name="text">The text.</param>
    /// <param name="address">Receives 4 or 16 bytes in network order.</param>
    /// <returns>1; 0: it is no such address; −1: EAFNOSUPPORT.</returns>
    public static int InetPton(SocketDomain domain, ReadOnlySpan<char> text, Span<byte> address)
    {
        switch (domain)
        {
            case SocketDomain.AF_INET when AddressText.TryReadIPv4(text, out IPv4Address four):
                four.Write(address);
                return 1;
            case SocketDomain.AF_INET6 when AddressText.TryReadIPv6(text, out IPv6Address six):
                six.Write(address);
                return 1;
            case SocketDomain.AF_INET or SocketDomain.AF_INET6:
                return 0;
            default:
                return Fail(Errno.EAFNOSUPPORT);
        }
    }

    /// <summary>inet_ntop(3).</summary>
    /// <param name="domain">AF_INET or AF_INET6.</param>
    /// <param name="address">4 or 16 bytes in network order.</param>
    /// <param name="text">Receives the text with a NUL behind it.</param>
    /// <returns>0; −1: EAFNOSUPPORT, ENOSPC.</returns>
    public static int InetNtop(SocketDomain domain, ReadOnlySpan<byte> address, Span<byte> text) => domain switch
    {
        SocketDomain.AF_INET => Write(AddressText.Write(IPv4Address.Read(address), isIPv6: false), text, Errno.ENOSPC),
        SocketDomain.AF_INET6 => Write(AddressText.Write(IPv6Address.Read(address), isIPv6: true), text, Errno.ENOSPC),
        _ => Fail(Errno.EAFNOSUPPORT),
    };

    /// <summary>inet_aton(3), with the old forms such as 127.1 and 0x7f000001.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">Receives the address (<c>s_addr</c>, network order).</param>
    /// <returns>1; 0: it is no address.</returns>
    public static int InetAton(ReadOnlySpan<char> text, out uint address)
    {
        bool isOne = AddressText.TryReadOldIPv4(text, isExact: false, out IPv4Address read);
        address = Htonl(read.Value);
        return isOne ? 1 : 0;
    }

    /// <summary>inet_addr(3).</summary>
    /// <param name="text">The text.</param>
    /// <returns>The address (<c>s_addr</c>, network order); INADDR_NONE: it is none, or it is 255.255.255.255.</returns>
    public static uint InetAddr(ReadOnlySpan<char> text) => InetAton(text, out uint address) != 0 ? address : INADDR_NONE;

    /// <summary>inet_ntoa(3).</summary>
    /// <param name="address">The address (<c>s_addr</c>, network order).</param>
    public static string InetNtoa(uint address) => new IPv4Address(Ntohl(address)).ToString();

    /// <summary>htons(3).</summary>
    /// <param name="value">In the host's order.</param>
    public static ushort Htons(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>ntohs(3).</summary>
    /// <param name="value">In network order.</param>
    public static ushort Ntohs(ushort value) => Htons(value);

    /// <summary>htonl(3).</summary>
    /// <param name="value">In the host's order.</param>
    public static uint Htonl(uint value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>ntohl(3).</summary>
    /// <param name="value">In network order.</param>
    public static uint Ntohl(uint value) => Htonl(value);

    /// <summary>if_nametoindex(3).</summary>
    /// <param name="name">An interface's name.</param>
    /// <returns>Its number; 0: ENODEV.</returns>
    public int IfNameToIndex(string name) => InterfaceNames.IndexOf(_system.Ip, name) is > 0 and var index ? index : Fail(Errno.ENODEV) + 1;

    /// <summary>if_indextoname(3).</summary>
    /// <param name="index">An interface's number.</param>
    /// <returns>Its name; null: ENXIO.</returns>
    public string? IfIndexToName(int index)
    {
        string? name = InterfaceNames.NameOf(_system.Ip, index);
        if (name is null)
        {
            Fail(Errno.ENXIO);
        }

        return name;
    }

    /// <summary>if_nameindex(3): all interfaces. There is nothing for if_freenameindex to do.</summary>
    public IfNameIndex[] IfNameIndex() => Array.ConvertAll(InterfaceNames.All(_system.Ip), static network => new IfNameIndex(network.Index, network.Device.Name));

    private static int Write(string text, Span<byte> destination, Errno tooLong)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        if (length >= destination.Length)
        {
            return Fail(tooLong);
        }

        Encoding.UTF8.GetBytes(text, destination);
        destination[length] = 0;
        return 0;
    }
}

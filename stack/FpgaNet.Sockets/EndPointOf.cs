using System.Net;
using System.Text;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Sockets;

/// <summary>End points of .NET's as addresses of the manuals, and back.</summary>
internal static class EndPointOf
{
    /// <summary>An address as .NET has it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="template">Makes end points of families that .NET has no class for; null: there is none.</param>
    public static EndPoint Address(in SockAddr address, EndPoint? template = null) => address.Family switch
    {
        SocketDomain.AF_INET or SocketDomain.AF_INET6 => address.ToIPEndPoint(),
        SocketDomain.AF_LOCAL => Local(address.Path.Span),
        _ => Other(address, template),
    };

    /// <summary>An end point as the manuals have it, for a socket of a family: one of IPv4 is mapped for a socket of IPv6, as Socket does.</summary>
    /// <param name="endPoint">The end point.</param>
    /// <param name="domain">The socket's family.</param>
    /// <exception cref="ArgumentException">A name, which must be resolved first.</exception>
    public static SockAddr Parse(EndPoint endPoint, SocketDomain domain)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        switch (endPoint)
        {
            case IPEndPoint { AddressFamily: AddressFamily.InterNetwork } inet when domain == SocketDomain.AF_INET6:
                return SockAddr.Inet6(SockAddr.From(inet).Address, (ushort)inet.Port);
            case IPEndPoint inet:
                return SockAddr.From(inet);
            case DnsEndPoint:
                throw new ArgumentException($"A {nameof(DnsEndPoint)} is for connecting only.", nameof(endPoint));
            default:
                return Parse(endPoint.Serialize());
        }
    }

    /// <summary>A serialized end point as the manuals have it: .NET's layout is the operating system's, ours Linux's.</summary>
    /// <param name="bytes">The address.</param>
    public static SockAddr Parse(SocketAddress bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Errno error = SockAddr.TryRead(bytes.Buffer.Span[..bytes.Size], out SockAddr address);
        return error == Errno.None ? address : throw Socket.ExceptionOf(error);
    }

    /// <summary>Writes an address as .NET serializes it, without a new object.</summary>
    /// <param name="address">The address.</param>
    /// <param name="bytes">Receives it.</param>
    public static void Write(in SockAddr address, SocketAddress bytes) => bytes.Size = Math.Min(address.Write(bytes.Buffer.Span), bytes.Buffer.Length);

    private static UnixDomainSocketEndPoint Local(ReadOnlySpan<byte> path) => path.IsEmpty
        ? (UnixDomainSocketEndPoint)new UnixDomainSocketEndPoint("unnamed").Create(new SocketAddress(AddressFamily.Unix, sizeof(ushort)))
        : new UnixDomainSocketEndPoint(Encoding.UTF8.GetString(path));

    private static EndPoint Other(in SockAddr address, EndPoint? template)
    {
        if (template is null)
        {
            throw Socket.ExceptionOf(Errno.EAFNOSUPPORT);
        }

        SocketAddress bytes = new(template.AddressFamily, SockAddr.MaximumLength);
        Write(address, bytes);
        return template.Create(bytes);
    }
}

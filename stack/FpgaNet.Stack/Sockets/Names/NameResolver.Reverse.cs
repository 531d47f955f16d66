using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>From addresses to names.</summary>
internal sealed partial class NameResolver
{
    private const NameInfoFlags KnownNameFlags = NameInfoFlags.NI_NUMERICHOST | NameInfoFlags.NI_NUMERICSERV | NameInfoFlags.NI_NOFQDN | NameInfoFlags.NI_NAMEREQD | NameInfoFlags.NI_DGRAM
        | NameInfoFlags.NI_NUMERICSCOPE;

    /// <summary>getnameinfo(3).</summary>
    /// <param name="address">The address.</param>
    /// <param name="host">Receives the host's name with a NUL behind it; empty: it is not asked for.</param>
    /// <param name="service">Receives the service's; likewise.</param>
    /// <param name="flags">How.</param>
    public GaiError GetNameInfo(in SockAddr address, Span<byte> host, Span<byte> service, NameInfoFlags flags)
    {
        if ((flags & ~KnownNameFlags) != NameInfoFlags.None)
        {
            return GaiError.EAI_BADFLAGS;
        }

        if (address.Family is not (SocketDomain.AF_INET or SocketDomain.AF_INET6 or SocketDomain.AF_LOCAL))
        {
            return GaiError.EAI_FAMILY;
        }

        if (host.IsEmpty && service.IsEmpty)
        {
            return GaiError.EAI_NONAME;
        }

        GaiError error = host.IsEmpty ? GaiError.None : FindHost(address, flags, out string name) is var found && found != GaiError.None ? found : Write(name, host);
        return error != GaiError.None || service.IsEmpty ? error : Write(ServiceOf(address, flags), service);
    }

    private static GaiError Write(string text, Span<byte> destination)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        if (length >= destination.Length)
        {
            return GaiError.EAI_OVERFLOW;
        }

        Encoding.UTF8.GetBytes(text, destination);
        destination[length] = 0;
        return GaiError.None;
    }

    private static string ServiceOf(in SockAddr address, NameInfoFlags flags)
    {
        if (address.Family == SocketDomain.AF_LOCAL)
        {
            return Encoding.UTF8.GetString(address.Path.Span);
        }

        string? name = (flags & NameInfoFlags.NI_NUMERICSERV) == NameInfoFlags.None ? ServiceTable.FindName(address.Port, (flags & NameInfoFlags.NI_DGRAM) != NameInfoFlags.None) : null;
        return name ?? address.Port.ToString(CultureInfo.InvariantCulture);
    }

    private GaiError FindHost(in SockAddr address, NameInfoFlags flags, out string name)
    {
        name = HostName;
        if (address.Family == SocketDomain.AF_LOCAL)
        {
            return GaiError.None;
        }

        bool isRequired = (flags & NameInfoFlags.NI_NAMEREQD) != NameInfoFlags.None;
        if ((flags & NameInfoFlags.NI_NUMERICHOST) != NameInfoFlags.None)
        {
            name = TextOf(address, flags);
            return isRequired ? GaiError.EAI_NONAME : GaiError.None;
        }

        try
        {
            IHostNames names = address.Address.IsLoopback || HostNames is null ? LocalHost.Instance : HostNames;
            name = names.FindNameAsync(address.Address).GetAwaiter().GetResult();
        }
        catch (SocketException exception)
        {
            // POSIX.1-2017: then it is the text of the address.
            name = TextOf(address, flags);
            return !isRequired ? GaiError.None : ErrorOf(exception.SocketErrorCode) is GaiError.EAI_AGAIN ? GaiError.EAI_AGAIN : GaiError.EAI_NONAME;
        }

        int dot = HostName.IndexOf('.', StringComparison.Ordinal);
        if ((flags & NameInfoFlags.NI_NOFQDN) != NameInfoFlags.None && dot >= 0 && name.EndsWith(HostName[dot..], StringComparison.OrdinalIgnoreCase))
        {
            name = name[..^(HostName.Length - dot)];
        }

        return GaiError.None;
    }

    private string TextOf(in SockAddr address, NameInfoFlags flags)
    {
        string text = AddressText.Write(address.Address, address.Family == SocketDomain.AF_INET6);
        if (address.Scope == 0 || address.Family != SocketDomain.AF_INET6)
        {
            return text;
        }

        IpAddress scoped = address.Address;
        string? zone = (scoped.NeedsScope || scoped.IsMulticast) && (flags & NameInfoFlags.NI_NUMERICSCOPE) == NameInfoFlags.None ? InterfaceNames.NameOf(ip, address.Scope) : null;
        return $"{text}%{zone ?? address.Scope.ToString(CultureInfo.InvariantCulture)}";
    }
}

using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>Names and numbers of interfaces (RFC 3493 §4), the way to ourselves among them.</summary>
internal static class InterfaceNames
{
    /// <summary>if_nametoindex.</summary>
    /// <returns>The number; 0: there is no such interface.</returns>
    public static int IndexOf(IpLayer ip, string name) => Array.Find(All(ip), network => string.Equals(network.Device.Name, name, StringComparison.Ordinal))?.Index ?? 0;

    /// <summary>if_indextoname.</summary>
    /// <returns>The name; null: there is no such interface.</returns>
    public static string? NameOf(IpLayer ip, int index) => Array.Find(All(ip), network => network.Index == index)?.Device.Name;

    /// <summary>All interfaces.</summary>
    public static NetworkInterface[] All(IpLayer ip)
    {
        using (ip.Context.Enter())
        {
            _ = ip.Loopback; // made when it is first needed
            return ip.Context.Interfaces;
        }
    }
}

/// <summary>An interface's number and name (<c>struct if_nameindex</c>, RFC 3493 §4.3).</summary>
/// <param name="Index">The number.</param>
/// <param name="Name">The name.</param>
public readonly record struct IfNameIndex(int Index, string Name);

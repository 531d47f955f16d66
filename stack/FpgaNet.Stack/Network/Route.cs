using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>Where a route comes from.</summary>
public enum RouteOrigin
{
    /// <summary>Somebody asked for it.</summary>
    Manual,

    /// <summary>The net of one of our addresses.</summary>
    Connected,

    /// <summary>A router advertised it (RFC 4861 §6.3.4).</summary>
    RouterAdvertisement,

    /// <summary>A router knows a better first hop (RFC 4861 §8).</summary>
    Redirect,

    /// <summary>DHCP told us.</summary>
    Dhcp,
}

/// <summary>A route.</summary>
/// <param name="Destination">Which addresses it is for.</param>
/// <param name="Interface">Index of the interface to send through.</param>
/// <param name="Gateway">Router to send to; null: the destinations are on the link.</param>
/// <param name="Metric">Preference among routes with the same prefix; the lowest wins.</param>
/// <param name="Origin">Where it comes from.</param>
public sealed record Route(AddressPrefix Destination, int Interface, IpAddress? Gateway = null, int Metric = 0, RouteOrigin Origin = RouteOrigin.Manual);

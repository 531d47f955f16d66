using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack;

/// <summary>How a <see cref="NetworkStack"/> is set up. What is said of addresses here is for a stack on one device; see <see cref="InterfaceOptions"/> for more.</summary>
public sealed record NetworkStackOptions : NetworkOptions
{
    /// <summary>Our IPv4 address; null: none.</summary>
    public IPv4Address? Address { get; init; }

    /// <summary>Bits of the address that name the link's net, 0 to 32.</summary>
    public int PrefixLength { get; init; } = 24;

    /// <summary>Router for all that is not on the link; null: there is none.</summary>
    public IPv4Address? Gateway { get; init; }

    /// <summary>Our IPv6 address; null: none.</summary>
    public IPv6Address? IPv6Address { get; init; }

    /// <summary>Bits of the IPv6 address that name the link's net, 0 to 128.</summary>
    public int IPv6PrefixLength { get; init; } = 64;

    /// <summary>IPv6 router for all that is not on the link; null: there is none.</summary>
    public IPv6Address? IPv6Gateway { get; init; }

    /// <inheritdoc cref="InterfaceOptions.IPv6"/>
    public IPv6Mode IPv6 { get; init; }

    /// <inheritdoc cref="InterfaceOptions.DuplicateAddressTransmits"/>
    public int DuplicateAddressTransmits { get; init; } = 1;

    /// <inheritdoc cref="InterfaceOptions.OutputQueueFrames"/>
    public int OutputQueueFrames { get; init; } = 512;

    /// <inheritdoc cref="InterfaceOptions.HeaderBuffers"/>
    public int HeaderBuffers { get; init; } = 4096;

    /// <inheritdoc cref="InterfaceOptions.Announce"/>
    public bool Announce { get; init; } = true;

    /// <summary>TCP's part.</summary>
    public TcpSettings Tcp { get; init; } = new();

    /// <summary>What is said here of the one interface.</summary>
    internal InterfaceOptions ToInterfaceOptions()
    {
        List<AddressPrefix> addresses = [];
        List<IpAddress> gateways = [];
        if (Address is { } address)
        {
            addresses.Add(new AddressPrefix(address, PrefixLength));
        }

        if (IPv6Address is { } address6)
        {
            addresses.Add(new AddressPrefix(address6, IPv6PrefixLength));
        }

        if (Gateway is { } gateway)
        {
            gateways.Add(gateway);
        }

        if (IPv6Gateway is { } gateway6)
        {
            gateways.Add(gateway6);
        }

        return new InterfaceOptions
        {
            Addresses = addresses,
            Gateways = gateways,
            IPv6 = IPv6,
            DuplicateAddressTransmits = DuplicateAddressTransmits,
            OutputQueueFrames = OutputQueueFrames,
            HeaderBuffers = HeaderBuffers,
            Announce = Announce,
        };
    }
}

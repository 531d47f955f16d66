using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>A device with its addresses, its neighbours and its way out.</summary>
internal sealed class NetworkInterface
{
    private const int PacketPoolBytes = 1 << 20;

    public NetworkInterface(StackContext context, INetworkDevice device, InterfaceOptions options, int index)
    {
        Context = context;
        Device = device;
        Options = options;
        Index = index;
        MaximumTransmissionUnit = Math.Min(device.Capabilities.MaximumTransmissionUnit, IPv4Header.MaximumPacketLength);
        Output = new FrameOutput(device, context.Counters, options.OutputQueueFrames, options.HeaderBuffers);
        int packetSize = MaximumTransmissionUnit + EthernetHeader.Length;
        Packets = new BufferPool(Math.Max(PacketPoolBytes / packetSize, 16), packetSize);
        Neighbors = new NeighborCache(this);
    }

    public StackContext Context { get; }

    public INetworkDevice Device { get; }

    public InterfaceOptions Options { get; }

    /// <summary>The interface's number, from 1: the scope id of link-local addresses (RFC 4007 §6).</summary>
    public int Index { get; }

    public FrameOutput Output { get; }

    /// <summary>Buffers for whole packets that we make ourselves: datagrams and echo requests.</summary>
    public BufferPool Packets { get; }

    public NeighborCache Neighbors { get; }

    /// <summary>Our addresses on this link. The array is replaced when one comes or goes, never changed.</summary>
    public InterfaceAddress[] Addresses { get; private set; } = [];

    /// <summary>Largest IP packet in bytes.</summary>
    public int MaximumTransmissionUnit { get; }

    /// <summary>The device has failed.</summary>
    public bool IsDown { get; set; }

    /// <summary>
    /// The device knows already that the event loop waits for room. Without this every turn of a loop that finds the device full would wake itself for the next.
    /// </summary>
    public bool WaitsForRoom { get; set; }

    /// <summary>Adds an address that is not there yet.</summary>
    public void Add(InterfaceAddress address) => Addresses = [.. Addresses, address];

    /// <summary>Takes an address away.</summary>
    public void Remove(InterfaceAddress address) => Addresses = [.. Addresses.Where(other => other != address)];

    /// <summary>Our address that is equal to this one, or null.</summary>
    public InterfaceAddress? FindAddress(IpAddress address)
    {
        foreach (InterfaceAddress own in Addresses)
        {
            if (own.Address == address)
            {
                return own;
            }
        }

        return null;
    }

    /// <summary>A net's broadcast address, or the limited one.</summary>
    public bool IsBroadcast(IpAddress address)
    {
        if (!address.IsIPv4)
        {
            return false;
        }

        foreach (InterfaceAddress own in Addresses)
        {
            if (own.Broadcast == address && own.Address.IsIPv4)
            {
                return true;
            }
        }

        return address == IPv4Address.Broadcast;
    }

    /// <summary>Our address in whose net a neighbour lies, or null.</summary>
    public InterfaceAddress? FindAddressOnLinkWith(IpAddress neighbor)
    {
        foreach (InterfaceAddress own in Addresses)
        {
            if (own.Prefix.Contains(neighbor))
            {
                return own;
            }
        }

        return null;
    }
}

using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Simulation;

/// <summary>How a host is set up.</summary>
public sealed record HostModel
{
    public TcpSettings Tcp { get; init; } = VirtualNetwork.SmallPools;

    public int MaximumTransmissionUnit { get; init; } = 1500;

    /// <summary>What its card does.</summary>
    public OffloadFeatures Features { get; init; } = VirtualDevice.Features(segments: true);

    /// <summary>Software stands between the stack and the card and does what the card cannot.</summary>
    public bool InSoftware { get; init; }

    /// <summary>What the stack may use of what software and card together can do; asked of software only.</summary>
    public OffloadFeatures StackFeatures { get; init; } = OffloadFeatures.All;

    public int ReceiveBuffers { get; init; } = 4096;

    /// <summary>It begins without its IPv4 address, which somebody must tell it.</summary>
    public bool IsUnconfigured { get; init; }

    /// <summary>It uses source routes.</summary>
    public bool SourceRouting { get; init; }

    /// <summary>Its IPv6 address, in a /64; null: none.</summary>
    public IPv6Address? IPv6Address { get; init; }

    /// <summary>Its IPv6 router.</summary>
    public IPv6Address? IPv6Gateway { get; init; }

    /// <summary>When it speaks IPv6, and whether routers configure it.</summary>
    public IPv6Mode IPv6 { get; init; }

    /// <summary>Whether it asks the link before it uses an IPv6 address.</summary>
    public bool DetectsDuplicates { get; init; }
}

/// <summary>A host of the network.</summary>
public sealed class VirtualHost
{
    internal VirtualHost(VirtualNetwork network, NetworkStack stack, VirtualDevice device, INetworkDevice top, Link link, IPv4Address address)
    {
        Stack = stack;
        Device = device;
        Top = top;
        Link = link;
        Address = address;
        Wake = () => network.MarkDirty(this);
    }

    public NetworkStack Stack { get; }

    /// <summary>Its card.</summary>
    public VirtualDevice Device { get; }

    /// <summary>Cards that were added later.</summary>
    internal List<VirtualDevice> MoreDevices { get; } = [];

    /// <summary>Frames that all its cards received.</summary>
    public long FramesReceived => Device.FramesReceived + MoreDevices.Sum(static device => device.FramesReceived);

    /// <summary>What the stack sits on: the card, or software around it.</summary>
    public INetworkDevice Top { get; }

    /// <summary>The link from it into the network.</summary>
    public Link Link { get; }

    public IPv4Address Address { get; }

    /// <summary>Its global IPv6 address, when it has one.</summary>
    public IPv6Address? Address6 { get; internal init; }

    /// <summary>When its stack wants to be polled next.</summary>
    internal TimeSpan Due { get; set; } = TimeSpan.MaxValue;

    /// <summary>Its stack has something to do now.</summary>
    internal bool IsDirty { get; set; }

    internal Action Wake { get; }
}

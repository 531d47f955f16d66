using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>A frame on its way out, with what is still owed to it.</summary>
public struct TxFrame
{
    /// <summary>The bytes, from the Ethernet header on, without padding and frame check sequence.</summary>
    public Frame Frame;

    /// <summary>What the device still has to do.</summary>
    public TxOffload Offload;
}

/// <summary>A frame that came in, with what is already known of it.</summary>
public struct RxFrame
{
    /// <summary>The bytes, from the Ethernet header on, without the frame check sequence. Padding may follow the packet.</summary>
    public Frame Frame;

    /// <summary>What the device found out.</summary>
    public RxOffload Offload;
}

/// <summary>How a device does.</summary>
public enum DeviceState
{
    /// <summary>Frames can be sent and received.</summary>
    Up,

    /// <summary>The device works, the cable does not: frames sent are dropped.</summary>
    NoCarrier,

    /// <summary>The device failed and could not be brought back. Who holds sockets on it reports ENETDOWN.</summary>
    Failed,
}

/// <summary>
/// The one boundary between a stack and whatever moves its frames: a card, a TAP, another stack, a file.
/// One thread at a time calls <see cref="Transmit"/>, <see cref="Receive"/> and <see cref="ArmWake"/>; none of the three ever blocks,
/// allocates in steady state or throws for anything that a peer or a device did.
/// </summary>
public interface INetworkDevice : IDisposable
{
    /// <summary>A name for people, such as <c>tap0</c> or <c>fpga0</c>.</summary>
    string Name { get; }

    /// <summary>The station's address.</summary>
    MacAddress MacAddress { get; }

    /// <summary>What the device can do.</summary>
    DeviceCapabilities Capabilities { get; }

    /// <summary>What it is told to do: at first all of <see cref="DeviceCapabilities.Features"/>.</summary>
    /// <exception cref="ArgumentException">A feature that the device does not have was asked for.</exception>
    OffloadFeatures EnabledFeatures { get; set; }

    /// <summary>How the device does now.</summary>
    DeviceState State { get; }

    /// <summary>Speed and duplex of the link, or of the last one while there is none; the default: the device has no speed of its own.</summary>
    DeviceLink Link => default;

    /// <summary>Where the device is told which frames to leave out; null: it cannot, and hands up whatever comes.</summary>
    IAddressFilter? AddressFilter => null;

    /// <summary>The key of <see cref="OffloadFeatures.RxHash"/>, which stays while the device lives; empty: the device has no such hash.</summary>
    ReadOnlyMemory<byte> HashKey => default;

    /// <summary>
    /// Hands frames down in order. For those taken, the frames' references pass to the device, which releases them when the bytes are no longer
    /// needed; the rest stays the caller's, to be offered again.
    /// </summary>
    /// <param name="frames">The batch. A frame must owe nothing that <see cref="EnabledFeatures"/> does not cover; one that does is
    /// taken, dropped and counted.</param>
    /// <returns>How many were taken, from the front: fewer than offered when the device is full.</returns>
    int Transmit(ReadOnlySpan<TxFrame> frames);

    /// <summary>Takes frames that have come in, oldest first. Their references pass to the caller.</summary>
    /// <param name="frames">Receives the batch.</param>
    /// <returns>How many were stored; 0 when there is none.</returns>
    int Receive(Span<RxFrame> frames);

    /// <summary>
    /// Asks for one call of <paramref name="wake"/>, from any thread, as soon as a frame can be received, or, after a short
    /// <see cref="Transmit"/>, room has come, or <see cref="State"/> changed. When that holds already the call comes at once, perhaps before this method returns. Asking again
    /// replaces the earlier request.
    /// </summary>
    /// <param name="wake">What to call; it must be quick and must not call the device.</param>
    void ArmWake(Action wake);

    /// <summary>Adds the device's counters to a list, in a fixed order, as <c>ethtool -S</c> would print them.</summary>
    /// <param name="counters">Receives names and values.</param>
    void ReadCounters(IList<DeviceCounter> counters);
}

/// <summary>A counter of a device.</summary>
/// <param name="Name">Its name: lower case with underscores, such as <c>rx_bad_fcs</c>.</param>
/// <param name="Value">Its value since the device started.</param>
public readonly record struct DeviceCounter(string Name, ulong Value);

/// <summary>What a device can do.</summary>
/// <param name="Features">Offloads that it has.</param>
/// <param name="MaximumTransmissionUnit">Largest network-layer packet in bytes: 1500 on Ethernet.</param>
/// <param name="MaximumSegmentationSize">Largest frame in bytes that it cuts; 0 without segmentation offload.</param>
public readonly record struct DeviceCapabilities(
    OffloadFeatures Features,
    int MaximumTransmissionUnit,
    int MaximumSegmentationSize = 0);

using FpgaNet.Packets.Devices;

namespace FpgaNet.Stack.Network;

/// <summary>
/// A further queue of an interface's device, for what is urgent: packets whose SO_PRIORITY is so high or higher leave by it. What the device prefers it to is the device's business, such as the
/// card's strict priorities among its queues.
/// </summary>
/// <param name="Queue">The queue, which must insert transmit checksums, as every <see cref="SoftwareOffload"/> does. What comes in through it is the interface's. It stays the caller's.</param>
/// <param name="LeastPriority">1 to 7.</param>
public sealed record TransmitBand(INetworkDevice Queue, int LeastPriority);

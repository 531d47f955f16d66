using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>
/// Part of a device that can leave out, by their destination address, frames that are not for this station. Those to its own address and to everybody
/// always come. A device may hand up more than it was asked for, never less. Several users of one device (its queues) share the filter: a group
/// comes until all who joined have left. Called by the thread that uses the device, or by those that use its queues.
/// </summary>
public interface IAddressFilter
{
    /// <summary>Every frame comes, whomever it is for: so it is at first.</summary>
    bool Promiscuous { get; set; }

    /// <summary>Frames to a group shall come.</summary>
    /// <param name="group">The group's address.</param>
    void Join(MacAddress group);

    /// <summary>Takes one <see cref="Join"/> back.</summary>
    /// <param name="group">The group's address.</param>
    void Leave(MacAddress group);
}

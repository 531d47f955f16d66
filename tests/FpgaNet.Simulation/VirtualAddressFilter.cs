using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>A card's address filter in the plainest way there is: groups that nobody joined do not come, so that a stack which forgets one is found out.</summary>
public sealed class VirtualAddressFilter : IAddressFilter
{
    private readonly List<MacAddress> _joined = [];

    public bool Promiscuous { get; set; } = true;

    /// <summary>Groups as often as they were joined.</summary>
    public IReadOnlyList<MacAddress> Joined => _joined;

    /// <summary>Frames that were left out.</summary>
    public long Filtered { get; private set; }

    public void Join(MacAddress group) => _joined.Add(group);

    public void Leave(MacAddress group) => SimulationException.ThrowUnless(_joined.Remove(group), $"{group} was left and never joined");

    /// <summary>Whether a frame comes. Those to other stations do: who filters exactly is not to be relied on.</summary>
    public bool Accepts(ReadOnlySpan<byte> frame)
    {
        if (Promiscuous || frame.Length < MacAddress.Length)
        {
            return true;
        }

        MacAddress destination = MacAddress.Read(frame);
        bool accepted = !destination.IsMulticast || destination == MacAddress.Broadcast || _joined.Contains(destination);
        Filtered += accepted ? 0 : 1;
        return accepted;
    }
}

using FpgaNet.Driver;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Sim;

namespace FpgaNet.Cli.Nic;

/// <summary>A NIC that works, with all that stands behind it.</summary>
internal sealed class OpenNic : IDisposable
{
    private readonly Stack<IDisposable> _behind;

    /// <param name="hardware">The device itself; belongs to the new object.</param>
    /// <param name="description">What it is, for people.</param>
    /// <param name="offload">What it shall do for the host, as far as it can.</param>
    /// <param name="behind">What it needs, to be disposed after it, the top first.</param>
    public OpenNic(INetworkDevice hardware, string description, OffloadFeatures offload, Stack<IDisposable> behind)
    {
        Hardware = hardware;
        Description = description;
        _behind = behind;
        hardware.EnabledFeatures = offload & hardware.Capabilities.Features;
        Queues = [.. (Card?.Queues ?? [hardware]).Select(static queue => new SoftwareOffload(queue))];
    }

    /// <summary>What a stack sits on: every offload, done by the NIC where it does it and by the CPU otherwise.</summary>
    public SoftwareOffload Device => Queues[0];

    /// <summary>The same for each queue of the device, of which the first is <see cref="Device"/>.</summary>
    public IReadOnlyList<SoftwareOffload> Queues { get; }

    /// <summary>The device below that.</summary>
    public INetworkDevice Hardware { get; }

    /// <summary>What it is, for people.</summary>
    public string Description { get; }

    /// <summary>The FpgaNet card, when it is one.</summary>
    public FpgaNic? Card => Hardware as FpgaNic;

    /// <summary>The simulated board, when it is one.</summary>
    public SimulatedBoard? Board { get; init; }

    public void Dispose()
    {
        foreach (SoftwareOffload queue in Queues)
        {
            queue.Dispose();
        }

        while (_behind.TryPop(out IDisposable? part))
        {
            part.Dispose();
        }
    }
}

using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver;

/// <summary>What a card says of itself (docs/registers.md).</summary>
/// <param name="Version">Version of its register map.</param>
/// <param name="BoardId">Which board; 0 is the simulated one.</param>
/// <param name="Features">Offloads of its core.</param>
/// <param name="MaximumFrame">Longest frame in bytes, Ethernet header and a VLAN tag included, frame check sequence not.</param>
/// <param name="DataWidth">Bits of its data path.</param>
/// <param name="ClockHertz">Frequency of its core clock.</param>
/// <param name="TxQueues">Transmit queues.</param>
/// <param name="RxQueues">Receive queues.</param>
/// <param name="ReadTags">Reads of host memory that it can have outstanding.</param>
public sealed record CardDescription(
    Version Version,
    uint BoardId,
    OffloadFeatures Features,
    int MaximumFrame,
    int DataWidth,
    long ClockHertz,
    int TxQueues,
    int RxQueues,
    int ReadTags);

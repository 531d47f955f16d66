namespace FpgaNet.Driver.Flows;

/// <summary>What the card does with the frames of a flow.</summary>
/// <param name="FlowId">What their <see cref="Packets.Offload.RxOffload.FlowId"/> will be.</param>
/// <param name="Queue">The receive queue that they go to; null: as without an entry.</param>
/// <param name="Drop">They are dropped, and counted in <c>rx_flow_dropped</c>.</param>
public readonly record struct FlowAction(ushort FlowId, int? Queue = null, bool Drop = false);

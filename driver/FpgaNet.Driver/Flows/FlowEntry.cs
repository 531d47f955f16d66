namespace FpgaNet.Driver.Flows;

/// <summary>A flow in a <see cref="FlowTable"/>, as <see cref="FlowTable.Read"/> found it.</summary>
/// <param name="Key">The flow.</param>
/// <param name="Action">What its frames meet.</param>
/// <param name="Matches">Frames that have met it since it was added.</param>
public readonly record struct FlowEntry(FlowKey Key, FlowAction Action, ulong Matches);

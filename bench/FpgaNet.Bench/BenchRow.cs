namespace FpgaNet.Bench;

/// <summary>One figure.</summary>
/// <param name="Suite">The suite that measured it.</param>
/// <param name="Name">What was measured; rows of one name are compared with each other.</param>
/// <param name="Variant">Which way of doing it.</param>
/// <param name="Value">The median over the runs.</param>
/// <param name="Unit">Its unit, such as <c>GB/s</c> or <c>ns</c>.</param>
/// <param name="Lowest">The lowest run.</param>
/// <param name="Highest">The highest run.</param>
/// <param name="Note">Something a reader has to know: <c>not on this CPU</c>; empty most often.</param>
public sealed record BenchRow(
    string Suite, string Name, string Variant, double Value, string Unit, double Lowest = double.NaN, double Highest = double.NaN, string Note = "");

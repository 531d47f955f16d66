namespace FpgaNet.Driver;

/// <summary>Something that a card did and no sound card does.</summary>
/// <param name="Misbehaviour">What.</param>
/// <param name="Detail">The value at which it showed, for the log.</param>
internal readonly record struct CardFault(Misbehaviour Misbehaviour, uint Detail);

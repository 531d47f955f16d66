namespace FpgaNet.Driver;

/// <summary>The block of a card's host interface, at which a transport knows its own kind of card.</summary>
/// <param name="Name">For people: <c>PCI Express</c>.</param>
/// <param name="Offset">Where registers.json puts it.</param>
/// <param name="Type">Type in its header.</param>
/// <param name="Version">Version in its header.</param>
internal readonly record struct HostBlock(string Name, uint Offset, uint Type, uint Version);

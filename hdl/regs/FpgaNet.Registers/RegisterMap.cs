namespace FpgaNet.Registers;

/// <summary>The checked map: what the three writers print from.</summary>
internal sealed record RegisterMap(
    int Major, int Minor, uint Magic, IReadOnlyList<Block> Blocks, IReadOnlyList<Format> Formats, IReadOnlyList<Enumeration> Enums);

/// <summary>A run of registers. <see cref="SameAs"/> names the block whose registers an array block repeats.</summary>
internal sealed record Block(
    string Name,
    string Summary,
    int Offset,
    int? Stride,
    int Count,
    int? Type,
    int? Version,
    string? SameAs,
    IReadOnlyList<Register> Registers,
    int CountersOffset,
    IReadOnlyList<Counter> Counters)
{
    public bool IsArray => Stride is not null;

    /// <summary>Bytes from the block's start to the end of its last register.</summary>
    public int Extent => Math.Max(
        Registers.Count == 0 ? 0 : Registers.Max(static r => r.Offset + (4 * r.Count)),
        Counters.Count == 0 ? 0 : CountersOffset + (8 * Counters.Count));

    /// <summary>Bytes that all elements of the block occupy.</summary>
    public int Size => Stride is { } stride ? stride * Count : Extent;
}

internal sealed record Register(string Name, string Summary, int Offset, int Count, string Access, IReadOnlyList<Field> Fields);

internal sealed record Counter(string Name, string Summary);

/// <summary>A run of bits in word <see cref="Word"/> of a register (always 0) or format.</summary>
internal sealed record Field(string Name, string Summary, int Word, int Low, int Width)
{
    public int High => Low + Width - 1;
}

internal sealed record Format(string Name, string Summary, int Words, IReadOnlyList<Field> Fields);

/// <summary><see cref="Width"/> is that of the format field with the enumeration's name; 32 where there is none.</summary>
internal sealed record Enumeration(string Name, string Summary, int Width, IReadOnlyList<EnumValue> Values);

internal sealed record EnumValue(string Name, string Summary, int Value);

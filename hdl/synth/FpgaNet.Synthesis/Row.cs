using System.Text.Json;
using System.Text.Json.Serialization;

namespace FpgaNet.Synthesis;

/// <summary>What a module takes on a target: cells, and the clock it can carry.</summary>
/// <param name="Lut">Look-up tables: SB_LUT4, LUT4, or LUT1 to LUT6.</param>
/// <param name="Carry">Carry cells: SB_CARRY (one bit), CCU2C (two bits), or CARRY4 (four bits).</param>
/// <param name="FlipFlop">Flip-flops.</param>
/// <param name="BlockRam">Block memories: SB_RAM40_4K (4 Kbit), DP16KD (18 Kbit), or RAMB18E1 and RAMB36E1.</param>
/// <param name="LutRam">Memories made of look-up tables, in cells of the target: TRELLIS_DPR16X4, or RAM32M, RAM64M and their kin.</param>
/// <param name="Megahertz">The slowest clock's limit after place and route, in MHz; null where nothing was routed.</param>
internal sealed record Figures(int? Lut, int? Carry, int? FlipFlop, int? BlockRam, int? LutRam, double? Megahertz);

/// <summary>A published or measured figure of somebody else's module for the same function.</summary>
internal sealed record Peer(string Name, Figures? Ice40, Figures? Ecp5, Figures? Xilinx7);

/// <summary>One line of the table: a module with its parameters.</summary>
internal sealed record Row
{
    /// <summary>What the line is called.</summary>
    public required string Name { get; init; }

    /// <summary>The Verilog module, a top of its own.</summary>
    public required string Module { get; init; }

    /// <summary>Parameters that differ from the module's own.</summary>
    public Dictionary<string, string>? Parameters { get; init; }

    /// <summary>Whether an iCE40 HX8K cannot hold it, so that it is not tried there.</summary>
    public bool TooLargeForIce40 { get; init; }

    /// <summary>What is inside, where it must be said for the comparison.</summary>
    public string? Note { get; init; }

    /// <summary>The peer, if there is one.</summary>
    public Peer? Peer { get; init; }

    /// <summary>The rows of a description such as hdl/synth/modules.json.</summary>
    public static IReadOnlyList<Row> Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        return JsonSerializer.Deserialize(file, RowContext.Default.ListRow) ?? [];
    }
}

/// <summary>What was measured for a row, by target.</summary>
internal sealed record Result(string Name, string Module, Figures? Ice40, Figures Ecp5, Figures Xilinx7);

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(List<Row>))]
[JsonSerializable(typeof(Result))]
internal sealed partial class RowContext : JsonSerializerContext;

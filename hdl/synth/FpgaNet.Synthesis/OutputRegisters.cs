using System.Text.Json.Nodes;

namespace FpgaNet.Synthesis;

/// <summary>
/// Moves the flip-flops directly behind a block memory of ECP5 (DP16KD) into the register that the memory has at its output, which Yosys 0.23
/// leaves unused: the word then comes 1 ns behind the clock, not 5.8 ns behind it through the chip to a flip-flop.
/// </summary>
/// <remarks>
/// The register loads what the memory would give without it, at the port's clock while OCE is 1, whatever CE is, and is 0 when the FPGA starts; RST
/// resets it together with what is in front of it. So it is in Lattice's simulation model of the like block of MachXO2 (DP8KC), and nextpnr-ecp5 names
/// the same pins and modes for ECP5's. Flip-flops without reset, of one clock and one enable, are the same as it. All else is left as it is.
/// </remarks>
internal static class OutputRegisters
{
    private const int Bits = 18; // of a port

    /// <summary>Changes a netlist in a file, and tells of each port that is read in a line.</summary>
    public static async Task<IReadOnlyList<string>> UseAsync(string netlist, string written)
    {
        JsonObject design = JsonNode.Parse(await File.ReadAllTextAsync(netlist))!.AsObject();
        IReadOnlyList<Outcome> outcomes = Use(design);
        await File.WriteAllTextAsync(written, design.ToJsonString());
        return [.. outcomes.Select(static o => $"{o.Memory} {o.Sides}: {o.Obstacle ?? $"{o.FlipFlops} flip-flops"}")];
    }

    /// <summary>Changes a netlist and says for each port that is read how many flip-flops went, or why none could.</summary>
    /// <param name="design">A whole file of Yosys' <c>write_json</c>, behind <c>synth_ecp5</c>.</param>
    public static IReadOnlyList<Outcome> Use(JsonObject design)
    {
        var outcomes = new List<Outcome>();
        foreach ((_, JsonNode? module) in design["modules"]!.AsObject())
        {
            var netlist = new Netlist(module!.AsObject());
            foreach (Cell memory in netlist.Cells.Where(static c => Is(c.Type, "DP16KD")).ToArray())
            {
                // 36 bits wide, a memory has a port to write, A, and one to read, which is B's with the data of both (PDPW16KD).
                string[] ports = Number(memory, "DATA_WIDTH_A") == 2 * Bits ? ["AB"] : ["A", "B"];
                outcomes.AddRange(ports.Select(sides => Use(netlist, memory, sides)).OfType<Outcome>());
            }
        }

        return outcomes;
    }

    // null: nothing is read here. sides: the memory's halves whose data the port gives; its clock is the last one's.
    private static Outcome? Use(Netlist netlist, Cell memory, string sides)
    {
        var outputs = sides.SelectMany(static side => Enumerable.Range(0, Bits).Select(bit => $"DO{side}{bit}"))
            .Select(output => (Name: output, Readers: netlist.Readers(memory.Net(output))))
            .Where(static o => o.Readers.Count > 0).ToArray();
        if (outputs.Length == 0)
        {
            return null;
        }

        Cell? first = outputs[0].Readers[0].Cell;
        string? obstacle = sides.Select(side => Obstacle(memory, side))
            .Concat(outputs.Select(o => Obstacle(memory, sides[^1], o.Readers, Enable(first)) is { } what ? $"{o.Name} goes to {what}" : null))
            .FirstOrDefault(static o => o is not null);
        if (obstacle is not null)
        {
            return new Outcome(memory.Name, sides, 0, obstacle);
        }

        foreach (char side in sides)
        {
            memory.SetParameter($"REGMODE_{side}", "OUTREG");
            memory.Connect($"OCE{side}", Is(Enable(first), "1") ? new JsonArray("1") : first!.Connections["CE"]!);
        }

        foreach ((string output, IReadOnlyList<Pin> readers) in outputs)
        {
            memory.Connect(output, readers[0].Cell!.Connections["Q"]!);
            netlist.Remove(readers[0].Cell!);
        }

        return new Outcome(memory.Name, sides, outputs.Length, null);
    }

    private static string? Obstacle(Cell memory, char side) =>
        !Is(memory.Net($"RST{side}"), "0") ? $"RST{side} is in use"
        : !Is(memory.Parameter($"REGMODE_{side}", "NOREG"), "NOREG") ? $"the register at {side} is in use"
        : null;

    // Why what reads an output is not the register's like; null when it is. clock: the port's side whose clock it has. enable: of the flip-flop at the port's first output, which all share.
    private static string? Obstacle(Cell memory, char clock, IReadOnlyList<Pin> readers, string? enable)
    {
        if (readers is not [{ Cell: { Type: "TRELLIS_FF" } flipFlop, Port: "DI" }])
        {
            return readers.Count > 1 ? $"{readers.Count} places" : $"{readers[0].Cell?.Type ?? "the module's"} {readers[0].Port}";
        }

        bool isOfTheClock = Is(flipFlop.Net("CLK"), memory.Net($"CLK{clock}")) && IsInverted(flipFlop, "CLKMUX") == IsInverted(memory, $"CLK{clock}MUX");
        bool startsAtZero = Is(flipFlop.Parameter("REGSET", "RESET"), "RESET") && Is(flipFlop.Parameter("LSRMODE", "LSR"), "LSR")
            && Is(flipFlop.Parameter("GSR", "ENABLED"), memory.Parameter("GSR", "ENABLED"));
        return flipFlop.IsKept ? "a flip-flop that must stay"
            : flipFlop.Net("Q") is null ? "a flip-flop without output"
            : !isOfTheClock ? "a flip-flop of another clock"
            : !Is(flipFlop.Net("LSR") ?? "0", "0") || IsInverted(flipFlop, "LSRMUX") ? "a flip-flop with a reset"
            : !startsAtZero ? "a flip-flop that does not start at 0, or with another global reset"
            : !Is(Enable(flipFlop), enable) ? "a flip-flop of another enable than the first's, or an inverted one"
            : null;
    }

    // The net of a flip-flop's enable, or "1"; null where it is inverted or absent.
    private static string? Enable(Cell? flipFlop) => flipFlop?.Parameter("CEMUX", "1") switch
    {
        "1" => "1",
        "CE" => flipFlop.Net("CE"),
        _ => null,
    };

    private static bool IsInverted(Cell cell, string mux) => Is(cell.Parameter(mux, ""), "INV");

    private static bool Is(string? text, string? other) => text is not null && string.Equals(text, other, StringComparison.Ordinal);

    private static int Number(Cell memory, string parameter) => Convert.ToInt32(memory.Parameter(parameter, "0"), fromBase: 2);
}

/// <summary>What became of a memory's port.</summary>
/// <param name="Memory">The memory's name.</param>
/// <param name="Sides">A, B, or AB where both halves' data make one word.</param>
/// <param name="FlipFlops">How many flip-flops went into the memory.</param>
/// <param name="Obstacle">Why none went; null when they did.</param>
internal sealed record Outcome(string Memory, string Sides, int FlipFlops, string? Obstacle);

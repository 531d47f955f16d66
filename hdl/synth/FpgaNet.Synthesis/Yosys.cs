using System.Text.Json;

namespace FpgaNet.Synthesis;

/// <summary>A port of a module: its direction and width in bits.</summary>
internal readonly record struct Port(string Name, bool IsInput, int Width);

/// <summary>Synthesis by Yosys: cells of each target, ports, and the netlist for place and route.</summary>
internal sealed class Yosys(string root, string work)
{
    private readonly string _sources = string.Join(' ', Directory
        .EnumerateFiles(Path.Combine(root, "hdl/rtl"), "*.sv", SearchOption.AllDirectories)
        .Concat(Directory.EnumerateFiles(Path.Combine(root, "hdl/synth"), "*.sv")).Order(StringComparer.Ordinal));

    private readonly string _include = Path.Combine(root, "hdl/rtl/include");

    /// <summary>The module's ports at the row's parameters.</summary>
    public async Task<IReadOnlyList<Port>> PortsAsync(Row row, string name)
    {
        string json = Path.Combine(work, $"{name}.ports.json");
        await RunAsync($"{Read(row)} proc; write_json {json}");
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(json));
        JsonElement ports = document.RootElement.GetProperty("modules").GetProperty(row.Module).GetProperty("ports");
        return [.. ports.EnumerateObject().Select(static p => new Port(
            p.Name, string.Equals(p.Value.GetProperty("direction").GetString(), "input", StringComparison.Ordinal),
            p.Value.GetProperty("bits").GetArrayLength()))];
    }

    /// <summary>What the module takes on ECP5, Xilinx 7 or iCE40 (<c>synth_ecp5</c>, <c>synth_xilinx</c>, <c>synth_ice40</c>).</summary>
    public async Task<Figures> CountAsync(Row row, string name, string synthesis)
    {
        string stat = Path.Combine(work, $"{name}.{synthesis.Split(' ')[0]}.json");
        await RunAsync($"{Read(row)} {synthesis} -top {row.Module}; tee -q -o {stat} stat -json");
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(stat));
        JsonElement cells = document.RootElement.GetProperty("design").GetProperty("num_cells_by_type");
        int Sum(params string[] prefixes) => cells.EnumerateObject()
            .Where(c => prefixes.Any(p => c.Name.StartsWith(p, StringComparison.Ordinal))).Sum(static c => c.Value.GetInt32());
        return new Figures(
            Sum("SB_LUT4", "LUT"), Sum("SB_CARRY", "CCU2C", "CARRY4"), Sum("SB_DFF", "TRELLIS_FF", "FD"),
            Sum("SB_RAM40", "DP16KD", "RAMB"), Sum("TRELLIS_DPR", "RAM32", "RAM64", "RAM128", "RAM256"), null);
    }

    /// <summary>The netlist of a harness around the module, for nextpnr.</summary>
    public Task SynthesizeAsync(Row row, string harness, string synthesis, string json) =>
        RunAsync($"{Read(row)} read_verilog -sv {harness}; hierarchy -check -top harness; {synthesis} -top harness -json {json}");

    private string Read(Row row) =>
        $"read_verilog -sv -defer -D SYNTHESIS -I {_include} {_sources}; "
        + string.Concat((row.Parameters ?? []).Select(p => $"chparam -set {p.Key} {p.Value} {row.Module}; "))
        + $"hierarchy -check -top {row.Module};";

    private static Task RunAsync(string commands) => Tool.RunAsync("yosys", "-q", "-p", commands);
}

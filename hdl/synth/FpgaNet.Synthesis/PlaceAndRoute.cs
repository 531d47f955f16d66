using System.Text.Json;

namespace FpgaNet.Synthesis;

/// <summary>Place and route by nextpnr, for the clock that a module can carry: on an iCE40 HX8K, and on an LFE5U-25F of speed grade 6.</summary>
internal static class PlaceAndRoute
{
    private const string Ecp5 = "nextpnr-ecp5";

    /// <summary>Whether ECP5 can be measured here: Debian does not package nextpnr-ecp5.</summary>
    public static bool HasEcp5 { get; } = Tool.IsInstalled(Ecp5);

    /// <summary>The limit of the slowest clock on an HX8K in MHz.</summary>
    public static Task<double> Ice40MegahertzAsync(Row row, string name, Yosys yosys, string work) =>
        MegahertzAsync(row, $"{name}.ice40", yosys, work, "synth_ice40 -abc9 -device hx", "nextpnr-ice40", "--hx8k", "--package", "ct256", "--pcf-allow-unconstrained");

    /// <summary>The limit of the slowest clock on an LFE5U-25F-6 in MHz.</summary>
    public static Task<double> Ecp5MegahertzAsync(Row row, string name, Yosys yosys, string work) =>
        MegahertzAsync(row, $"{name}.ecp5", yosys, work, "synth_ecp5 -abc9", Ecp5, "--25k", "--package", "CABGA381", "--speed", "6", "--lpf-allow-unconstrained");

    // nextpnr is asked for 200 MHz and gives what it reaches.
    private static async Task<double> MegahertzAsync(Row row, string name, Yosys yosys, string work, string synthesis, string program, params string[] device)
    {
        string harness = Path.Combine(work, $"{name}.v");
        string netlist = Path.Combine(work, $"{name}.netlist.json");
        string report = Path.Combine(work, $"{name}.report.json");
        await File.WriteAllTextAsync(harness, Harness.Text(row, await yosys.PortsAsync(row, name)));
        await yosys.SynthesizeAsync(row, harness, synthesis, netlist);
        if (string.Equals(program, Ecp5, StringComparison.Ordinal))
        {
            await OutputRegisters.UseAsync(netlist, netlist);
        }

        await Tool.RunAsync(program, ["-q", .. device, "--freq", "200", "--timing-allow-fail", "--seed", "1", "--json", netlist, "--report", report]);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        return document.RootElement.GetProperty("fmax").EnumerateObject().Min(static clock => clock.Value.GetProperty("achieved").GetDouble());
    }
}

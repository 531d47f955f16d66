using System.Text.Json;

namespace FpgaNet.Synthesis;

/// <summary>Place and route on an iCE40 HX8K by nextpnr, for the clock that a module can carry.</summary>
internal static class PlaceAndRoute
{
    /// <summary>The limit of the slowest clock in MHz. nextpnr is asked for 200 MHz and gives what it reaches.</summary>
    public static async Task<double> MegahertzAsync(Row row, string name, Yosys yosys, string work)
    {
        string harness = Path.Combine(work, $"{name}.v");
        string netlist = Path.Combine(work, $"{name}.netlist.json");
        string report = Path.Combine(work, $"{name}.report.json");
        await File.WriteAllTextAsync(harness, Harness.Text(row, await yosys.PortsAsync(row, name)));
        await yosys.SynthesizeAsync(row, harness, netlist);
        await Tool.RunAsync("nextpnr-ice40", "-q", "--hx8k", "--package", "ct256", "--pcf-allow-unconstrained", "--freq", "200",
            "--timing-allow-fail", "--seed", "1", "--json", netlist, "--report", report);
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        return document.RootElement.GetProperty("fmax").EnumerateObject().Min(static clock => clock.Value.GetProperty("achieved").GetDouble());
    }
}

using System.Diagnostics;
using System.Text.Json;
using FpgaNet.Synthesis;

const string Usage = """
    Synthesises the modules of hdl/synth/modules.json for iCE40 HX8K (Yosys, nextpnr-ice40), ECP5 (Yosys, and nextpnr-ecp5 where it is on
    PATH) and Xilinx 7 (Yosys), prints what they take beside their peers' figures, and writes build/synth/*.json and the tables of
    docs/synthesis.md. Run it in the repository's root.
    usage: fpganet-synth [part of a row's name ...]
      With a part, only these rows are run and the page is left alone.
    usage: fpganet-synth output-registers NETLIST.json RESULT.json
      Uses the output registers of ECP5's block memories (OutputRegisters.cs) in a netlist of Yosys, and says what hinders at a port.
    """;

if (args is ["output-registers", var netlist, var written])
{
    try
    {
        Console.Error.WriteLine(string.Join('\n', await OutputRegisters.UseAsync(netlist, written)));
        return 0;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
    {
        Console.Error.WriteLine($"fpganet-synth: {netlist}: {e.Message}");
        return 1;
    }
}

if (args.Any(static a => a.StartsWith('-')) || !File.Exists("hdl/synth/modules.json"))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

string root = Directory.GetCurrentDirectory();
string work = Path.Combine(root, "build/synth");
string scratch = Path.Combine(work, "scratch");
Directory.CreateDirectory(scratch);
if (!PlaceAndRoute.HasEcp5)
{
    Console.Error.WriteLine("synth      nextpnr-ecp5 is not on PATH: the clocks on ECP5 are not measured");
}

try
{
    IReadOnlyList<Row> rows = [.. Row.Load("hdl/synth/modules.json").Where(r => args.Length == 0 || args.Any(a => r.Name.Contains(a, StringComparison.OrdinalIgnoreCase)))];
    var results = new Dictionary<string, Result>(StringComparer.Ordinal);
    var yosys = new Yosys(root, scratch);
    ParallelOptions two = new() { MaxDegreeOfParallelism = 2 };
    await Parallel.ForEachAsync(rows.Index(), two, async (item, cancellation) =>
    {
        (int index, Row row) = item;
        string name = $"{index:D2}-{row.Module}";
        long start = Stopwatch.GetTimestamp();
        Figures? ice40 = null;
        if (!row.TooLargeForIce40)
        {
            ice40 = await yosys.CountAsync(row, name, "synth_ice40") with { Megahertz = await PlaceAndRoute.Ice40MegahertzAsync(row, name, yosys, scratch) };
        }

        Figures ecp5 = await yosys.CountAsync(row, name, "synth_ecp5");
        if (PlaceAndRoute.HasEcp5)
        {
            ecp5 = ecp5 with { Megahertz = await PlaceAndRoute.Ecp5MegahertzAsync(row, name, yosys, scratch) };
        }

        var result = new Result(row.Name, row.Module, ice40, ecp5, await yosys.CountAsync(row, name, "synth_xilinx -flatten -noiopad -noclkbuf"));
        await File.WriteAllTextAsync(Path.Combine(work, $"{name}.json"), JsonSerializer.Serialize(result, RowContext.Default.Result), cancellation);
        lock (results)
        {
            results[row.Name] = result;
            Console.Error.WriteLine($"synth      {row.Name} ({Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s)");
        }
    });

    string table = Table.Markdown(rows, results);
    Console.Write(table);
    if (args.Length == 0)
    {
        const string Page = "docs/synthesis.md";
        await File.WriteAllTextAsync(Page, Table.Replace(await File.ReadAllTextAsync(Page), table));
    }

    return 0;
}
catch (ToolException e)
{
    Console.Error.WriteLine($"fpganet-synth: {e.Message}");
    return 1;
}

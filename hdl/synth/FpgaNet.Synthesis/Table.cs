using System.Globalization;
using System.Text;

namespace FpgaNet.Synthesis;

/// <summary>The results as Markdown, ours beside the peers'.</summary>
internal static class Table
{
    private const string None = "·";

    /// <summary>One table a target.</summary>
    public static string Markdown(IReadOnlyList<Row> rows, IReadOnlyDictionary<string, Result> results)
    {
        var text = new StringBuilder();
        Target(text, "iCE40 HX8K: Yosys and nextpnr-ice40", "LUT4", "carry", "block RAM (4 Kbit)", rows, results, static r => r.Ice40, static p => p.Ice40, "MHz");
        Target(text, PlaceAndRoute.HasEcp5 ? "ECP5 LFE5U-25F, speed grade 6: Yosys and nextpnr-ecp5" : "ECP5: Yosys", "LUT4", "CCU2C", "block RAM (18 Kbit)", rows, results, static r => r.Ecp5, static p => p.Ecp5, "MHz");
        Target(text, "Xilinx 7: Yosys", "LUT", "CARRY4", "block RAM", rows, results, static r => r.Xilinx7, static p => p.Xilinx7, null);
        text.AppendLine("What stands in a row beside the module's name:").AppendLine();
        foreach (Row row in rows.Where(static r => r.Note is not null))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {row.Name}: {row.Note}");
        }

        return text.ToString();
    }

    private static void Target(
        StringBuilder text, string title, string lut, string carry, string ram, IReadOnlyList<Row> rows, IReadOnlyDictionary<string, Result> results,
        Func<Result, Figures?> ours, Func<Peer, Figures?> theirs, string? clock)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"### {title}").AppendLine();
        string[] heads = [lut, carry, "flip-flops", ram, "LUT RAM", .. clock is null ? (string[])[] : [clock]];
        text.AppendLine(CultureInfo.InvariantCulture, $"| what | module | {string.Join(" | ", heads)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|---|---|{string.Concat(heads.Select(static _ => "--:|"))}");
        foreach (Row row in rows)
        {
            if (results.TryGetValue(row.Name, out Result? result) && ours(result) is { } measured)
            {
                Line(text, row.Name, $"`{row.Module}`", measured, clock is null ? null : "not measured");
            }

            if (row.Peer is { } peer && theirs(peer) is { } figures)
            {
                Line(text, $"*{row.Name}*", peer.Name, figures, clock is null ? null : None);
            }
        }

        text.AppendLine();
    }

    // noClock: what stands where no clock was measured; null in a table without clocks.
    private static void Line(StringBuilder text, string what, string module, Figures figures, string? noClock)
    {
        int?[] counts = [figures.Lut, figures.Carry, figures.FlipFlop, figures.BlockRam, figures.LutRam];
        IEnumerable<string> cells = counts.Select(static n => n?.ToString(CultureInfo.InvariantCulture) ?? None);
        if (noClock is not null)
        {
            cells = cells.Append(figures.Megahertz?.ToString("F0", CultureInfo.InvariantCulture) ?? noClock);
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {module} | {string.Join(" | ", cells)} |");
    }

    /// <summary>A page with what stands between its two marks replaced.</summary>
    /// <exception cref="ToolException">The page has no marks.</exception>
    public static string Replace(string page, string table)
    {
        const string Begin = "<!-- make synth -->\n", End = "<!-- end -->";
        int begin = page.IndexOf(Begin, StringComparison.Ordinal), end = page.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? $"{page[..(begin + Begin.Length)]}\n{table}\n{page[end..]}"
            : throw new ToolException("docs/synthesis.md has no marks for the table.");
    }
}

using System.Globalization;
using System.Text;

namespace FpgaNet.Registers;

/// <summary>Writes docs/registers.md: the same facts as tables for people.</summary>
internal sealed class MarkdownWriter
{
    private readonly StringBuilder _text = new();

    public static string Write(RegisterMap map)
    {
        var writer = new MarkdownWriter();
        writer.WriteMap(map);
        return writer._text.ToString();
    }

    private static string Bits(Field field) =>
        field.Width == 1 ? field.Low.ToString(CultureInfo.InvariantCulture) : $"{field.High}:{field.Low}";

    // A pipe would end the table's cell.
    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private void WriteMap(RegisterMap map)
    {
        Line("# Registers");
        Line();
        Line("<!-- Generated from hdl/regs/registers.json by FpgaNet.Registers. Do not edit. -->");
        Line();
        Line($"Map version {map.Major}.{map.Minor}. Registers are 32 bits wide and lie in BAR 0; offsets are in bytes. Access: `ro` read only, `rw` read and");
        Line("write, `w1` write 1 to act (reads 0), `wo` write only. Unmapped offsets read 0 and ignore writes. How the queues are used:");
        Line("[descriptors.md](descriptors.md).");
        Line();
        Line("| block | offset | type | what |");
        Line("|---|---|---|---|");
        foreach (Block block in map.Blocks)
        {
            string offset = block.Stride is { } stride ? $"`0x{block.Offset:X4}` + i · `0x{stride:X}`, i < {block.Count}" : $"`0x{block.Offset:X4}`";
            string type = block.Type is { } number ? $"{number}, version {block.Version}" : string.Empty;
            Line($"| [{block.Name}](#{block.Name.ToLowerInvariant()}) | {offset} | {type} | {Cell(block.Summary)} |");
        }

        foreach (Block block in map.Blocks)
        {
            WriteBlock(block);
        }

        Line();
        Line("# Formats");
        Line();
        Line("Runs of 32-bit words, little-endian in host memory. On the core's streams the same words lie in `tuser`, word 0 in bits 31:0.");
        foreach (Format format in map.Formats)
        {
            WriteFormat(format);
        }

        foreach (Enumeration enumeration in map.Enums)
        {
            Line();
            Line($"## {enumeration.Name}");
            Line();
            Line(enumeration.Summary);
            Line();
            Line("| value | name | what |");
            Line("|---|---|---|");
            foreach (EnumValue value in enumeration.Values)
            {
                Line($"| {value.Value} | {value.Name} | {Cell(value.Summary)} |");
            }
        }
    }

    private void WriteBlock(Block block)
    {
        Line();
        Line($"## {block.Name}");
        Line();
        Line(block.Summary + (block.SameAs is null ? string.Empty : $" See [{block.SameAs}](#{block.SameAs.ToLowerInvariant()})."));
        if (block.SameAs is not null)
        {
            return;
        }

        Line();
        Line("| offset | register | bits | access | what |");
        Line("|---|---|---|---|---|");
        foreach (Register register in block.Registers)
        {
            int offset = (block.IsArray ? 0 : block.Offset) + register.Offset;
            string place = (block.IsArray ? "+" : string.Empty) + (register.Count == 1 ? $"`0x{offset:X4}`" : $"`0x{offset:X4}` to `0x{offset + (4 * (register.Count - 1)):X4}`");
            Line($"| {place} | **{register.Name}** | | {register.Access} | {Cell(register.Summary)} |");
            foreach (Field field in register.Fields)
            {
                Line($"| | {field.Name} | {Bits(field)} | | {Cell(field.Summary)} |");
            }
        }

        if (block.Counters.Count != 0)
        {
            Line();
            Line("| offset | counter | what |");
            Line("|---|---|---|");
            for (int i = 0; i < block.Counters.Count; i++)
            {
                Line($"| `0x{block.Offset + block.CountersOffset + (8 * i):X4}` | `{block.Counters[i].Name}` | {Cell(block.Counters[i].Summary)} |");
            }
        }
    }

    private void WriteFormat(Format format)
    {
        Line();
        Line($"## {format.Name}");
        Line();
        Line($"{format.Summary} {4 * format.Words} bytes.");
        Line();
        Line("| word | bits | field | what |");
        Line("|---|---|---|---|");
        foreach (Field field in format.Fields)
        {
            Line($"| {field.Word} | {Bits(field)} | {field.Name} | {Cell(field.Summary)} |");
        }
    }

    private void Line(string text = "") => _text.Append(text).Append('\n');
}

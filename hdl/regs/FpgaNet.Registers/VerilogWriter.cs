using System.Globalization;
using System.Text;

namespace FpgaNet.Registers;

/// <summary>Writes fn_regs.svh: macros only, so that Verilator, Yosys and Icarus all take it.</summary>
internal sealed class VerilogWriter
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _errors = [];

    /// <summary>The header's text.</summary>
    /// <exception cref="DescriptionException">Two things would get the same macro name.</exception>
    public static string Write(RegisterMap map)
    {
        var writer = new VerilogWriter();
        writer.WriteMap(map);
        if (writer._errors.Count != 0)
        {
            throw new DescriptionException(writer._errors);
        }

        return writer._text.ToString();
    }

    /// <summary>BoardId → BOARD_ID; IPv4 counts as one word.</summary>
    internal static string Snake(string name)
    {
        name = name.Replace("IPv", "Ipv", StringComparison.Ordinal);
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]))
            {
                text.Append('_');
            }

            text.Append(char.ToUpperInvariant(name[i]));
        }

        return text.ToString();
    }

    private void WriteMap(RegisterMap map)
    {
        Line("// Generated from hdl/regs/registers.json by FpgaNet.Registers. Do not edit; see docs/registers.md.");
        Line("//");
        Line("// `FN_<BLOCK>                     byte offset of a block; for an array block also _STRIDE and _COUNT");
        Line("// `FN_<BLOCK>_<REGISTER>          byte offset of a register: absolute, in an array block from the element's start");
        Line("// `FN_<BLOCK>_<REGISTER>_COUNT    registers in an array of registers");
        Line("// `FN_<BLOCK>_<REGISTER>_<FIELD>_LSB and _WIDTH   a field of a register");
        Line("// `FN_<FORMAT>_<FIELD>            the field's bits in the packed vector (word 0 in bits 31:0), as a part select:");
        Line("//                                 tuser[`FN_TX_HEADER_LENGTH]; with _LSB and _WIDTH. `FN_<FORMAT>_WIDTH: bits in all");
        Line("// `FN_<ENUM>_<VALUE>              value of an enumeration, sized as its field");
        Line("// `FN_STAT_<COUNTER>              index of a counter; `FN_STAT_COUNT: how many");
        Line("`ifndef FN_REGS_SVH");
        Line("`define FN_REGS_SVH");
        Line();
        Define("FN_MAGIC", $"32'h{map.Magic:X8}");
        Define("FN_VERSION_MAJOR", $"16'd{map.Major}");
        Define("FN_VERSION_MINOR", $"16'd{map.Minor}");
        foreach (Block block in map.Blocks)
        {
            WriteBlock(block);
        }

        foreach (Format format in map.Formats)
        {
            WriteFormat(format);
        }

        foreach (Enumeration enumeration in map.Enums)
        {
            Heading($"{enumeration.Name}: {enumeration.Summary}");
            foreach (EnumValue value in enumeration.Values)
            {
                Define($"FN_{Snake(enumeration.Name)}_{Snake(value.Name)}", $"{enumeration.Width}'d{value.Value}", value.Summary);
            }
        }

        Line();
        Line("`endif");
    }

    private void WriteBlock(Block block)
    {
        string prefix = $"FN_{Snake(block.Name)}";
        int origin = block.IsArray ? 0 : block.Offset;
        Heading($"{block.Name}: {block.Summary}");
        Define(prefix, $"16'h{block.Offset:X4}");
        if (block.Stride is { } stride)
        {
            Define($"{prefix}_STRIDE", $"16'h{stride:X4}");
            Define($"{prefix}_COUNT", Text(block.Count));
        }

        if (block.Type is { } type)
        {
            Define($"{prefix}_BLOCK_TYPE", $"16'd{type}");
            Define($"{prefix}_BLOCK_VERSION", $"16'd{block.Version}");
        }

        foreach (Register register in block.Registers)
        {
            string name = $"{prefix}_{Snake(register.Name)}";
            Define(name, $"16'h{origin + register.Offset:X4}", $"{register.Access}. {register.Summary}");
            if (register.Count > 1)
            {
                Define($"{name}_COUNT", Text(register.Count));
            }

            foreach (Field field in register.Fields)
            {
                Define($"{name}_{Snake(field.Name)}_LSB", Text(field.Low), field.Summary);
                Define($"{name}_{Snake(field.Name)}_WIDTH", Text(field.Width));
            }
        }

        if (block.Counters.Count != 0)
        {
            Define($"{prefix}_COUNTERS", $"16'h{origin + block.CountersOffset:X4}", "Low half of counter 0; the high half lies 4 bytes behind, the next counter 8.");
            for (int i = 0; i < block.Counters.Count; i++)
            {
                Define($"FN_STAT_{block.Counters[i].Name.ToUpperInvariant()}", Text(i), block.Counters[i].Summary);
            }

            Define("FN_STAT_COUNT", Text(block.Counters.Count));
        }
    }

    private void WriteFormat(Format format)
    {
        string prefix = $"FN_{Snake(format.Name)}";
        Heading($"{format.Name}: {format.Summary}");
        Define($"{prefix}_WORDS", Text(format.Words));
        Define($"{prefix}_WIDTH", Text(32 * format.Words));
        foreach (Field field in format.Fields)
        {
            int low = (32 * field.Word) + field.Low;
            string name = $"{prefix}_{Snake(field.Name)}";
            Define(name, field.Width == 1 ? Text(low) : $"{low + field.Width - 1}:{low}", field.Summary);
            Define($"{name}_LSB", Text(low));
            Define($"{name}_WIDTH", Text(field.Width));
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private void Heading(string text)
    {
        Line();
        Line($"// {text}");
    }

    private void Define(string name, string value, string? comment = null)
    {
        if (!_names.Add(name))
        {
            _errors.Add($"Two things would be called `{name} in Verilog; rename one.");
        }

        Line(comment is null ? $"`define {name} {value}" : $"`define {name} {value} // {comment}");
    }

    private void Line(string text = "") => _text.Append(text).Append('\n');
}

using System.Globalization;
using System.Text;

namespace FpgaNet.Synthesis;

/// <summary>
/// A top around a module with registers at all its ports, so that no pin counts in its clock: inputs come from a long shift register, outputs
/// go into another. What a clock can carry is then the module's own paths and its way from and to a register beside it.
/// </summary>
internal static class Harness
{
    /// <summary>The Verilog text. Every clock of the module is a pin; the shift registers run at <c>clk</c>.</summary>
    public static string Text(Row row, IReadOnlyList<Port> ports)
    {
        Port[] clocks = [.. ports.Where(static p => IsClock(p.Name))];
        Port[] inputs = [.. ports.Where(static p => p.IsInput && !IsClock(p.Name))];
        Port[] outputs = [.. ports.Where(static p => !p.IsInput)];
        int inputBits = inputs.Sum(static p => p.Width);
        int outputBits = outputs.Sum(static p => p.Width);
        var text = new StringBuilder();
        var c = CultureInfo.InvariantCulture;
        text.AppendLine(c, $"module harness ({string.Concat(clocks.Select(static p => $"input {p.Name}, "))}input serial, input load, output serial_out);");
        text.AppendLine(c, $"  reg [{inputBits - 1}:0] in_q;");
        text.AppendLine(c, $"  wire [{outputBits - 1}:0] out;");
        text.AppendLine(c, $"  reg [{outputBits - 1}:0] taken_q, out_q;");
        text.AppendLine(c, $"  reg load_q;");
        text.AppendLine(c, $"  always @(posedge clk) begin");
        text.AppendLine(c, $"    load_q <= load;");
        text.AppendLine(c, $"    in_q <= {{in_q, serial}};");
        text.AppendLine(c, $"    taken_q <= out;");
        text.AppendLine(c, $"    out_q <= load_q ? taken_q : {{out_q, 1'b0}};");
        text.AppendLine(c, $"  end");
        text.AppendLine(c, $"  assign serial_out = out_q[{outputBits - 1}];");
        text.AppendLine(c, $"  {row.Module} i_module (");
        IEnumerable<string> connections = clocks.Select(static p => $"    .{p.Name}({p.Name})")
            .Concat(Slices(inputs, "in_q")).Concat(Slices(outputs, "out"));
        text.AppendLine(string.Join(",\n", connections));
        text.AppendLine("  );");
        text.AppendLine("endmodule");
        return text.ToString();
    }

    private static bool IsClock(string port) =>
        string.Equals(port, "clk", StringComparison.Ordinal) || port.EndsWith("_clk", StringComparison.Ordinal) || port.EndsWith("_clkout", StringComparison.Ordinal);

    private static IEnumerable<string> Slices(Port[] ports, string bus)
    {
        int at = 0;
        foreach (Port port in ports)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"    .{port.Name}({bus}[{at} +: {port.Width}])");
            at += port.Width;
        }
    }
}

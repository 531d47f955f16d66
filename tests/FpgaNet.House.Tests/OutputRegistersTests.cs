using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FpgaNet.Synthesis;

namespace FpgaNet.House.Tests;

/// <summary>Flip-flops behind ECP5's block memories: which go into the memory, which stay, and that the netlist does what it did.</summary>
[TestClass]
public sealed class OutputRegistersTests
{
    // A word of 36 bits with an enable, a word of 9 without, both ports of one memory with enables of their own; and three that must stay: one with
    // a reset, one that is also read past its register, one whose bits have two enables.
    private const string Sources = """
        module memories (
          input clk, reset, we, en, other, input [10:0] wa, ra, input [35:0] d,
          output reg [35:0] wide, output reg [8:0] narrow, output reg [17:0] one, two, output reg [8:0] cleared, output reg [8:0] shared, output seen,
          output reg [8:0] halves
        );
          (* no_rw_check *) reg [35:0] wide_mem [512];
          (* no_rw_check, ram_style = "block" *) reg [17:0] both_mem [1024];
          (* no_rw_check, ram_style = "block" *) reg [8:0] narrow_mem [2048], cleared_mem [2048], shared_mem [2048], halves_mem [2048];
          reg [35:0] wide_read;
          reg [17:0] one_read, two_read;
          reg [8:0] narrow_read, cleared_read, shared_read, halves_read;
          assign seen = shared_read[3];
          always @(posedge clk) begin
            if (we) begin
              wide_mem[wa[8:0]] <= d;
              narrow_mem[wa] <= d[8:0];
              cleared_mem[wa] <= d[8:0];
              shared_mem[wa] <= d[8:0];
              halves_mem[wa] <= d[8:0];
              both_mem[wa[9:0]] <= d[17:0];
            end else one_read <= both_mem[wa[9:0]];
            if (other) wide_read <= wide_mem[ra[8:0]];
            two_read <= both_mem[ra[9:0]];
            {narrow_read, cleared_read, shared_read, halves_read} <= {narrow_mem[ra], cleared_mem[ra], shared_mem[ra], halves_mem[ra]};
            {narrow, shared} <= {narrow_read, shared_read};
            cleared <= reset ? '0 : cleared_read;
            if (en) {wide, one, halves[8:4]} <= {wide_read, one_read, halves_read[8:4]};
            if (other) {two, halves[3:0]} <= {two_read, halves_read[3:0]};
          end
        endmodule
        """;

    private static readonly string s_folder = Directory.CreateTempSubdirectory("fpganet-synth-").FullName;

    private static readonly string s_equivalent = Path.Combine(Repository.Root, "hdl/synth/equivalent");

    [ClassCleanup]
    public static void RemoveFolder() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    public void What_Yosys_makes_is_the_same_netlist_with_fewer_flip_flops()
    {
        string before = Path.Combine(s_folder, "before.json"), after = Path.Combine(s_folder, "after.json"), source = Path.Combine(s_folder, "memories.sv");
        File.WriteAllText(source, Sources);
        Assert.AreEqual("", Run("yosys", "-q", "-p", $"read_verilog -sv {source}; synth_ecp5 -abc9 -top memories -json {before}"));
        JsonObject design = JsonNode.Parse(File.ReadAllText(before))!.AsObject();
        string[] parameters = Parameters(design);
        int flipFlops = Count(design, "TRELLIS_FF");

        IReadOnlyList<Outcome> outcomes = OutputRegisters.Use(design);

        string[] lines = [.. outcomes.Select(static o => $"{o.Memory} {o.Sides} {o.FlipFlops}").Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(
            new[] { "both_mem.0.0 A 18", "both_mem.0.0 B 18", "cleared_mem.0.0 B 0", "halves_mem.0.0 B 0", "narrow_mem.0.0 B 9", "shared_mem.0.0 B 0", "wide_mem.0.0 AB 36" },
            lines, string.Join('\n', outcomes));
        Assert.AreEqual(flipFlops - 81, Count(design, "TRELLIS_FF"));
        CollectionAssert.AreEqual(parameters, Parameters(design));
        File.WriteAllText(after, design.ToJsonString());
        Assert.AreEqual("", Run(s_equivalent, before, after, "memories"));
        Assert.IsTrue(OutputRegisters.Use(design).All(static o => o.FlipFlops == 0), "A second run finds nothing more.");

        // The proof can fail: an enable that is lost, and a register that is not there.
        JsonObject wide = Cell(design, "wide_mem.0.0");
        JsonNode enable = wide["connections"]!["OCEB"]!.DeepClone();
        wide["connections"]!["OCEB"] = new JsonArray("1");
        AssertDiffers();
        wide["connections"]!["OCEB"] = enable;
        wide["parameters"]!["REGMODE_A"] = "NOREG";
        AssertDiffers();

        void AssertDiffers()
        {
            File.WriteAllText(after, design.ToJsonString());
            StringAssert.Contains(Run(s_equivalent, before, after, "memories"), "unproven");
        }
    }

    // Changes of a netlist in which the flip-flops q0 and q1 stand behind DOB0 and DOB1.
    [TestMethod]
    [DataRow("q1", "parameters", "CLKMUX", "INV", "another clock")]
    [DataRow("q1", "connections", "CLK", "9", "another clock")]
    [DataRow("memory", "parameters", "CLKBMUX", "INV", "another clock")]
    [DataRow("q1", "connections", "CE", "9", "another enable")]
    [DataRow("q1", "parameters", "CEMUX", "1 ", "another enable")]
    [DataRow("q0", "parameters", "CEMUX", "INV", "inverted")]
    [DataRow("q1", "connections", "LSR", "9", "a reset")]
    [DataRow("q1", "parameters", "LSRMUX", "INV", "a reset")]
    [DataRow("q1", "parameters", "REGSET", "SET", "start at 0")]
    [DataRow("q1", "parameters", "GSR", "ENABLED", "global reset")]
    [DataRow("q1", "attributes", "keep", "1", "must stay")]
    [DataRow("q1", "connections", "DI", "20", "DOB0 goes to 2 places")]
    [DataRow("q1", "type", "", "LUT4", "goes to LUT4 DI")]
    [DataRow("memory", "connections", "RSTB", "9", "RSTB is in use")]
    [DataRow("memory", "parameters", "REGMODE_B", "OUTREG", "the register at B is in use")]
    [DataRow("port", "bits", "", "21", "DOB1 goes to 2 places")]
    public void What_is_not_the_register_s_like_stays(string where, string kind, string name, string value, string obstacle)
    {
        JsonObject design = TwoBits();
        JsonObject changed = where is "port" ? design["modules"]!["top"]!["ports"]!["out"]!.AsObject() : Cell(design, where);
        JsonNode? net = int.TryParse(value, CultureInfo.InvariantCulture, out int number) ? number : value;
        switch (kind)
        {
            case "connections": changed[kind]![name] = new JsonArray(net); break;
            case "bits": changed[kind]!.AsArray().Add(net); break;
            case "type": changed[kind] = value; break;
            default: changed[kind]![name] = value; break;
        }

        string before = design.ToJsonString();
        Outcome outcome = OutputRegisters.Use(design).Single();
        StringAssert.Contains(outcome.Obstacle, obstacle);
        Assert.AreEqual(before, design.ToJsonString(), StringComparer.Ordinal);
    }

    [TestMethod]
    public void Two_bits_of_one_clock_and_enable_go_into_the_memory()
    {
        JsonObject design = TwoBits();
        Assert.AreEqual(new Outcome("memory", "B", 2, null), OutputRegisters.Use(design).Single());
        Assert.AreEqual(0, Count(design, "TRELLIS_FF"));
        JsonNode nets = Cell(design, "memory")["connections"]!;
        Assert.AreEqual("[30] [31] [3] [\"1\"]", string.Join(' ', new[] { "DOB0", "DOB1", "OCEB", "OCEA" }.Select(port => nets[port]!.ToJsonString())));
        Assert.AreEqual("NOREG", Cell(design, "memory")["parameters"]!["REGMODE_A"]!.GetValue<string>(), StringComparer.Ordinal);
    }

    private static JsonObject TwoBits() => JsonNode.Parse($$"""
        { "modules": { "top": {
          "ports": { "in": { "direction": "input", "bits": [2, 3, 9] }, "out": { "direction": "output", "bits": [30, 31] } },
          "cells": {
            "memory": { "type": "DP16KD",
              "parameters": { "DATA_WIDTH_A": "00000000000000000000000000000010", "CLKBMUX": "CLKB", "REGMODE_A": "NOREG", "REGMODE_B": "NOREG", "GSR": "DISABLED" },
              "port_directions": { "DOA0": "output", "DOB0": "output", "DOB1": "output", "DOB2": "output" },
              "connections": { "CLKB": [2], "OCEA": ["1"], "OCEB": ["1"], "RSTA": ["0"], "RSTB": ["0"], "DOA0": [40], "DOB0": [20], "DOB1": [21], "DOB2": [22] } },
            "q0": {{FlipFlop(20, 30)}}, "q1": {{FlipFlop(21, 31)}} } } } }
        """)!.AsObject();

    private static string FlipFlop(int from, int to) => $$"""
        { "type": "TRELLIS_FF", "parameters": { "CEMUX": "CE", "CLKMUX": "CLK", "GSR": "DISABLED", "LSRMUX": "LSR", "REGSET": "RESET" }, "attributes": {},
          "port_directions": { "CLK": "input", "CE": "input", "DI": "input", "LSR": "input", "Q": "output" },
          "connections": { "CLK": [2], "CE": [3], "DI": [{{from}}], "LSR": ["0"], "Q": [{{to}}] } }
        """;

    private static JsonObject Cell(JsonObject design, string name) => Cells(design)[name]!.AsObject();

    private static JsonObject Cells(JsonObject design) =>
        design["modules"]!.AsObject().Select(static m => m.Value!["cells"]!.AsObject()).Single(static cells => cells.Any(static c => Type(c.Value) is "DP16KD"));

    private static int Count(JsonObject design, string type) => Cells(design).Count(c => string.Equals(Type(c.Value), type, StringComparison.Ordinal));

    private static string Type(JsonNode? cell) => cell!["type"]!.GetValue<string>();

    // What is set of the memories but for their registers.
    private static string[] Parameters(JsonObject design) =>
    [
        .. Cells(design).Where(static c => Type(c.Value) is "DP16KD").SelectMany(static c => c.Value!["parameters"]!.AsObject()
            .Where(static p => !p.Key.StartsWith("REGMODE", StringComparison.Ordinal)).Select(p => $"{c.Key} {p.Key} {p.Value}")),
    ];

    // What a program says of an error; nothing when it succeeds.
    private static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.Wait();
        return process.ExitCode == 0 ? "" : errors + output.Result;
    }
}

using System.Text.RegularExpressions;

namespace FpgaNet.House.Tests;

/// <summary>The rules of hdl/: one module a file, none that no card has, none that no test runs, waivers in one place.</summary>
[TestClass]
public sealed partial class VerilogModuleTests
{
    // The simulated cards, which are built for speed and without assertions: what they are made of is tested by itself.
    private static readonly string[] s_cards = ["fn_nic_pcie", "fn_nic_usb"];

    // What is put on a board: the cards, the one for 10 Gb/s, and the adapters between a card and a PHY's pins.
    private static readonly string[] s_tops = [.. s_cards, "fn_nic_xgmii", "fn_mii", "fn_rmii", "fn_rgmii"];

    private static readonly string s_hdl = Path.Combine(Repository.Root, "hdl");

    [TestMethod]
    public void Every_file_holds_one_module_which_has_its_name()
    {
        string[] files = [.. Files("rtl"), .. Files("boards"), .. Files("synth")];
        Assert.IsNotEmpty(files);
        foreach (string file in files)
        {
            CollectionAssert.AreEqual(new[] { Path.GetFileNameWithoutExtension(file) }, VerilogModules.Declared(File.ReadAllText(file)).ToArray(), file);
        }
    }

    [TestMethod]
    public void Every_module_is_part_of_a_card() => CollectionAssert.AreEqual(Array.Empty<string>(), NotIn(s_tops));

    [TestMethod]
    public void Every_module_is_in_a_model_under_test_where_its_assertions_count()
    {
        MatchCollection models = Model().Matches(File.ReadAllText(Path.Combine(s_hdl, "sim", "models.mk")).Replace("\\\n", " ", StringComparison.Ordinal));
        Assert.IsGreaterThan(40, models.Count);
        IEnumerable<string> tested = models.Where(static m => m.Groups["options"].Value.StartsWith("$(UNIT)", StringComparison.Ordinal)).Select(static m => m.Groups["top"].Value);
        CollectionAssert.AreEqual(Array.Empty<string>(), NotIn(tested).Except(s_cards).ToArray());
    }

    [TestMethod]
    public void A_waiver_stands_in_the_one_file_for_sources_that_exist()
    {
        string[] names = [.. Files("").Select(Path.GetFileName)!];
        foreach (string file in Files(""))
        {
            Assert.DoesNotContain("lint_off", File.ReadAllText(file), file);
        }

        string[] waivers = File.ReadAllLines(Path.Combine(s_hdl, "lint.vlt"));
        Assert.IsLessThan(30, waivers.Length, "short enough to read");
        foreach (Match file in waivers.Select(static line => WaivedFile().Match(line)).Where(static m => m.Success))
        {
            Assert.Contains(file.Groups["name"].Value, names);
        }
    }

    [TestMethod]
    public void Modules_are_found_by_their_instances_and_not_in_comments()
    {
        VerilogModules modules = new(
        [
            "// module fn_old\nmodule fn_top (\n  input wire logic clk\n);\n  fn_part #(.WIDTH(3)) i_part (.clk);\n  /* fn_gone i_gone (.clk); */ logic fn_word;\nendmodule\n",
            "module fn_part #(parameter int WIDTH = 1) (input wire logic clk);\n  generate for (g = 0; g < 2; g++) begin : g_leaf\n    fn_leaf i_leaf (.clk);\n  end endgenerate\nendmodule\n",
            "module fn_leaf (input wire logic clk);\nendmodule\n",
            "module fn_alone (input wire logic clk);\nendmodule\nmodule fn_second;\nendmodule\n",
        ]);
        CollectionAssert.AreEquivalent(new[] { "fn_top", "fn_part", "fn_leaf", "fn_alone", "fn_second" }, modules.Names.ToArray());
        CollectionAssert.AreEquivalent(new[] { "fn_top", "fn_part", "fn_leaf" }, modules.Within(["fn_top", "fn_unknown"]).ToArray());
        CollectionAssert.AreEqual(new[] { "fn_alone", "fn_second" }, VerilogModules.Declared("module fn_alone;\nendmodule\nmodule fn_second;\nendmodule\n").ToArray());
    }

    // The card's modules that none of some tops, or benches around them, has.
    private static string[] NotIn(IEnumerable<string> tops)
    {
        string[] card = [.. Files("rtl")];
        IEnumerable<string> benches = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.sv", SearchOption.AllDirectories);
        HashSet<string> reached = new VerilogModules([.. card.Concat(benches).Select(File.ReadAllText)]).Within(tops);
        return [.. card.Select(static file => Path.GetFileNameWithoutExtension(file)!).Where(name => !reached.Contains(name))];
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(Path.Combine(s_hdl, folder), "*.sv", SearchOption.AllDirectories);

    // A line of models.mk: name, top, sources, parameters, options.
    [GeneratedRegex(@"\(call model,[^,]+,(?<top>\w+),[^,]*,[^,]*,(?<options>[^,\n]*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Model();

    [GeneratedRegex(@"-file ""\*/(?<name>[^""]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WaivedFile();
}

using System.Text.RegularExpressions;

namespace FpgaNet.House.Tests;

/// <summary>The boards of hdl/boards: each pin of a top has its place on the board and no other has, and whoever lists the boards lists them all.</summary>
[TestClass]
public sealed partial class BoardTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "hdl", "boards");

    // The lanes of a KC705 lie where the constraints of Vivado's integrated block put them.
    private static readonly string[] s_placedElsewhere = ["pcie_rx_p", "pcie_rx_n", "pcie_tx_p", "pcie_tx_n"];

    public static IEnumerable<object[]> Boards => Directory.EnumerateDirectories(s_folder).Select(static folder => new object[] { Path.GetFileName(folder) });

    [TestMethod]
    [DynamicData(nameof(Boards))]
    public void Every_pin_of_the_top_has_a_place_of_its_own_and_nothing_else_has(string board)
    {
        IReadOnlyList<string> pins = [.. Pins(File.ReadAllText(Path.Combine(s_folder, board, Top(board) + ".sv"))).Where(static pin => !s_placedElsewhere.Contains(pin.Split('[')[0], StringComparer.Ordinal))];
        Assert.IsNotEmpty(pins);
        CheckPlaces(pins, File.ReadAllText(PinFile(board)));
    }

    [TestMethod]
    [DynamicData(nameof(Boards))]
    public void The_pins_file_says_where_it_is_from(string board) => Assert.Contains(" from ", File.ReadLines(PinFile(board)).First());

    [TestMethod]
    [DynamicData(nameof(Boards))]
    public void The_board_is_built_documented_and_can_be_flashed(string board)
    {
        string top = Top(board);
        Assert.Contains(board, File.ReadLines(Path.Combine(s_folder, "Makefile")).Single(static line => line.StartsWith("BOARDS := ", StringComparison.Ordinal)).Split(' '));
        Assert.Contains($"(../hdl/boards/{board}/README.md)", File.ReadAllText(Path.Combine(Repository.Root, "docs", "synthesis.md")));
        Assert.Contains($"fpganet flash {board}", File.ReadAllText(Path.Combine(s_folder, board, "README.md")));
        string flash = File.ReadAllText(Path.Combine(Repository.Root, "host", "FpgaNet.Cli", "Commands", "FlashCommand.cs"));
        Assert.MatchesRegex(new Regex($@"new\(""{board}"", ""[\w-]+"", ""{top}\.(bin|bit)""", RegexOptions.None, TimeSpan.FromSeconds(1)), flash);
    }

    [TestMethod]
    [DataRow("set_io clk A1\nset_io led[0] B1\n", "led[1]", DisplayName = "a pin without a place")]
    [DataRow("set_io clk A1\nset_io led[0] B1\nset_io led[1] B2\nset_io old C1\n", "old", DisplayName = "a place of no pin")]
    [DataRow("LOCATE COMP \"clk\" SITE \"A1\";\nLOCATE COMP \"led[0]\" SITE \"B1\";\nLOCATE COMP \"led[1]\" SITE \"B1\";\n", "B1", DisplayName = "two pins in one place")]
    [DataRow("set_property PACKAGE_PIN A1 [get_ports clk]\nset_property -dict {PACKAGE_PIN B1 IOSTANDARD LVCMOS33} [get_ports {led[0]}]\n", "led[1]", DisplayName = "the same for Vivado")]
    public void What_is_wrong_with_the_places_is_named(string places, string wrong)
    {
        IReadOnlyList<string> pins = Pins("module fn_top (\n  input  wire logic       clk,\n  output logic [1:0] led  // two\n);\n");
        CollectionAssert.AreEqual(new[] { "clk", "led[0]", "led[1]" }, pins.ToArray());
        Assert.Contains(wrong, Assert.ThrowsExactly<AssertFailedException>(() => CheckPlaces(pins, places)).Message);
    }

    private static void CheckPlaces(IReadOnlyList<string> pins, string places)
    {
        (string Pin, string Place)[] placed = [.. Place().Matches(places).Select(static m => (m.Groups["pin"].Value, m.Groups["place"].Value))];
        string[] wrong =
        [
            .. pins.Except(placed.Select(static p => p.Pin), StringComparer.Ordinal).Select(static pin => $"{pin} has no place"),
            .. placed.Select(static p => p.Pin).Except(pins, StringComparer.Ordinal).Select(static pin => $"{pin} is no pin of the top"),
            .. placed.GroupBy(static p => p.Place, StringComparer.Ordinal).Where(static g => g.Count() > 1).Select(static g => $"{g.Key} has {string.Join(" and ", g.Select(static p => p.Pin))}"),
        ];
        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong));
    }

    /// <summary>The ports of a top, bit by bit.</summary>
    private static IReadOnlyList<string> Pins(string source) =>
    [
        .. from Match port in Port().Matches(source)
           let name = port.Groups["name"].Value
           from pin in port.Groups["high"].Success ? Enumerable.Range(0, int.Parse(port.Groups["high"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) + 1).Select(bit => $"{name}[{bit}]") : [name]
           select pin,
    ];

    private static string Top(string board) => "fn_" + board.Replace('-', '_');

    private static string PinFile(string board) => Directory.GetFiles(Path.Combine(s_folder, board), "pins.*").Single();

    [GeneratedRegex(@"^  (input +wire|output|inout +wire) +logic +(\[(?<high>\d+):0\] +)?(?<name>\w+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Port();

    // nextpnr-ice40's set_io, nextpnr-ecp5's LOCATE, Vivado's PACKAGE_PIN.
    [GeneratedRegex(
        @"^(set_io +(?<pin>\S+) +(?<place>\w+)|LOCATE COMP ""(?<pin>[^""]+)"" SITE ""(?<place>\w+)"";|set_property .*PACKAGE_PIN (?<place>\w+).*\[get_ports \{?(?<pin>\w+(\[\d+\])?)\}?\])",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Place();
}

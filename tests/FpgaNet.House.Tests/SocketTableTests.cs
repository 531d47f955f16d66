using System.Text.RegularExpressions;

namespace FpgaNet.House.Tests;

/// <summary>The tables of docs/sockets.md: no row without a test, and each test that they name exists.</summary>
[TestClass]
public sealed partial class SocketTableTests
{
    private const int Columns = 9;

    [TestMethod]
    public void Every_row_is_complete_and_names_a_test_that_exists()
    {
        Dictionary<string, string> tests = [];
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories))
        {
            tests[Path.GetFileNameWithoutExtension(path)] = path;
        }

        HashSet<string> errors = [];
        string[][] rows = [.. Rows()];
        Assert.IsNotEmpty(rows);
        foreach (string[] row in rows)
        {
            string[] names = [.. Test().Matches(row[^1]).Select(match => match.Groups["name"].Value)];
            if (row.Length != Columns || row.Any(cell => cell.Length == 0) || names.Length == 0)
            {
                errors.Add($"'{row[0]}' has {row.Length} cells of {Columns}, an empty one, or no test");
            }

            foreach (string name in names)
            {
                string[] parts = name.Split('.');
                if (!tests.TryGetValue(parts[0], out string? file) || !File.ReadAllText(file).Contains($" {parts[1]}(", StringComparison.Ordinal))
                {
                    errors.Add($"'{row[0]}': there is no {name}");
                }
            }
        }

        Assert.IsEmpty(errors, string.Join(Environment.NewLine, errors));
    }

    [TestMethod]
    public void Every_row_that_says_both_names_a_test_that_runs_on_both_sides()
    {
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "FpgaNet.Sockets.Tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];
        HashSet<string> errors = [];
        foreach (string[] row in Rows())
        {
            foreach (string method in from match in TestOnBoth().Matches(row[^1]) select match.Groups["method"].Value)
            {
                if (!sources.Any(text => Regex.IsMatch(text, $@"OnBothSides[^;{{}}]*\s{method}\(", RegexOptions.None, TimeSpan.FromSeconds(1))))
                {
                    errors.Add($"'{row[0]}': {method} does not run on both sides");
                }
            }
        }

        Assert.IsEmpty(errors, string.Join(Environment.NewLine, errors));
    }

    private static IEnumerable<string[]> Rows()
    {
        bool isInTable = false;
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "docs", "sockets.md")))
        {
            if (line.StartsWith("| what | we |", StringComparison.Ordinal))
            {
                isInTable = true;
            }
            else if (!line.StartsWith('|'))
            {
                isInTable = false;
            }
            else if (isInTable && !line.StartsWith("|---", StringComparison.Ordinal))
            {
                yield return line[1..line.LastIndexOf('|')].Split('|', StringSplitOptions.TrimEntries);
            }
        }
    }

    [GeneratedRegex(@"`(?<name>\w+\.\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Test();

    [GeneratedRegex(@"`\w+\.(?<method>\w+)` \(both\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestOnBoth();
}

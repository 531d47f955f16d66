using System.Text.RegularExpressions;

namespace FpgaNet.House.Tests;

/// <summary>The last section of docs/tcp.md says where each requirement of RFC 9293's appendix B is met and tested. It must be complete, and what it names must exist.</summary>
[TestClass]
public sealed partial class Rfc9293TableTests
{
    [TestMethod]
    public void Every_requirement_is_in_the_table_once_and_every_MUST_has_a_test()
    {
        Dictionary<string, string[]> rows = [];
        foreach (string[] row in Rows())
        {
            Assert.IsTrue(rows.TryAdd(row[0], row), $"{row[0]} is there twice");
        }

        string[] wanted = [.. Ids("MUST", 69), .. Ids("SHLD", 31), .. Ids("MAY", 18), "REC-1"];
        CollectionAssert.AreEquivalent(wanted, rows.Keys);
        foreach ((string id, string[] row) in rows)
        {
            bool isOpen = row[3].Length == 0;
            Assert.IsFalse(isOpen && id.StartsWith("MUST-", StringComparison.Ordinal), $"{id} is open");
            Assert.IsTrue(!isOpen || row[4].StartsWith("not done", StringComparison.Ordinal), $"{id} has neither code nor a reason");
        }
    }

    [TestMethod]
    public void Every_file_and_test_that_the_table_names_exists()
    {
        HashSet<string> files = [.. Sources("stack").Select(path => Path.GetFileName(path))];
        Dictionary<string, string> tests = [];
        foreach (string path in Sources("tests"))
        {
            tests[Path.GetFileNameWithoutExtension(path)] = path;
        }

        foreach (string[] row in Rows().Where(row => row[3].Length != 0))
        {
            Assert.Contains(row[3].Trim('`'), files, $"{row[0]} names code that is not there");
            string[] name = row[4].Trim('`').Split('.');
            Assert.HasCount(2, name, $"{row[0]} names no test");
            Assert.IsTrue(tests.TryGetValue(name[0], out string? file), $"{row[0]}: there is no {name[0]}");
            Assert.Contains($" {name[1]}(", File.ReadAllText(file), $"{row[0]}: there is no {row[4]}");
        }
    }

    private static IEnumerable<string[]> Rows() =>
        from line in File.ReadLines(Path.Combine(Repository.Root, "docs", "tcp.md"))
        where Row().IsMatch(line)
        select line.Trim('|').Split('|', StringSplitOptions.TrimEntries);

    private static IEnumerable<string> Ids(string kind, int count) => Enumerable.Range(1, count).Select(i => $"{kind}-{i}");

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal));

    [GeneratedRegex(@"^\| (MUST|SHLD|MAY|REC)-\d+ \|", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}

using System.Text.RegularExpressions;

namespace FpgaNet.House.Tests;

/// <summary>The tables of docs/sockets.md: no row without a test, and each test that they name exists.</summary>
[TestClass]
public sealed partial class SocketTableTests
{
    private const int Columns = 9;

    private static readonly Lazy<Dictionary<string, List<string>>> s_tests = new(() => TestClasses(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)));

    [TestMethod]
    public void Every_row_is_complete_and_names_a_test_that_exists()
    {
        HashSet<string> errors = [];
        string[][] rows = [.. Rows()];
        Assert.IsNotEmpty(rows);
        foreach (string[] row in rows)
        {
            Match[] names = Test().Matches(row[^1]).ToArray();
            if (row.Length != Columns || row.Any(cell => cell.Length == 0) || names.Length == 0)
            {
                errors.Add($"'{row[0]}' has {row.Length} cells of {Columns}, an empty one, or no test");
            }

            foreach (Match name in names)
            {
                if (!Declarations(name).Any())
                {
                    errors.Add($"'{row[0]}': there is no {name.Value}");
                }
            }
        }

        Assert.IsEmpty(errors, string.Join(Environment.NewLine, errors));
    }

    [TestMethod]
    public void Every_row_that_says_both_names_a_test_that_runs_on_both_sides()
    {
        HashSet<string> errors = [];
        foreach (string[] row in Rows())
        {
            foreach (Match name in Test().Matches(row[^1]).Where(match => match.Groups["both"].Success))
            {
                if (!Declarations(name).Any(attributes => attributes.Contains("OnBothSides", StringComparison.Ordinal)))
                {
                    errors.Add($"'{row[0]}': {name.Value} does not run on both sides");
                }
            }
        }

        Assert.IsEmpty(errors, string.Join(Environment.NewLine, errors));
    }

    [TestMethod]
    public void A_class_is_known_by_its_name_wherever_its_file_is()
    {
        Dictionary<string, List<string>> classes = TestClasses(
        [
            "namespace A;\n[TestClass]\npublic sealed class SomeTests\n{\n    [TestMethod, OnBothSides]\n    public void One(Side side)\n    {\n    }\n}\n",
            "namespace B;\n[TestClass]\npublic sealed partial class SomeTests : Base\n{\n    [TestMethod]\n    public void Two() => Other();\n}\n\n[TestClass]\npublic class OtherTests\n{\n}\n",
        ]);
        Match[] names = Test().Matches("`SomeTests.One` (both), `SomeTests.Two`, `OtherTests.Two`, `SomeTests.Three`").ToArray();
        CollectionAssert.AreEqual((int[])[1, 1, 0, 0], Array.ConvertAll(names, name => Declarations(name, classes).Count()));
        CollectionAssert.AreEqual((bool[])[true, false, false, false], Array.ConvertAll(names, name => name.Groups["both"].Success));
        Assert.Contains("OnBothSides", Declarations(names[0], classes).Single());
        Assert.DoesNotContain("OnBothSides", Declarations(names[1], classes).Single());
    }

    // What stands before a test's name where a class of that name declares it: its attributes. Two projects may have classes of one name.
    private static IEnumerable<string> Declarations(Match name, Dictionary<string, List<string>>? classes = null) =>
        from text in (classes ?? s_tests.Value).GetValueOrDefault(name.Groups["class"].Value, [])
        from Match method in Method().Matches(text)
        where method.Groups["name"].ValueSpan.SequenceEqual(name.Groups["method"].ValueSpan)
        select method.Groups["attributes"].Value;

    private static Dictionary<string, List<string>> TestClasses(IEnumerable<string> sources)
    {
        Dictionary<string, List<string>> classes = new(StringComparer.Ordinal);
        foreach (string source in sources)
        {
            Match[] found = TestClass().Matches(source).ToArray();
            for (int i = 0; i < found.Length; i++)
            {
                int end = i + 1 < found.Length ? found[i + 1].Index : source.Length;
                if (!classes.TryGetValue(found[i].Groups["name"].Value, out List<string>? texts))
                {
                    classes.Add(found[i].Groups["name"].Value, texts = []);
                }

                texts.Add(source[found[i].Index..end]);
            }
        }

        return classes;
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

    [GeneratedRegex(@"`(?<class>\w+)\.(?<method>\w+)`(?<both> \(both\))?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Test();

    [GeneratedRegex(@"^(public|internal) [a-z ]*class (?<name>\w+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestClass();

    [GeneratedRegex(@"(?<attributes>(^    \[.*\]\n)+)    public (static )?(async )?\w+ (?<name>\w+)\(", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Method();
}

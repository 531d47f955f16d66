using System.Text.RegularExpressions;

namespace FpgaNet.House.Tests;

/// <summary>What README.md and docs/ name is there: files, test classes, pages and their sections.</summary>
[TestClass]
public sealed partial class DocumentationTests
{
    [TestMethod]
    public void Every_source_file_and_test_class_that_a_page_names_exists()
    {
        string[] sources = [.. Sources()];
        HashSet<string> errors = [];
        foreach ((string page, string text) in Pages())
        {
            foreach (Match match in SourceFile().Matches(text))
            {
                string name = match.Groups["file"].Value;
                string file = name.EndsWith(".cs", StringComparison.Ordinal) ? name : name + ".cs";
                if (!sources.Any(path => path.EndsWith("/" + file, StringComparison.Ordinal)))
                {
                    errors.Add($"{page}: there is no {name}");
                }
            }
        }

        Assert.IsEmpty(errors, string.Join(Environment.NewLine, errors));
    }

    [TestMethod]
    public void Every_link_leads_to_a_page_and_a_section_that_exist()
    {
        HashSet<string> errors = [];
        foreach ((string page, string text) in Pages())
        {
            foreach (Match match in Link().Matches(text))
            {
                string target = match.Groups["page"].Value;
                string path = target.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, target);
                string section = match.Groups["section"].Value;
                if (!File.Exists(path) && !Directory.Exists(path))
                {
                    errors.Add($"{page}: there is no {target}");
                }
                else if (section.Length != 0 && !File.ReadLines(path).Where(line => line.StartsWith('#')).Select(Anchor).Contains(section))
                {
                    errors.Add($"{page}: {path} has no section {section}");
                }
            }
        }

        Assert.IsEmpty(errors, string.Join(Environment.NewLine, errors));
    }

    private static IEnumerable<(string Page, string Text)> Pages() =>
        from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md"))
        select (path, File.ReadAllText(path));

    private static IEnumerable<string> Sources() =>
        from folder in (string[])["stack", "driver", "host", "hdl", "tests", "bench"]
        from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        where !path.Contains("/obj/", StringComparison.Ordinal)
        select path;

    // As forges make an anchor of a heading: lower case, spaces to hyphens, no other punctuation.
    private static string Anchor(string heading) =>
        string.Concat(heading.TrimStart('#').Trim().Select(c => c == ' ' ? '-' : char.ToLowerInvariant(c)).Where(c => char.IsLetterOrDigit(c) || c is '-' or '_'));

    [GeneratedRegex(@"`(?<file>[\w./]+(\.cs|(?<!\.)Tests))`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\]\((?!\w+:)(?<page>[^)#]*)(#(?<section>[^)]*))?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}

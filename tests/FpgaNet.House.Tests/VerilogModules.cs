using System.Text.RegularExpressions;

namespace FpgaNet.House.Tests;

/// <summary>Verilog sources as the house looks at them: which modules a file declares, and which modules are put together from which.</summary>
internal sealed partial class VerilogModules
{
    private readonly Dictionary<string, string[]> _parts = new(StringComparer.Ordinal);

    /// <param name="sources">The texts of the files.</param>
    public VerilogModules(IEnumerable<string> sources)
    {
        foreach (string source in sources.Select(WithoutComments))
        {
            foreach (string name in Declared(source))
            {
                _parts[name] = [.. Part().Matches(source).Select(static m => m.Groups["name"].Value).Where(part => !string.Equals(part, name, StringComparison.Ordinal))];
            }
        }
    }

    public IReadOnlyCollection<string> Names => _parts.Keys;

    /// <summary>The modules that a file declares.</summary>
    public static IReadOnlyList<string> Declared(string source) => [.. Module().Matches(WithoutComments(source)).Select(static m => m.Groups["name"].Value)];

    /// <summary>The modules of which some are put together, themselves among them; of those whose sources are known.</summary>
    public HashSet<string> Within(IEnumerable<string> tops)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        Queue<string> next = new(tops);
        while (next.TryDequeue(out string? name))
        {
            if (_parts.TryGetValue(name, out string[]? parts) && found.Add(name))
            {
                Array.ForEach(parts, next.Enqueue);
            }
        }

        return found;
    }

    private static string WithoutComments(string source) => Comment().Replace(source, "");

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\s*module\s+(?<name>\w+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Module();

    // An instance: the module, its parameters or its own name. Every module of ours begins with fn_, so nothing else looks like one.
    [GeneratedRegex(@"^\s*(?<name>fn_\w+)\s*(#|\w+\s*\()", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();
}

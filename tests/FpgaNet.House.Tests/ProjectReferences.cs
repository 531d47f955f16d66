using System.Xml.Linq;

namespace FpgaNet.House.Tests;

/// <summary>Which project may refer to which (DESIGN.md §2), and what a tree of project files does.</summary>
internal static class ProjectReferences
{
    /// <summary>Every project outside tests/ and bench/, and all that it may reach, directly or not.</summary>
    public static IReadOnlyDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["FpgaNet.Registers"] = [],
        ["FpgaNet.Synthesis"] = [],
        ["FpgaNet.Packets"] = [],
        ["FpgaNet.Stack"] = ["FpgaNet.Packets"],
        ["FpgaNet.Sockets"] = ["FpgaNet.Stack", "FpgaNet.Packets"],
        ["FpgaNet.Driver"] = ["FpgaNet.Packets"],
        ["FpgaNet.Sim"] = ["FpgaNet.Driver", "FpgaNet.Packets"],
        ["FpgaNet.AspNetCore"] = ["FpgaNet.Stack", "FpgaNet.Packets"],
        ["FpgaNet.Cli"] = ["FpgaNet.AspNetCore", "FpgaNet.Stack", "FpgaNet.Sim", "FpgaNet.Driver", "FpgaNet.Packets"],
    };

    /// <summary>What tests and benchmarks share.</summary>
    private static readonly HashSet<string> s_testLibraries = new(StringComparer.Ordinal) { "FpgaNet.Testing", "FpgaNet.Simulation" };

    /// <summary>Sentences that say which reference is not allowed.</summary>
    public static IReadOnlyList<string> Violations(string root)
    {
        var projects = Directory.EnumerateFiles(root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj" or "build"))
            .ToDictionary(static path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal);
        var errors = new List<string>();
        foreach ((string name, string path) in projects)
        {
            string folder = Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar)[0];
            bool isTest = folder is "tests" or "bench";
            foreach (string target in Reached(name, projects))
            {
                bool targetIsProduct = Allowed.ContainsKey(target);
                if (isTest ? !targetIsProduct && !s_testLibraries.Contains(target)
                    : !Allowed.TryGetValue(name, out string[]? allowed) || !allowed.Contains(target, StringComparer.Ordinal))
                {
                    errors.Add($"{name} must not refer to {target}.");
                }
            }

            if (!isTest && !Allowed.ContainsKey(name))
            {
                errors.Add($"{name} is not in the list of rooms: say in ProjectReferences.Allowed what it may know.");
            }
        }

        return errors;
    }

    private static HashSet<string> Reached(string name, Dictionary<string, string> projects)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([name]);
        while (open.TryPop(out string? current))
        {
            if (!projects.TryGetValue(current, out string? path))
            {
                continue;
            }

            foreach (XElement reference in XDocument.Load(path).Descendants("ProjectReference"))
            {
                string target = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
                if (reached.Add(target))
                {
                    open.Push(target);
                }
            }
        }

        return reached;
    }
}

namespace FpgaNet.Registers;

/// <summary>From the description to the three files.</summary>
internal static class Generator
{
    /// <summary>Where the description lies, from the repository's root.</summary>
    public const string DescriptionPath = "hdl/regs/registers.json";

    /// <summary>Makes the files from the description's text.</summary>
    /// <exception cref="DescriptionException">The description breaks a rule.</exception>
    public static IReadOnlyList<GeneratedFile> Generate(string json)
    {
        RegisterMap map = Validator.Validate(Description.Parse(json));
        return
        [
            new("hdl/rtl/include/fn_regs.svh", VerilogWriter.Write(map)),
            new("driver/FpgaNet.Driver/Registers.g.cs", CSharpWriter.Write(map)),
            new("docs/registers.md", MarkdownWriter.Write(map)),
        ];
    }

    /// <summary>Those files under a root that are missing or differ from what the description there says.</summary>
    public static IReadOnlyList<GeneratedFile> Stale(string root) =>
        Generate(File.ReadAllText(Path.Combine(root, DescriptionPath)))
            .Where(file => !File.Exists(Path.Combine(root, file.Path))
                || !string.Equals(File.ReadAllText(Path.Combine(root, file.Path)), file.Content, StringComparison.Ordinal))
            .ToList();
}

/// <summary>A file to write: its path from the repository's root, and its text.</summary>
internal sealed record GeneratedFile(string Path, string Content);

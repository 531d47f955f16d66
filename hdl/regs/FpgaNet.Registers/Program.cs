using FpgaNet.Registers;

const string Usage = """
    Writes the Verilog header, the C# constants and docs/registers.md from hdl/regs/registers.json.
    usage: FpgaNet.Registers [--check] [root]
      --check   write nothing; exit 1 and name each file that is not as the description says
      root      the repository's root; without it, the nearest folder upward that holds FpgaNet.sln
    """;

bool check = args.Contains("--check", StringComparer.Ordinal);
string[] rest = args.Where(static a => !string.Equals(a, "--check", StringComparison.Ordinal)).ToArray();
if (rest.Length > 1 || rest.Any(static a => a.StartsWith('-')))
{
    Console.Error.WriteLine(Usage);
    return 2;
}

string? root = rest.Length == 1 ? rest[0] : Directory.GetCurrentDirectory();
while (rest.Length == 0 && root is not null && !File.Exists(Path.Combine(root, "FpgaNet.sln")))
{
    root = Path.GetDirectoryName(root);
}

if (root is null || !File.Exists(Path.Combine(root, Generator.DescriptionPath)))
{
    Console.Error.WriteLine($"There is no {Generator.DescriptionPath} under {root ?? "any folder above this one"}.");
    return 2;
}

try
{
    IReadOnlyList<GeneratedFile> stale = Generator.Stale(root);
    foreach (GeneratedFile file in stale)
    {
        if (check)
        {
            Console.Error.WriteLine($"{file.Path} is stale: run 'dotnet run --project hdl/regs/FpgaNet.Registers'.");
            continue;
        }

        string path = Path.Combine(root, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, file.Content);
        Console.WriteLine($"wrote {file.Path}");
    }

    return check && stale.Count != 0 ? 1 : 0;
}
catch (DescriptionException e)
{
    foreach (string error in e.Errors)
    {
        Console.Error.WriteLine($"{Generator.DescriptionPath}: {error}");
    }

    return 2;
}

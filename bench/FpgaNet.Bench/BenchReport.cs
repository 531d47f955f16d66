using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FpgaNet.Bench;

/// <summary>Shows figures to people and keeps them for machines.</summary>
internal static class BenchReport
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>build/bench below the repository's root: results, and the peers that were built.</summary>
    internal static string Folder { get; } = FindFolder();

    /// <summary>Groups rows that stand behind each other, as they are measured, so that each group can be shown at once.</summary>
    internal static IEnumerable<IGrouping<TKey, T>> GroupAdjacent<T, TKey>(this IEnumerable<T> rows, Func<T, TKey> key)
    {
        List<T> group = [];
        foreach (T row in rows)
        {
            if (group.Count > 0 && !EqualityComparer<TKey>.Default.Equals(key(group[0]), key(row)))
            {
                yield return group.GroupBy(key).Single();
                group = [];
            }

            group.Add(row);
        }

        if (group.Count > 0)
        {
            yield return group.GroupBy(key).Single();
        }
    }

    /// <summary>Prints rows of one name: value, spread, and how many times better than the first.</summary>
    internal static void Print(TextWriter output, IGrouping<string, BenchRow> group)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {group.Key}"));
        double first = group.First().Value;
        foreach (BenchRow row in group)
        {
            if (double.IsNaN(row.Value))
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {row.Variant,-36} {"-",10} {row.Unit,-5} {row.Note}"));
                continue;
            }

            // Of times and counts of cycles less is better; of everything else more is.
            bool lessIsBetter = row.Unit is "ns" or "us" or "ms" or "s";
            double ratio = lessIsBetter ? first / row.Value : row.Value / first;
            string spread = double.IsNaN(row.Lowest) ? "" : string.Create(CultureInfo.InvariantCulture, $"({row.Lowest:0.00} to {row.Highest:0.00})");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {row.Variant,-36} {row.Value,10:0.00} {row.Unit,-5} {ratio,8:0.00}x  {spread} {row.Note}").TrimEnd());
        }
    }

    /// <summary>Writes the rows to build/bench/results.json below the repository's root.</summary>
    /// <returns>The file's path.</returns>
    internal static string Write(IEnumerable<BenchRow> rows)
    {
        string path = Path.Combine(Folder, "results.json");
        Directory.CreateDirectory(Folder);
        string machine = $"{CpuModel()}, {Environment.ProcessorCount} threads, {RuntimeInformation.OSDescription}";
        string runtime = RuntimeInformation.FrameworkDescription;
        string date = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);
        File.WriteAllText(
            path,
            JsonSerializer.Serialize(
                rows.Select(r => new { r.Suite, r.Name, r.Variant, Value = Number(r.Value), r.Unit, Lowest = Number(r.Lowest), Highest = Number(r.Highest), r.Note, machine, runtime, date }),
                s_json));
        return path;
    }

    private static string FindFolder()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "FpgaNet.sln")))
        {
            root = Path.GetDirectoryName(root.TrimEnd(Path.DirectorySeparatorChar))
                ?? throw new InvalidOperationException("FpgaNet.sln was not found in any folder above the program.");
        }

        return Path.Combine(root, "build", "bench");
    }

    private static double? Number(double value) => double.IsNaN(value) ? null : value;

    private static string CpuModel()
    {
        const string Field = "model name";
        string? line = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith(Field, StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}

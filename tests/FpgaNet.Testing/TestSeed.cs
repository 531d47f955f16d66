using System.Globalization;

namespace FpgaNet.Testing;

/// <summary>Seeds of random tests: a new one every run, printed, and replayed by setting FPGANET_SEED.</summary>
public static class TestSeed
{
    public const string Variable = "FPGANET_SEED";

    private static readonly AsyncLocal<int?> s_fixed = new();

    /// <summary>Gives every test until it is disposed of the same seed, whatever FPGANET_SEED says.</summary>
    public static IDisposable Fix(int seed)
    {
        s_fixed.Value = seed;
        return new Fixed();
    }

    /// <summary>A seed for this test: that of <see cref="Fix"/> or of FPGANET_SEED, else a fresh one. Printed to the test's output, which a failure shows.</summary>
    public static int Take()
    {
        if (s_fixed.Value is { } given)
        {
            return given;
        }

        string? text = Environment.GetEnvironmentVariable(Variable);
        int seed = string.IsNullOrEmpty(text) ? System.Random.Shared.Next() : int.Parse(text, CultureInfo.InvariantCulture);
        Console.WriteLine($"seed {seed} (replay with {Variable}={seed})");
        return seed;
    }

    /// <summary>A random source with a seed of <see cref="Take"/>.</summary>
    public static Random Random() => new(Take());

    private sealed class Fixed : IDisposable
    {
        public void Dispose() => s_fixed.Value = null;
    }
}

using System.Globalization;

namespace FpgaNet.Testing;

/// <summary>Seeds of random tests: a new one every run, printed, and replayed by setting FPGANET_SEED.</summary>
public static class TestSeed
{
    public const string Variable = "FPGANET_SEED";

    /// <summary>A seed for this test: that of FPGANET_SEED, else a fresh one. Printed to the test's output, which a failure shows.</summary>
    public static int Take()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        int seed = string.IsNullOrEmpty(text) ? System.Random.Shared.Next() : int.Parse(text, CultureInfo.InvariantCulture);
        Console.WriteLine($"seed {seed} (replay with {Variable}={seed})");
        return seed;
    }

    /// <summary>A random source with a seed of <see cref="Take"/>.</summary>
    public static Random Random() => new(Take());
}

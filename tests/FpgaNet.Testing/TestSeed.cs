using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace FpgaNet.Testing;

/// <summary>
/// Seeds of random tests. Each test has one of its own, the same in every run, so that what passes here passes everywhere; FPGANET_SEED=fresh draws new
/// ones to search with. Every seed is printed, and FPGANET_SEED=number replays it.
/// </summary>
public static class TestSeed
{
    public const string Variable = "FPGANET_SEED";

    /// <summary>The value of <see cref="Variable"/> that asks for new seeds.</summary>
    public const string Fresh = "fresh";

    private static readonly AsyncLocal<int?> s_fixed = new();

    /// <summary>Gives every test until it is disposed of the same seed, whatever FPGANET_SEED says.</summary>
    public static IDisposable Fix(int seed)
    {
        s_fixed.Value = seed;
        return new Fixed();
    }

    /// <summary>A seed for this test: that of <see cref="Fix"/> or of FPGANET_SEED, else one that its name gives. Printed to the test's output, which a failure shows.</summary>
    public static int Take([CallerMemberName] string test = "", [CallerFilePath] string file = "")
    {
        if (s_fixed.Value is { } given)
        {
            return given;
        }

        int seed = Environment.GetEnvironmentVariable(Variable) switch
        {
            null or "" => OfName(Path.GetFileNameWithoutExtension(file) + "." + test),
            Fresh => System.Random.Shared.Next(),
            string text => int.Parse(text, CultureInfo.InvariantCulture),
        };
        Console.WriteLine($"seed {seed} (replay with {Variable}={seed})");
        return seed;
    }

    /// <summary>A random source with a seed of <see cref="Take"/>.</summary>
    public static Random Random([CallerMemberName] string test = "", [CallerFilePath] string file = "") => new(Take(test, file));

    // FNV-1a of 32 bits: string.GetHashCode differs from run to run.
    private static int OfName(string name)
    {
        uint hash = 2166136261;
        foreach (byte letter in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ letter) * 16777619;
        }

        return (int)(hash & int.MaxValue);
    }

    private sealed class Fixed : IDisposable
    {
        public void Dispose() => s_fixed.Value = null;
    }
}

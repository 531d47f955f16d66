using FpgaNet.Simulation.Fuzzing;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Fuzzing;

/// <summary>Malformed and hostile frames against a victim that serves an honest client; <c>make soak</c> sends millions.</summary>
[TestClass]
public sealed class FuzzTests
{
    [TestMethod]
    public void Hostile_frames_by_a_fresh_seed_harm_nobody() => FuzzRun.Run(TestSeed.Take(), 5_000);

    [TestMethod]
    public void Hostile_frames_by_fixed_seeds_harm_nobody()
    {
        for (int seed = 1; seed <= 8; seed++)
        {
            FuzzRun.Run(seed, 1_500);
        }
    }
}

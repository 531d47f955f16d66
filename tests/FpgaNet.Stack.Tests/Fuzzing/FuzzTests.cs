using FpgaNet.Simulation.Fuzzing;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Fuzzing;

/// <summary>Malformed and hostile frames against a victim that serves an honest client; <c>make soak</c> sends millions.</summary>
[TestClass]
public sealed class FuzzTests
{
    [TestMethod]
    public void Hostile_frames_by_seed_harm_nobody() => FuzzRun.Run(TestSeed.Take(), 5_000);

    [TestMethod]
    public void Hostile_frames_by_fixed_seeds_harm_nobody()
    {
        for (int seed = 1; seed <= 8; seed++)
        {
            FuzzRun.Run(seed, 1_500);
        }
    }

    [TestMethod]
    public void Frames_of_the_corpus_harm_nobody()
    {
        string[] files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Corpus"));
        Assert.IsGreaterThan(10, files.Length);
        foreach (string file in files)
        {
            Assert.IsNotEmpty(Injection.Parse(File.ReadAllText(file)).Frames, file);
            FuzzRun.Replay(File.ReadAllText(file));
        }
    }

    [TestMethod]
    public void A_list_is_cut_down_to_what_fails() =>
        CollectionAssert.AreEqual(new[] { 17, 60 }, Shrinker.Shrink([.. Enumerable.Range(0, 100)], list => list.Contains(17) && list.Contains(60), attempts: 200).ToArray());
}

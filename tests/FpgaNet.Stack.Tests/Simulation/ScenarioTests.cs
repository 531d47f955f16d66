using FpgaNet.Simulation.Scenarios;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Simulation;

/// <summary>Whole runs drawn from seeds: <c>make soak</c> runs many more, and larger ones.</summary>
[TestClass]
public sealed class ScenarioTests
{
    private const long Bytes = 200_000;

    [TestMethod]
    public void Scenarios_by_seed_keep_every_rule()
    {
        int first = TestSeed.Take();
        for (int i = 0; i < 100; i++)
        {
            ScenarioRun.Run(ScenarioGenerator.Draw(unchecked(first + i), Bytes));
        }
    }

    [TestMethod]
    public void Scenarios_by_fixed_seeds_keep_every_rule()
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            ScenarioRun.Run(ScenarioGenerator.Draw(seed, Bytes));
        }
    }

    [TestMethod]
    public void A_scenario_is_the_same_run_every_time()
    {
        for (int seed = 500; seed < 510; seed++)
        {
            Assert.AreEqual(ScenarioRun.Run(ScenarioGenerator.Draw(seed, Bytes)), ScenarioRun.Run(ScenarioGenerator.Draw(seed, Bytes)));
        }
    }
}

using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Harness;

/// <summary>Something that stands at a module's pins: it drives inputs before a clock edge and looks at what the edge will take.</summary>
public interface IBenchDriver
{
    /// <summary>Sets input pins for the coming edge; outputs may not be looked at yet.</summary>
    void Drive();

    /// <summary>Combinational logic has settled: looks at the pins as the coming edge sees them. Inputs may not be changed.</summary>
    void Sample();
}

/// <summary>A module under test with the drivers at its pins. Every cycle: all drive, logic settles, all sample, the clock ticks.</summary>
public sealed class RtlBench : IDisposable
{
    private readonly List<IBenchDriver> _drivers = [];

    public RtlBench(string model, string? trace = null)
    {
        Model = VerilatedModel.Load(model, trace);
    }

    public VerilatedModel Model { get; }

    public long Cycles { get; private set; }

    public T Add<T>(T driver)
        where T : IBenchDriver
    {
        _drivers.Add(driver);
        return driver;
    }

    /// <summary>Adds a source at the pins <c>PREFIX_tdata</c> and so on.</summary>
    public AxiStreamSource Source(string prefix, Random random, double stall = 0) => Add(new AxiStreamSource(Model, prefix, random, stall));

    /// <summary>Adds a sink at the pins <c>PREFIX_tdata</c> and so on.</summary>
    public AxiStreamSink Sink(string prefix, Random random, double stall = 0) => Add(new AxiStreamSink(Model, prefix, random, stall));

    /// <summary>Holds <c>rst</c> for a few clocks with the drivers silent.</summary>
    public void Reset(int cycles = 4)
    {
        Port reset = Model.Port("rst");
        reset.Value = 1;
        Model.Tick(cycles);
        reset.Value = 0;
    }

    public void Step(int cycles = 1)
    {
        for (int i = 0; i < cycles; i++)
        {
            foreach (IBenchDriver driver in _drivers)
            {
                driver.Drive();
            }

            Model.Eval();
            foreach (IBenchDriver driver in _drivers)
            {
                driver.Sample();
            }

            Model.Tick();
            Cycles++;
        }
    }

    /// <summary>Steps until a condition holds and fails the test when it does not within a number of cycles.</summary>
    public void StepUntil(Func<bool> condition, int limit = 100_000)
    {
        long last = Cycles + limit;
        while (!condition())
        {
            Assert.IsLessThan(last, Cycles, $"the module is stuck: nothing came in {limit} cycles");
            Step();
        }
    }

    public void Dispose()
    {
        CoverageRun.Current?.Add(Model);
        Model.Dispose();
    }
}

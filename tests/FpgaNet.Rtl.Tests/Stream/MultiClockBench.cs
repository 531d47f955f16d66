using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Stream;

/// <summary>
/// A module under test whose clocks run apart, each with its period and the drivers at its pins. Edges that fall on the same instant happen together, as with
/// one clock on several pins.
/// </summary>
internal sealed class MultiClockBench : IDisposable
{
    private readonly List<Domain> _domains = [];

    public MultiClockBench(string model)
    {
        Model = VerilatedModel.Load(model);
    }

    public VerilatedModel Model { get; }

    /// <summary>Time in the unit of the periods.</summary>
    public long Time { get; private set; }

    public Domain AddClock(string pin, int period)
    {
        Domain domain = new(Model.Port(pin), period);
        _domains.Add(domain);
        return domain;
    }

    /// <summary>Adds a clock whose drivers drive and sample both edges.</summary>
    /// <param name="pin">Its pin.</param>
    /// <param name="halfPeriod">Time from edge to edge.</param>
    public Domain AddDoubleRateClock(string pin, int halfPeriod)
    {
        Domain domain = AddClock(pin, halfPeriod);
        domain.DoubleRate = true;
        return domain;
    }

    /// <summary>Holds reset pins for a number of cycles of the slowest clock, with the drivers silent.</summary>
    public void Reset(int cycles, params string[] pins)
    {
        foreach (string pin in pins)
        {
            Model.Port(pin).Value = 1;
        }

        Run(cycles * _domains.Max(d => d.Period), drive: false);
        foreach (string pin in pins)
        {
            Model.Port(pin).Value = 0;
        }
    }

    public void Run(long time, bool drive = true)
    {
        for (long end = Time + time; Time < end;)
        {
            Step(drive);
        }
    }

    public void RunUntil(Func<bool> condition, long limit = 2_000_000)
    {
        long end = Time + limit;
        while (!condition())
        {
            Assert.IsLessThan(end, Time, "the module is stuck");
            Step(drive: true);
        }
    }

    public void Dispose() => Model.Dispose();

    private void Step(bool drive)
    {
        Time = _domains.Min(d => d.Next);
        List<Domain> edges = [.. _domains.Where(d => d.Next == Time)];
        if (drive)
        {
            edges.ForEach(d => d.Drivers.ForEach(x => x.Drive()));
            Model.Eval();
            edges.ForEach(d => d.Drivers.ForEach(x => x.Sample()));
        }

        SetClocks(edges, 1);
        SetClocks(edges, 0);
        edges.ForEach(d => d.Next += d.Period);
    }

    private void SetClocks(List<Domain> edges, ulong level)
    {
        foreach (Domain domain in edges)
        {
            Port clock = domain.Clock;
            if (!domain.DoubleRate)
            {
                clock.Value = level;
            }
            else if (level == 1)
            {
                clock.Value ^= 1;
            }
        }

        Model.Eval();
    }

    /// <summary>One clock and what stands at its pins.</summary>
    internal sealed class Domain(Port clock, int period)
    {
        public Port Clock { get; } = clock;

        public int Period { get; } = period;

        public long Next { get; set; } = period;

        /// <summary>Each event is one edge, not a whole cycle.</summary>
        public bool DoubleRate { get; set; }

        public List<IBenchDriver> Drivers { get; } = [];

        public T Add<T>(T driver)
            where T : IBenchDriver
        {
            Drivers.Add(driver);
            return driver;
        }
    }
}

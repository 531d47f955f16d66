using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Sim.Usb;

namespace FpgaNet.Rtl.Tests.Usb;

/// <summary>
/// The card's side of a FIFO chip's pins between <see cref="Ft245Chip"/>, which checks every strobe, and a pipe of bytes each way. The chip has its own clock beside 125 MHz; the
/// core's is that, or slower.
/// </summary>
internal sealed class UsbPinsBench : IDisposable
{
    private readonly VerilatedModel _model;
    private readonly int _period;
    private readonly Random _random;
    private readonly List<byte> _toHost = [];
    private long _step;

    /// <param name="bytes">Of a word at the pins: 1 is an FT232H, 2 an FT600, 4 an FT601.</param>
    /// <param name="period">Of the core's clock, in periods of 125 MHz.</param>
    /// <param name="random">For stalls.</param>
    /// <param name="stall">Chance of a stall at every flag and port.</param>
    public UsbPinsBench(int bytes, int period, Random random, double stall)
    {
        _period = period;
        _random = random;
        Ft245ChipOptions options = (bytes switch { 1 => new(), 2 => Ft245ChipOptions.Ft600, _ => Ft245ChipOptions.Ft601 }) with { Stall = stall, Seed = random.Next() };
        _model = VerilatedModel.Load($"fn_usb_pins_{bytes}");
        Chip = (Ft245Chip)new SimulatedUsbBus(options).Attach(_model);
        Source = new AxiStreamSource(_model, "s_axis", random, stall);
        Sink = new AxiStreamSink(_model, "m_axis", random, stall);
        Port reset = _model.Port("rst");
        reset.Value = 1;
        Clock(40, quiet: true);
        reset.Value = 0;
        Chip.SetMode(fifo: true);
        Clock(40, quiet: true);
    }

    public Ft245Chip Chip { get; }

    /// <summary>The card's pipe to the host.</summary>
    public AxiStreamSource Source { get; }

    /// <summary>The card's pipe from the host: a frame a byte.</summary>
    public AxiStreamSink Sink { get; }

    /// <summary>What the host still has to send. It goes into the chip in packets of any length.</summary>
    public Queue<byte> FromHost { get; } = new();

    /// <summary>What the host has taken out of the chip.</summary>
    public IReadOnlyList<byte> ToHost => _toHost;

    /// <summary>Chance that the host takes something in a clock; it then takes up to all.</summary>
    public double HostTakes { get; set; } = 1;

    public bool IsIdle => _model.Port("idle").IsSet;

    /// <summary>Periods of 125 MHz.</summary>
    public void Step(int count = 1) => Clock(count, quiet: false);

    public void StepUntil(Func<bool> condition, string what, int limit = 2_000_000)
    {
        for (long end = _step + limit; !condition(); Step())
        {
            Assert.IsLessThan(end, _step, what);
        }
    }

    public void Dispose()
    {
        CoverageRun.Current?.Add(_model);
        _model.Dispose();
    }

    private void Clock(int count, bool quiet)
    {
        Port clk = _model.Port("clk");
        for (int i = 0; i < count; i++, _step++)
        {
            bool core = _step % _period == 0;
            Host();
            Chip.Drive(_step);
            if (core && !quiet)
            {
                Source.Drive();
                Sink.Drive();
            }

            _model.Eval();
            Chip.Sample(_step);
            if (core && !quiet)
            {
                Source.Sample();
                Sink.Sample();
            }

            clk.IsSet = core;
            _model.Eval();
            clk.IsSet = false;
            _model.Eval();
        }
    }

    private void Host()
    {
        const int LongestPacket = 512;
        int most = Math.Min(Math.Min(LongestPacket, Chip.FromHost.Free), FromHost.Count);
        if (most > 0)
        {
            byte[] packet = new byte[_random.Next(1, most + 1)];
            for (int i = 0; i < packet.Length; i++)
            {
                packet[i] = FromHost.Dequeue();
            }

            Chip.Put(packet);
        }

        if (Chip.ToHost.Count > 0 && _random.NextDouble() < HostTakes)
        {
            int take = HostTakes < 1 ? _random.Next(1, Chip.ToHost.Count + 1) : Chip.ToHost.Count;
            for (int i = 0; i < take; i++)
            {
                _toHost.Add(Chip.ToHost.Take());
            }

            Chip.OnTaken(take);
        }
    }
}

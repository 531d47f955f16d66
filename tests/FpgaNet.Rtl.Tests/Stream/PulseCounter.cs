using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Stream;

/// <summary>Counts the clocks in which a one-bit output is set.</summary>
internal sealed class PulseCounter : IBenchDriver
{
    private readonly Port _pin;

    public PulseCounter(VerilatedModel model, string pin)
    {
        _pin = model.Port(pin);
    }

    public int Count { get; private set; }

    public void Drive()
    {
    }

    public void Sample()
    {
        if (_pin.IsSet)
        {
            Count++;
        }
    }
}

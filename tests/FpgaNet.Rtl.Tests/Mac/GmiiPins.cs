using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>
/// Reads the transmit pins of a GMII: what stood on the wire while TX_EN was set, and the gap before it. A byte passes in every clock, or
/// where the bench's clock enable says so, at random.
/// </summary>
internal sealed class GmiiListener : IBenchDriver
{
    private readonly Port _data;
    private readonly Port _enable;
    private readonly Port _error;
    private readonly ClockEnable _clockEnable;
    private readonly BurstRecorder _recorder = new();

    public GmiiListener(VerilatedModel model, Random? random = null, double rate = 1)
    {
        _clockEnable = new ClockEnable(model, "gmii_tx_ce", random, rate);
        _data = model.Port("gmii_txd");
        _enable = model.Port("gmii_tx_en");
        _error = model.Port("gmii_tx_er");
    }

    /// <inheritdoc cref="BurstRecorder.Bursts"/>
    public Queue<(byte[] Bytes, int Gap, bool Spoiled)> Bursts => _recorder.Bursts;

    public void Drive() => _clockEnable.Drive();

    public void Sample()
    {
        if (_clockEnable.IsSet)
        {
            _recorder.Take(8, (uint)_data.Value, _enable.IsSet, _error.IsSet);
        }
    }
}

/// <summary>What happens on the receive pins of a GMII while RX_DV is set.</summary>
/// <param name="Bytes">From the preamble on.</param>
/// <param name="ErrorAt">Index of the byte with RX_ER, or -1.</param>
/// <param name="Gap">Idle clocks behind it, 1 or more.</param>
internal sealed record CarrierEvent(byte[] Bytes, int ErrorAt = -1, int Gap = 12);

/// <summary>Plays carrier events on the receive pins of a GMII, with noise on the data pins between them.</summary>
internal sealed class GmiiTalker : IBenchDriver
{
    private readonly Random _random;
    private readonly Port _data;
    private readonly Port _valid;
    private readonly Port _error;
    private readonly ClockEnable _clockEnable;
    private readonly Queue<CarrierEvent> _events = new();
    private int _position;

    public GmiiTalker(VerilatedModel model, Random random, double rate = 1)
    {
        _random = random;
        _clockEnable = new ClockEnable(model, "gmii_rx_ce", random, rate);
        _data = model.Port("gmii_rxd");
        _valid = model.Port("gmii_rx_dv");
        _error = model.Port("gmii_rx_er");
    }

    public int Pending => _events.Count;

    public void Play(CarrierEvent carrierEvent) => _events.Enqueue(carrierEvent);

    public void Drive()
    {
        _clockEnable.Drive();
        if (!_events.TryPeek(out CarrierEvent? now) || _position >= now.Bytes.Length)
        {
            _data.Value((ulong)_random.Next(256));
            _valid.Value(0);
            // RX_ER without RX_DV is signalling between frames (IEEE 802.3 table 35-2), which says nothing about frames.
            _error.Value((ulong)_random.Next(2));
            return;
        }

        _data.Value(now.Bytes[_position]);
        _valid.Value(1);
        _error.Value(_position == now.ErrorAt ? 1UL : 0);
    }

    public void Sample()
    {
        if (_clockEnable.IsSet && _events.TryPeek(out CarrierEvent? now) && ++_position == now.Bytes.Length + now.Gap)
        {
            _events.Dequeue();
            _position = 0;
        }
    }
}

/// <summary>A GMII half's clock enable: set in every clock, or in some at random. A module that has the pin alone calls it <c>ce</c>.</summary>
internal sealed class ClockEnable
{
    private readonly Port _pin;
    private readonly Random? _random;
    private readonly double _rate;

    public ClockEnable(VerilatedModel model, string pin, Random? random, double rate)
    {
        _pin = model.Port(model.HasPort(pin) ? pin : "ce");
        _random = random;
        _rate = rate;
        _pin.Value(1);
    }

    public bool IsSet => _pin.IsSet;

    public void Drive() => _pin.Value(_random is null || _rate >= 1 || _random.NextDouble() < _rate ? 1UL : 0);
}

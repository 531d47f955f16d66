using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>The interfaces between MAC and PHY that have adapters; the values are parameter PHY of fn_phy_bench.</summary>
public enum PhyInterface
{
    /// <summary>4 bits at the PHY's clocks (IEEE 802.3 clause 22).</summary>
    Mii,

    /// <summary>2 bits at 50 MHz (RMII specification 1.2).</summary>
    Rmii,

    /// <summary>4 bits at both edges (RGMII 2.0).</summary>
    Rgmii,
}

/// <summary>One symbol on a PHY's receive pins.</summary>
internal readonly record struct PhySymbol(uint Data, bool Valid, bool Error);

/// <summary>
/// Plays carrier events on a PHY's receive pins as that PHY would show them, with what it may add: MII preambles that lost a nibble and frames with a
/// nibble too many; RMII carriers before the data, and CRS_DV that toggles at the end.
/// </summary>
internal sealed class PhyTalker(VerilatedModel model, PhyInterface phy, int speed, Random random) : IBenchDriver
{
    private readonly Port _data = model.Port("rx_pins");
    private readonly Port _valid = model.Port("rx_valid");
    private readonly Port _error = model.Port("rx_error");
    private readonly Port _clock = model.Port("rx_pin_clk");
    private readonly Queue<List<PhySymbol>> _events = new();
    private int _position;
    private int _held;

    public int Pending => _events.Count;

    // Both edges of an RGMII's clock are driven and sampled; the one to come is a falling one while the clock is high.
    private bool FallingEdge => phy == PhyInterface.Rgmii && _clock.IsSet;

    private int Bits => phy == PhyInterface.Rmii ? 2 : phy == PhyInterface.Rgmii && speed == 2 ? 8 : 4;

    /// <summary>Clocks for which a symbol stands: RMII at 10 Mb/s repeats it (section 5.3.2).</summary>
    private int Repeat => phy == PhyInterface.Rmii && speed == 0 ? 10 : 1;

    public void Play(CarrierEvent carrier)
    {
        int parts = 8 / Bits;
        List<PhySymbol> symbols = [];
        for (int i = 0; i < carrier.Bytes.Length * parts; i++)
        {
            bool error = i / parts == carrier.ErrorAt && i % parts == carrier.Bytes[i / parts] % parts;
            symbols.Add(new PhySymbol((uint)(carrier.Bytes[i / parts] >> (i % parts * Bits)) & ((1u << Bits) - 1), true, error));
        }

        if (phy == PhyInterface.Rmii)
        {
            ToggleCarrier(symbols, carrier.Bytes);
            symbols.InsertRange(0, Enumerable.Repeat(new PhySymbol(0, true, false), random.Next(6)));
        }
        else if (Bits == 4)
        {
            if (carrier.Bytes is [0x55, _, ..] && carrier.ErrorAt != 0 && random.Next(2) == 0)
            {
                symbols.RemoveAt(0);
            }

            if (random.Next(4) == 0)
            {
                symbols.Add(new PhySymbol((uint)random.Next(0xD), true, false)); // no D, which would end a bare preamble as a delimiter
            }
        }

        // Between frames an RMII shows 00, an RGMII the link's state: here up, at this speed, full duplex.
        PhySymbol idle = new(phy switch { PhyInterface.Rgmii => 0x9u | ((uint)speed << 1), PhyInterface.Rmii => 0u, _ => (uint)random.Next(16) }, false, false);
        symbols.AddRange(Enumerable.Repeat(idle, carrier.Gap * parts));
        _events.Enqueue(symbols);
    }

    public void Drive()
    {
        PhySymbol now = _events.TryPeek(out List<PhySymbol>? symbols) ? symbols[_position] : new(phy == PhyInterface.Rgmii ? 0x9u | ((uint)speed << 1) : 0, false, false);
        if (phy == PhyInterface.Rgmii)
        {
            // Data twice where a cycle carries a nibble; the error is the difference of the two edges' control (section 3.4).
            _data.Value(now.Data >> (FallingEdge && Bits == 8 && now.Valid ? 4 : 0));
            _valid.Value(now.Valid ^ (FallingEdge && now.Error) ? 1UL : 0);
            return;
        }

        _data.Value(now.Data);
        _valid.Value(now.Valid ? 1UL : 0);
        _error.Value(now.Error ? 1UL : 0);
    }

    public void Sample()
    {
        if ((phy == PhyInterface.Rgmii && !FallingEdge) || ++_held < Repeat)
        {
            return;
        }

        _held = 0;
        if (_events.TryPeek(out List<PhySymbol>? symbols) && ++_position == symbols.Count)
        {
            _events.Dequeue();
            _position = 0;
        }
    }

    // The carrier is gone while the last data still comes: CRS_DV is 0 in the first di-bit of every nibble (section 5.4).
    private void ToggleCarrier(List<PhySymbol> symbols, byte[] bytes)
    {
        int delimiter = Array.IndexOf(bytes, (byte)0xD5);
        if (delimiter < 0 || random.Next(2) == 0)
        {
            return;
        }

        int nibbles = random.Next(Math.Min(24, (bytes.Length - delimiter - 1) * 2) + 1);
        for (int at = symbols.Count - (2 * nibbles); at < symbols.Count; at += 2)
        {
            symbols[at] = symbols[at] with { Valid = false };
        }
    }
}

/// <summary>Reads a PHY's transmit pins.</summary>
internal sealed class PhyListener(VerilatedModel model, PhyInterface phy, int speed) : IBenchDriver
{
    private readonly Port _data = model.Port("tx_pins");
    private readonly Port _valid = model.Port("tx_valid");
    private readonly Port _error = model.Port("tx_error");
    private readonly Port _clock = model.Port("txc");
    private readonly BurstRecorder _recorder = new();
    private int _held;
    private bool _high;
    private int _edges;
    private int _halfCycles;
    private (uint Data, bool Valid) _before;

    /// <inheritdoc cref="BurstRecorder.Bursts"/>
    public Queue<(byte[] Bytes, int Gap, bool Spoiled)> Bursts => _recorder.Bursts;

    public void Drive()
    {
    }

    public void Sample()
    {
        switch (phy)
        {
            case PhyInterface.Mii:
                _recorder.Take(4, (uint)_data.Value, _valid.IsSet, _error.IsSet);
                break;
            case PhyInterface.Rmii:
                SampleRmii();
                break;
            default:
                SampleRgmii();
                break;
        }
    }

    private void SampleRmii()
    {
        (uint Data, bool Valid) now = ((uint)_data.Value, _valid.IsSet);
        if (speed == 1)
        {
            _recorder.Take(2, now.Data, now.Valid, false);
            return;
        }

        // Ten clocks a di-bit: counted from where a frame begins.
        if (!_before.Valid && now.Valid)
        {
            _held = 0;
        }

        Assert.IsTrue(_held % 10 == 0 || now == _before, "a di-bit changed within its ten clocks");
        if (_held++ % 10 == 0)
        {
            _recorder.Take(2, now.Data, now.Valid, false);
        }

        _before = now;
    }

    // Once per half cycle of the 125 MHz clock; the PHY delays TXC, so what counts is what stands behind its edge.
    private void SampleRgmii()
    {
        bool high = _clock.IsSet;
        _halfCycles++;
        if (high == _high)
        {
            return;
        }

        _high = high;
        (uint Data, bool Valid) now = ((uint)_data.Value, _valid.IsSet);
        if (++_edges > 8)
        {
            Assert.AreEqual(speed switch { 2 => 1, 1 => 5, _ => 50 }, _halfCycles, "half cycles of 125 MHz in one of TXC");
            if (!high)
            {
                Assert.IsTrue(speed == 2 || now.Data == _before.Data, "a nibble changed within its cycle");
                _recorder.Take(speed == 2 ? 8 : 4, _before.Data | (speed == 2 ? now.Data << 4 : 0), _before.Valid, _before.Valid ^ now.Valid);
            }
        }

        _halfCycles = 0;
        _before = now;
    }
}

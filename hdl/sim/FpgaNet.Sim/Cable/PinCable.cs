namespace FpgaNet.Sim.Cable;

/// <summary>
/// A cable between two cards at the level of their pins: what one card's transmit pins show in a clock, the other's receive pins show a fixed number of
/// clocks later. For measurements of time, which a <see cref="Wire"/> of whole frames is too coarse for. Both cards' clocks run as one: a card that is stepped
/// takes the other along, so that neither gets ahead by more than the delay. Frames stay on the pins' side of the PHY: the cards' wires carry none.
/// </summary>
public sealed class PinCable
{
    private readonly End _first;
    private readonly End _second;

    /// <summary>Plugs a cable in. Both cards must be fresh from reset, and are not reset any more while it is plugged in.</summary>
    /// <param name="first">One card.</param>
    /// <param name="second">The other card.</param>
    /// <param name="delayCycles">Clock cycles from pins to pins, 1 or more: 8 ns each, 1.6 m of fibre.</param>
    public PinCable(SimulatedBoard first, SimulatedBoard second, int delayCycles)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfLessThan(delayCycles, 1);
        _first = new End(first, delayCycles);
        _second = new End(second, delayCycles);
        _first.Other = _second;
        _second.Other = _first;
        first.Phy.Line = _first;
        second.Phy.Line = _second;
    }

    /// <summary>Pulls the cable out.</summary>
    public void Unplug()
    {
        _first.Card.Phy.Line = null;
        _second.Card.Phy.Line = null;
    }

    private sealed class End(SimulatedBoard card, int delay) : IPinLine
    {
        // What the card's transmit pins showed in its last cycles; the other end may be behind by the delay, and looks back by as much.
        private readonly PinState[] _sent = new PinState[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(2 * delay) + 2)];
        private readonly long _start = card.Cycles;

        public SimulatedBoard Card => card;

        public End? Other { get; set; }

        public PinState Arriving(long cycle)
        {
            // In cycles since the cable was plugged in, the same for both ends.
            long since = cycle - _start - delay;
            if (since < 0)
            {
                return default;
            }

            End other = Other!;
            long missing = since + 1 - (other.Card.Cycles - other._start);
            if (missing > 0)
            {
                other.Card.Step((int)missing);
            }

            return other._sent[since & (other._sent.Length - 1)];
        }

        public void Leaving(long cycle, PinState pins) => _sent[(cycle - _start) & (_sent.Length - 1)] = pins;
    }
}

using FpgaNet.Driver;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Pci;
using FpgaNet.Stack;

namespace FpgaNet.CoSim.Tests;

/// <summary>Two Verilated cards with their drivers, on a cable whose delay is known to the clock cycle.</summary>
internal sealed class TwoCards : IDisposable
{
    private readonly LockstepClock _clock = new();
    private readonly PinCable _cable;

    public TwoCards(Random random, int delayCycles)
    {
        First = new Station(random, _clock);
        Second = new Station(random, _clock);
        _cable = new PinCable(First.Card, Second.Card, delayCycles);
        First.Open(1);
        Second.Open(2);
    }

    public Station First { get; }

    public Station Second { get; }

    /// <summary>Runs both cards to the same cycle, and takes what they have received.</summary>
    public void Run(int cycles)
    {
        for (long end = First.Card.Cycles + cycles; First.Card.Cycles < end || Second.Card.Cycles < end;)
        {
            StepTo(First.Card, Math.Min(end, First.Card.Cycles + 64));
            StepTo(Second.Card, Math.Min(end, Second.Card.Cycles + 64));
            First.Receive();
            Second.Receive();
        }
    }

    public void RunUntil(Func<bool> condition, int limit = 1_000_000)
    {
        for (long end = First.Card.Cycles + limit; !condition(); Run(64))
        {
            Assert.IsTrue(First.Card.Cycles < end, $"not in {limit} cycles: {First.Nic.State}, {Second.Nic.State}");
        }
    }

    public void Dispose()
    {
        _cable.Unplug();
        First.Dispose();
        Second.Dispose();
    }

    private static void StepTo(SimulatedCard card, long cycle)
    {
        if (card.Cycles < cycle)
        {
            card.Step((int)(cycle - card.Cycles));
        }
    }

    /// <summary>One card with its driver.</summary>
    internal sealed class Station : IDisposable
    {
        private readonly BufferPool _pool = new(256, 2048);
        private readonly RxFrame[] _batch = new RxFrame[32];
        private readonly TxFrame[] _one = new TxFrame[1];
        private readonly LockstepClock _clock;
        private readonly SimulatedPciFunction _function;
        private FpgaNic? _nic;

        public Station(Random random, LockstepClock clock)
        {
            _clock = clock;
            Card = new SimulatedCard(new SimulatedCardOptions { Pci = new PciRootOptions { Seed = random.Next() }, CycleBudget = 40_000_000 });
            clock.Add(Card);
            _function = SimulatedPciFunction.Lockstep(Card);
        }

        public SimulatedCard Card { get; }

        public FpgaNic Nic => _nic!;

        public IHardwareClock Clock => Nic.Clock!;

        /// <summary>A stack on the card, which takes what comes instead of <see cref="Arrivals"/>; null: there is none.</summary>
        public NetworkStack? Stack { get; set; }

        public TimeProvider Host => _clock;

        /// <summary>Times at which frames came, oldest first.</summary>
        public Queue<long> Arrivals { get; } = [];

        public void Open(ulong number) => _nic = FpgaNic.Open(_function, new FpgaNicOptions { MacAddress = new MacAddress(0x0200_5E10_0000 + number), RssKey = FpgaNicOptions.DefaultRssKey, TimeProvider = _clock, TxRingLog2 = 8, RxRingLog2 = 6 });

        public void Send(Random random, int length, ushort timestampId, long launchTime = 0)
        {
            PacketBuffer buffer = _pool.TryRent() ?? throw new InvalidOperationException("no buffer");
            random.NextBytes(buffer.Span[..length]);
            _one[0] = new TxFrame
            {
                Frame = new Frame(new BufferSlice(buffer, 0, length)),
                Offload = new TxOffload { TimestampId = timestampId, LaunchTime = launchTime },
            };
            Assert.AreEqual(1, Nic.Transmit(_one));
        }

        public void Receive()
        {
            if (_nic is null)
            {
                return;
            }

            if (Stack is not null)
            {
                Stack.Poll();
                return;
            }

            int count = _nic.Receive(_batch);
            foreach (ref RxFrame frame in _batch.AsSpan(0, count))
            {
                Arrivals.Enqueue(frame.Offload.Timestamp);
                frame.Frame.Release();
            }
        }

        public void Dispose()
        {
            _nic?.Dispose();
            _function.Dispose();
            Card.Dispose();
            Assert.AreEqual(_pool.BufferCount, _pool.Available);
            _pool.Dispose();
        }
    }
}

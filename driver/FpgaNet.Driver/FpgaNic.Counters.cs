using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

// Counters: the driver's own, and the card's, which start at 0 with every reset and are carried over it here.
public sealed partial class FpgaNic
{
    private readonly Lock _countersLock = new();
    private readonly ulong[] _statisticsBefore = new ulong[CardCounters.Names.Count];
    private readonly ulong[] _statisticsNow = new ulong[CardCounters.Names.Count];
    private readonly ulong[] _hostBefore;
    private readonly uint[] _hostNow;
    private readonly DriverCounters _counters = new();

    /// <inheritdoc/>
    /// <remarks>The card's counters bear the names of docs/registers.md, those of its host interface begin with <c>pcie_</c>, the
    /// driver's with <c>driver_</c>.</remarks>
    public void ReadCounters(IList<DeviceCounter> counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        lock (_countersLock)
        {
            if (_phase == Phase.Running && !_disposed)
            {
                ReadCardCounters();
            }

            for (int i = 0; i < _card.StatisticsCount; i++)
            {
                counters.Add(new(CardCounters.Names[i], _statisticsBefore[i] + _statisticsNow[i]));
            }

            for (int i = 0; i < _hostNow.Length; i++)
            {
                counters.Add(new(_transport.Counters[i].Name, _hostBefore[i] + _hostNow[i]));
            }
        }

        _counters.AddTo(counters);
    }

    private void ReadCardCounters()
    {
        for (int i = 0; i < _card.StatisticsCount; i++)
        {
            if (!_card.TryReadStatistic(i, out ulong value))
            {
                return;
            }

            _statisticsNow[i] = value;
        }

        for (int i = 0; i < _hostNow.Length; i++)
        {
            uint value = _card.ReadHost(_transport.Counters[i].Register);
            if (value == AllOnes)
            {
                return;
            }

            // 32 bits wrap within a day at full speed.
            _hostBefore[i] += value < _hostNow[i] ? 1UL << 32 : 0;
            _hostNow[i] = value;
        }
    }

    /// <summary>Before a reset clears them. What a card far away has counted since they were read last is lost: the data path waits for nobody.</summary>
    private void RememberCardCounters()
    {
        lock (_countersLock)
        {
            if (_transport.IsNear)
            {
                ReadCardCounters();
            }

            for (int i = 0; i < _statisticsNow.Length; i++)
            {
                _statisticsBefore[i] += _statisticsNow[i];
                _statisticsNow[i] = 0;
            }

            for (int i = 0; i < _hostNow.Length; i++)
            {
                _hostBefore[i] += _hostNow[i];
                _hostNow[i] = 0;
            }
        }
    }
}

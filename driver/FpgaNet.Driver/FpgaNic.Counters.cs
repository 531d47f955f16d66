using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

// Counters: the driver's own, and the card's, which start at 0 with every reset and are carried over it here.
public sealed partial class FpgaNic
{
    private static readonly (uint Register, string Name)[] s_pcieCounters =
    [
        (PcieRegisters.ReadErrors, "pcie_read_errors"),
        (PcieRegisters.ReadTimeouts, "pcie_read_timeouts"),
        (PcieRegisters.UnexpectedCompletions, "pcie_unexpected_completions"),
        (PcieRegisters.MalformedRequests, "pcie_malformed_requests"),
        (PcieRegisters.ReadRequests, "pcie_read_requests"),
        (PcieRegisters.WriteRequests, "pcie_write_requests"),
        (PcieRegisters.Interrupts, "pcie_interrupts"),
    ];

    private readonly Lock _countersLock = new();
    private readonly ulong[] _statisticsBefore = new ulong[CardCounters.Names.Count];
    private readonly ulong[] _statisticsNow = new ulong[CardCounters.Names.Count];
    private readonly ulong[] _pcieBefore = new ulong[s_pcieCounters.Length];
    private readonly uint[] _pcieNow = new uint[s_pcieCounters.Length];
    private DriverCounters _counters = new();

    /// <inheritdoc/>
    /// <remarks>The card's counters bear the names of docs/registers.md, those of its PCI Express block begin with <c>pcie_</c>, the
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

            for (int i = 0; i < s_pcieCounters.Length; i++)
            {
                counters.Add(new(s_pcieCounters[i].Name, _pcieBefore[i] + _pcieNow[i]));
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

        for (int i = 0; i < s_pcieCounters.Length; i++)
        {
            uint value = _card.ReadPcie(s_pcieCounters[i].Register);
            if (value == AllOnes)
            {
                return;
            }

            // 32 bits wrap within a day at full speed.
            _pcieBefore[i] += value < _pcieNow[i] ? 1UL << 32 : 0;
            _pcieNow[i] = value;
        }
    }

    /// <summary>Before a reset clears them.</summary>
    private void RememberCardCounters()
    {
        lock (_countersLock)
        {
            ReadCardCounters();
            for (int i = 0; i < _statisticsNow.Length; i++)
            {
                _statisticsBefore[i] += _statisticsNow[i];
                _statisticsNow[i] = 0;
            }

            for (int i = 0; i < _pcieNow.Length; i++)
            {
                _pcieBefore[i] += _pcieNow[i];
                _pcieNow[i] = 0;
            }
        }
    }
}

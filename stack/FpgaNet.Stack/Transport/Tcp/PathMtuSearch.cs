using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// Packetization-layer path MTU discovery (RFC 4821, with the states and constants of RFC 8899): what size of packets is known to arrive, and which one to try next. It neither
/// sends nor waits: who asks for a size sends a probe of it and reports what became of it.
/// </summary>
/// <param name="most">Bytes of the largest packet that would be of use: interface and peer take no more.</param>
/// <param name="size">Bytes of the packets that are sent now.</param>
internal sealed class PathMtuSearch(int most, int size)
{
    // RFC 8899 §5.1.2, MAX_PROBES: one loss may be congestion.
    private const int MostProbes = 3;

    // A search ends when there is less than this to be won.
    private const int Precision = 16;

    // RFC 8899 §5.1.1, PMTU_RAISE_TIMER; RFC 1191 §6.3 and RFC 8201 §4 say the same of what routers told.
    private static readonly TimeSpan s_raise = TimeSpan.FromMinutes(10);

    // What links and tunnels have (RFC 4821 §7.3: likely sizes first): IPv6's least, tunnels, PPPoE, Ethernet, FDDI, jumbo frames.
    private static readonly int[] s_common = [1280, 1400, 1420, 1460, 1480, 1492, 1500, 4352, 9000];

    private int _highest = size; // search_high: nothing larger is tried for now
    private bool _triesHighest;
    private int _failures;
    private Instant _raiseAt = Instant.Never;

    /// <summary>search_low: packets of so many bytes are taken to arrive.</summary>
    public int Size { get; private set; } = size;

    /// <summary>A router says what fits (RFC 1191, RFC 8201).</summary>
    public void Reduce(int mtu, Instant now)
    {
        Size = _highest = Math.Min(mtu, most);
        Finish(now);
    }

    /// <summary>Nothing arrives any more, and the size may be why (RFC 4821 §7.7): down to a size that most likely passes, and from there what had been is tried first.</summary>
    public void Fall(int to)
    {
        _highest = Math.Max(Size, to);
        Size = to;
        _failures = 0;
        _triesHighest = true;
        _raiseAt = Instant.Never;
    }

    /// <summary>Larger packets may arrive again.</summary>
    public void Raise()
    {
        _highest = most;
        _failures = 0;
        _triesHighest = most > Size;
        _raiseAt = Instant.Never;
    }

    /// <summary>The size to be probed for now, in bytes of the packet; 0: none.</summary>
    public int Next(Instant now)
    {
        if (_raiseAt <= now)
        {
            Raise();
        }

        if (_triesHighest)
        {
            return _highest;
        }

        if (_highest - Size < Precision)
        {
            if (_raiseAt == Instant.Never)
            {
                Finish(now);
            }

            return 0;
        }

        int middle = Size + ((_highest - Size + 1) / 2);
        int best = 0;
        foreach (int common in s_common)
        {
            if (common > Size && common <= _highest && Math.Abs(common - middle) < Math.Abs(best - middle))
            {
                best = common;
            }
        }

        return best != 0 ? best : middle;
    }

    /// <summary>A probe has arrived.</summary>
    public void Succeeded(int probe)
    {
        if (probe <= _highest)
        {
            Size = Math.Max(Size, probe);
            _failures = 0;
            _triesHighest = false;
        }
    }

    /// <summary>A probe was lost.</summary>
    /// <returns>Whether the size is given up: it does not pass.</returns>
    public bool Failed(int probe)
    {
        if (probe > _highest || ++_failures < MostProbes)
        {
            return false;
        }

        _failures = 0;
        _triesHighest = false;
        _highest = Math.Max(probe - 1, Size);
        return true;
    }

    private void Finish(Instant now)
    {
        _failures = 0;
        _triesHighest = false;
        _raiseAt = Size < most ? now + s_raise : Instant.Never;
    }
}

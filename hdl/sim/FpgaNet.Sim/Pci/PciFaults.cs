namespace FpgaNet.Sim.Pci;

/// <summary>How the answer to a read of the card can be spoilt.</summary>
public enum ReadFault
{
    /// <summary>Answered as it should be.</summary>
    None,

    /// <summary>Answered with status UR: nobody has that address.</summary>
    UnsupportedRequest,

    /// <summary>Answered with status CA: the completer failed.</summary>
    CompleterAbort,

    /// <summary>Data marked as bad (EP).</summary>
    Poisoned,

    /// <summary>Never answered.</summary>
    Missing,

    /// <summary>The first completion of several comes and the rest never does; a read that one completion answers is not answered at all.</summary>
    Truncated,

    /// <summary>Answered, and the last completion comes a second time at once.</summary>
    Duplicated,

    /// <summary>A completion whose tag nobody used comes first; then the answer.</summary>
    Unexpected,

    /// <summary>The last completion carries one word more than was asked for. The card must not take it.</summary>
    Overlong,
}

/// <summary>
/// Errors on demand in the answers to the card's reads. May be called from any thread; takes effect with reads that the card sends
/// afterwards.
/// </summary>
public sealed class PciFaults
{
    private readonly Lock _lock = new();
    private readonly List<Order> _orders = [];
    private volatile bool _any;

    /// <summary>Spoils the answers of reads to come.</summary>
    /// <param name="fault">How.</param>
    /// <param name="skip">Matching reads that are let pass first.</param>
    /// <param name="count">Matching reads that are spoilt.</param>
    /// <param name="where">Which reads match, by bus address and length in bytes; null for all.</param>
    public void SpoilReads(ReadFault fault, int skip = 0, int count = 1, Func<ulong, int, bool>? where = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (_lock)
        {
            _orders.Add(new Order { Fault = fault, Skip = skip, Count = count, Where = where });
            _any = true;
        }
    }

    /// <summary>Forgets what was ordered and has not happened.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _orders.Clear();
            _any = false;
        }
    }

    internal ReadFault Take(ulong address, int length)
    {
        if (!_any)
        {
            return ReadFault.None;
        }

        lock (_lock)
        {
            for (int i = 0; i < _orders.Count; i++)
            {
                Order order = _orders[i];
                if (order.Where is not null && !order.Where(address, length))
                {
                    continue;
                }

                if (order.Skip > 0)
                {
                    order.Skip--;
                    continue;
                }

                if (--order.Count == 0)
                {
                    _orders.RemoveAt(i);
                    _any = _orders.Count != 0;
                }

                return order.Fault;
            }

            return ReadFault.None;
        }
    }

    private sealed class Order
    {
        public ReadFault Fault { get; init; }

        public int Skip { get; set; }

        public int Count { get; set; }

        public Func<ulong, int, bool>? Where { get; init; }
    }
}

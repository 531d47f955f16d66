namespace FpgaNet.Stack.Sockets.Local;

/// <summary>Messages to use again, by size, so that sending allocates nothing. Guarded by the lock of <see cref="LocalDomain"/>.</summary>
internal sealed class LocalMessagePool
{
    private const int MaximumBytesFree = 2 << 20; // of each size

    private static readonly int[] s_capacities = [0, 512, 4096, 32768, 262144];

    private readonly LocalMessage?[] _free = new LocalMessage?[s_capacities.Length];
    private readonly int[] _counts = new int[s_capacities.Length];

    /// <summary>Most bytes of a stream in one message.</summary>
    public static int LargestRun => s_capacities[^2];

    /// <summary>A message without bytes.</summary>
    /// <param name="capacity">Least room in it.</param>
    public LocalMessage Rent(int capacity)
    {
        int size = 0;
        while (size < s_capacities.Length && s_capacities[size] < capacity)
        {
            size++;
        }

        if (size == s_capacities.Length)
        {
            return new LocalMessage(capacity, -1);
        }

        if (_free[size] is not { } message)
        {
            return new LocalMessage(s_capacities[size], size);
        }

        _free[size] = message.Next;
        _counts[size]--;
        message.Next = null;
        return message;
    }

    /// <summary>Takes a message back.</summary>
    public void Return(LocalMessage message)
    {
        message.Clear();
        int size = message.Size;
        if (size >= 0 && (long)_counts[size] * Math.Max(s_capacities[size], s_capacities[1]) < MaximumBytesFree)
        {
            message.Next = _free[size];
            _free[size] = message;
            _counts[size]++;
        }
    }
}

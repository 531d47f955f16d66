using System.Numerics;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>A set of descriptors (<c>fd_set</c>, select(2)), of any size: FD_SETSIZE has no meaning here.</summary>
public sealed class FdSet
{
    private const int WordBits = 64;

    private ulong[] _words;

    /// <summary>Makes an empty set.</summary>
    /// <param name="capacity">It holds descriptors below this number before it has to grow.</param>
    public FdSet(int capacity = 1024) => _words = new ulong[(Math.Max(1, capacity) + WordBits - 1) / WordBits];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>FD_ZERO.</summary>
    public void Zero() => Array.Clear(_words);

    /// <summary>FD_SET.</summary>
    /// <param name="descriptor">The descriptor; not negative.</param>
    public void Set(int descriptor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(descriptor);
        int word = descriptor / WordBits;
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, Math.Max(word + 1, 2 * _words.Length));
        }

        _words[word] |= 1ul << (descriptor % WordBits);
    }

    /// <summary>FD_CLR.</summary>
    /// <param name="descriptor">The descriptor.</param>
    public void Clear(int descriptor)
    {
        if ((uint)descriptor / WordBits < (uint)_words.Length)
        {
            _words[descriptor / WordBits] &= ~(1ul << (descriptor % WordBits));
        }
    }

    /// <summary>FD_ISSET.</summary>
    /// <param name="descriptor">The descriptor.</param>
    public bool IsSet(int descriptor) => (uint)descriptor / WordBits < (uint)_words.Length && (_words[descriptor / WordBits] & (1ul << (descriptor % WordBits))) != 0;

    /// <summary>The first member at or above a number; −1: none.</summary>
    /// <param name="from">Where to begin.</param>
    internal int Next(int from)
    {
        int word = from / WordBits;
        if (word >= _words.Length)
        {
            return -1;
        }

        ulong left = _words[word] & (ulong.MaxValue << (from % WordBits));
        while (left == 0)
        {
            if (++word == _words.Length)
            {
                return -1;
            }

            left = _words[word];
        }

        return (word * WordBits) + BitOperations.TrailingZeroCount(left);
    }
}

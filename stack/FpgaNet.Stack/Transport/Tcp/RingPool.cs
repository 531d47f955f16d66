using System.Numerics;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// Arrays for rings, of powers of two in length: a queue takes one when something comes in and gives it back when it is empty, so that a connection that does nothing holds
/// none and one that does much allocates none. Used under the stack's lock.
/// </summary>
/// <typeparam name="T">What lies in the rings; it holds no references, so that nothing has to be cleared.</typeparam>
internal sealed class RingPool<T>
    where T : unmanaged
{
    private const int LeastLength = 8;
    private const int MostLength = 1 << 20;

    // Of each length so many elements wait for their next use at most; beyond them the garbage collector has them.
    private const int MostElements = 1 << 16;

    private readonly T[]?[][] _free = new T[]?[BitOperations.Log2(MostLength) + 1][];
    private readonly int[] _counts = new int[BitOperations.Log2(MostLength) + 1];

    /// <summary>A ring with room for so many elements at least; its contents are arbitrary.</summary>
    public T[] Rent(int length)
    {
        int size = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, LeastLength)));
        return size < _counts.Length && _counts[size] != 0 ? _free[size][--_counts[size]]! : new T[1 << size];
    }

    /// <summary>Takes a ring back; one without length is none.</summary>
    public void Return(T[] ring)
    {
        int size = BitOperations.Log2((uint)ring.Length);
        if (ring.Length == 0 || ring.Length > MostLength)
        {
            return;
        }

        _free[size] ??= new T[]?[Math.Max(MostElements >> size, 1)];
        if (_counts[size] < _free[size].Length)
        {
            _free[size][_counts[size]++] = ring;
        }
    }

    /// <summary>A larger ring with the contents of a full one, from its first element on; the full one is taken back.</summary>
    /// <param name="ring">The full ring.</param>
    /// <param name="first">Place of its first element.</param>
    public T[] Grow(T[] ring, int first)
    {
        T[] larger = Rent(ring.Length + 1);
        ring.AsSpan(first).CopyTo(larger);
        ring.AsSpan(0, first).CopyTo(larger.AsSpan(ring.Length - first));
        Return(ring);
        return larger;
    }
}

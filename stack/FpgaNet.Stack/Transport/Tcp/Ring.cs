using System.Diagnostics.CodeAnalysis;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>
/// The elements of a queue, in an array of a <see cref="RingPool{T}"/> from the second on. A single one lies here: in request and response there is hardly ever more, and taking an
/// array and giving it back for each message took 60 ns of a round trip.
/// </summary>
/// <typeparam name="T">As in <see cref="RingPool{T}"/>.</typeparam>
internal struct Ring<T>
    where T : unmanaged
{
    private T[]? _array;
    private int _first;
    private T _single;

    /// <summary>Elements.</summary>
    public int Count { get; private set; }

    /// <summary>Element <paramref name="index"/>, the oldest being 0.</summary>
    [UnscopedRef]
    public ref T this[int index] => ref _array is null ? ref _single : ref _array[(_first + index) & (_array.Length - 1)];

    /// <summary>Adds one at the end.</summary>
    /// <returns>Its place, which holds anything: it is filled there, since a copy of what was just written in parts costs more than the writing.</returns>
    [UnscopedRef]
    public ref T Add(RingPool<T> pool)
    {
        MakeRoom(pool);
        return ref this[Count++];
    }

    /// <summary>Puts one in before element <paramref name="index"/>.</summary>
    public void Insert(RingPool<T> pool, int index, in T item)
    {
        MakeRoom(pool);
        if (_array is not null && index < Count / 2)
        {
            _first = (_first - 1) & (_array.Length - 1);
            for (int i = 0; i < index; i++)
            {
                this[i] = this[i + 1];
            }
        }
        else
        {
            for (int i = Count; i > index; i--)
            {
                this[i] = this[i - 1];
            }
        }

        Count++;
        this[index] = item;
    }

    /// <summary>Takes the oldest one out.</summary>
    public void RemoveFirst(RingPool<T> pool)
    {
        if (--Count == 0)
        {
            Clear(pool);
        }
        else
        {
            _first++; // the mask takes care of the end
        }
    }

    /// <summary>Takes element <paramref name="index"/> out.</summary>
    public void RemoveAt(RingPool<T> pool, int index)
    {
        if (index < Count / 2)
        {
            for (int i = index; i > 0; i--)
            {
                this[i] = this[i - 1];
            }

            RemoveFirst(pool);
            return;
        }

        for (int i = index; i < Count - 1; i++)
        {
            this[i] = this[i + 1];
        }

        if (--Count == 0)
        {
            Clear(pool);
        }
    }

    /// <summary>Takes all out.</summary>
    public void Clear(RingPool<T> pool)
    {
        Count = 0;
        if (_array is { } array)
        {
            _array = null;
            pool.Return(array);
        }
    }

    private void MakeRoom(RingPool<T> pool)
    {
        if (_array is not null)
        {
            if (Count == _array.Length)
            {
                _array = pool.Grow(_array, _first & (_array.Length - 1));
                _first = 0;
            }
        }
        else if (Count != 0)
        {
            _array = pool.Rent(2);
            _array[0] = _single;
            _first = 0;
        }
    }
}

namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>The bytes of a message to be sent, in one run or in several (<c>msg_iov</c>, sendmsg(2)).</summary>
public readonly ref struct GatherList
{
    /// <summary>The most that one call takes or gives (MAX_RW_COUNT, write(2)).</summary>
    public const int MostBytes = 0x7FFFF000;

    private readonly ReadOnlySpan<byte> _first;
    private readonly ReadOnlySpan<ReadOnlyMemory<byte>> _rest;

    /// <summary>One run.</summary>
    /// <param name="bytes">The bytes.</param>
    public GatherList(ReadOnlySpan<byte> bytes)
    {
        _first = bytes;
        Length = bytes.Length;
    }

    /// <summary>Several runs.</summary>
    /// <param name="runs">The runs, in order; what is behind the first <see cref="MostBytes"/> is left out.</param>
    public GatherList(ReadOnlySpan<ReadOnlyMemory<byte>> runs)
    {
        long length = 0;
        foreach (ReadOnlyMemory<byte> run in runs)
        {
            length += run.Length;
        }

        _rest = runs;
        Length = (int)Math.Min(length, MostBytes);
    }

    private GatherList(ReadOnlySpan<byte> first, ReadOnlySpan<ReadOnlyMemory<byte>> rest, int length)
    {
        _first = first.Length > length ? first[..length] : first;
        _rest = rest;
        Length = length;
    }

    /// <summary>How many runs; an only one that is empty is none.</summary>
    public int Runs => _rest.Length + (_first.IsEmpty ? 0 : 1);

    /// <summary>Bytes in all.</summary>
    public int Length { get; }

    /// <summary>There are none.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The first run that is not empty; all of it when there is one only.</summary>
    public ReadOnlySpan<byte> First => _first.IsEmpty && !_rest.IsEmpty ? Slice(0)._first : _first;

    /// <summary>The whole is in <see cref="First"/>.</summary>
    public bool IsSingle => _first.Length == Length || First.Length == Length;

    /// <summary>What is left behind the first bytes.</summary>
    /// <param name="start">How many to leave out.</param>
    public GatherList Slice(int start)
    {
        int length = Length - start;
        ReadOnlySpan<byte> first = _first;
        ReadOnlySpan<ReadOnlyMemory<byte>> rest = _rest;
        while (start >= first.Length && !rest.IsEmpty)
        {
            start -= first.Length;
            first = rest[0].Span;
            rest = rest[1..];
        }

        return new GatherList(first[start..], rest, length);
    }

    /// <summary>Copies as much as fits.</summary>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>Bytes copied.</returns>
    public int CopyTo(Span<byte> destination)
    {
        destination = destination[..Math.Min(Length, destination.Length)];
        int count = Math.Min(_first.Length, destination.Length);
        _first[..count].CopyTo(destination);
        foreach (ReadOnlyMemory<byte> run in _rest)
        {
            int part = Math.Min(run.Length, destination.Length - count);
            run.Span[..part].CopyTo(destination[count..]);
            count += part;
        }

        return count;
    }
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>A datagram, a record or a run of a stream's bytes on its way, and what goes with it. Used again through <see cref="LocalMessagePool"/>.</summary>
internal sealed class LocalMessage
{
    private readonly byte[] _bytes;
    private BufferSlice _slice; // in place of the bytes, when the sender handed its buffer over

    /// <summary>Makes one.</summary>
    /// <param name="capacity">Most bytes in it.</param>
    /// <param name="size">Which of the pool's sizes that is; −1: none of them.</param>
    public LocalMessage(int capacity, int size)
    {
        _bytes = capacity == 0 ? [] : GC.AllocateUninitializedArray<byte>(capacity);
        Size = size;
    }

    /// <summary>Which of the pool's sizes it is of.</summary>
    public int Size { get; }

    /// <summary>The next in the queue or in the pool.</summary>
    public LocalMessage? Next { get; set; }

    /// <summary>Who sent it, and is charged for it until it is received.</summary>
    public LocalSocket? Sender { get; set; }

    /// <summary>What it costs the sender.</summary>
    public int Charge { get; set; }

    /// <summary>The sender's name; null: it had none.</summary>
    public LocalName? From { get; set; }

    /// <summary>Who the sender says it is (SCM_CREDENTIALS).</summary>
    public Credentials Credentials { get; set; }

    /// <summary>What goes with it (SCM_RIGHTS), with a reference for each.</summary>
    public IOpenDescription[]? Rights { get; set; }

    /// <summary>The sender gave MSG_EOR.</summary>
    public bool EndsRecord { get; set; }

    /// <summary>First byte that was not received yet.</summary>
    public int Start { get; private set; }

    /// <summary>Behind the last byte.</summary>
    public int End { get; private set; }

    /// <summary>Bytes left.</summary>
    public int Length => End - Start;

    /// <summary>Bytes that can still be added.</summary>
    public int Room => _bytes.Length - End;

    /// <summary>The bytes left.</summary>
    public ReadOnlySpan<byte> Bytes => _slice.Buffer.IsNone ? _bytes.AsSpan(Start, Length) : _slice.Span[Start..End];

    /// <summary>Adds bytes.</summary>
    /// <param name="data">As many of them as there is room for are taken.</param>
    /// <param name="limit">Most bytes to take.</param>
    /// <returns>Bytes taken.</returns>
    public int Append(GatherList data, int limit)
    {
        int count = data.CopyTo(_bytes.AsSpan(End, Math.Min(limit, Room)));
        End += count;
        return count;
    }

    /// <summary>Adds bytes for which there is room.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        data.CopyTo(_bytes.AsSpan(End));
        End += data.Length;
    }

    /// <summary>Takes a buffer over, with the reference that the sender held.</summary>
    public void Take(BufferSlice slice)
    {
        _slice = slice;
        End = slice.Length;
    }

    /// <summary>Hands the buffer on, with its reference.</summary>
    /// <returns>False: the bytes are in none.</returns>
    public bool TryHandOver(out BufferSlice slice)
    {
        slice = default;
        if (_slice.Buffer.IsNone)
        {
            return false;
        }

        slice = _slice.Slice(Start, Length);
        _slice = default;
        return true;
    }

    /// <summary>The first bytes were received.</summary>
    public void Skip(int count) => Start += count;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        if (!_slice.Buffer.IsNone)
        {
            _slice.Release();
            _slice = default;
        }

        Next = null;
        Sender = null;
        From = null;
        Rights = null;
        EndsRecord = false;
        Start = End = Charge = 0;
    }
}

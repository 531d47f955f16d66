using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Buffers;

/// <summary>
/// One fixed-size, reference-counted block of memory from a <see cref="BufferPool"/>. The value is a handle of eight bytes that
/// the garbage collector does not see; the blocks are made once with their pool and reused for ever: renting and releasing never allocate. Whoever
/// holds a reference may read; only a sole holder may write. Reference counts may be changed from any thread.
/// </summary>
public readonly unsafe struct PacketBuffer : IEquatable<PacketBuffer>
{
    private readonly BufferControl* _control;

    internal PacketBuffer(BufferControl* control) => _control = control;

    /// <summary>No buffer: the default value, on which nothing else may be asked.</summary>
    public bool IsNone => _control is null;

    /// <summary>The pool this buffer returns to when its last reference is released.</summary>
    public BufferPool Pool => BufferPool.Find(_control->PoolId);

    /// <summary>Position in the pool, 0 to <see cref="BufferPool.BufferCount"/> − 1.</summary>
    public int Index => _control->Index;

    /// <summary>Address of the first byte. It never changes: the memory is outside the managed heap.</summary>
    public nint Address => _control->Address;

    /// <summary>Size in bytes.</summary>
    public int Capacity => _control->Capacity;

    /// <summary>How many references are held; 0 means that the buffer lies in its pool.</summary>
    public int References => Volatile.Read(ref _control->References);

    /// <summary>All bytes of the buffer. The span is valid for as long as a reference is held.</summary>
    public Span<byte> Span => MemoryMarshal.CreateSpan(ref *(byte*)_control->Address, _control->Capacity); // without a look at the length's sign

    /// <summary>Whether both are the same buffer.</summary>
    public static bool operator ==(PacketBuffer left, PacketBuffer right) => left._control == right._control;

    /// <summary>Whether they are different buffers.</summary>
    public static bool operator !=(PacketBuffer left, PacketBuffer right) => left._control != right._control;

    /// <summary>Takes one more reference.</summary>
    /// <exception cref="InvalidOperationException">The buffer is not in use.</exception>
    public void AddReference() => AddReferences(1);

    /// <summary>Takes several further references in one interlocked operation.</summary>
    /// <param name="count">How many, 0 or more.</param>
    /// <exception cref="InvalidOperationException">The buffer is not in use.</exception>
    public void AddReferences(int count)
    {
        if (Interlocked.Add(ref _control->References, count) <= count)
        {
            Interlocked.Add(ref _control->References, -count);
            ThrowNotInUse();
        }
    }

    /// <summary>Gives one reference back; the last one returns the buffer to its pool.</summary>
    /// <exception cref="InvalidOperationException">No reference was held.</exception>
    public void Release() => Release(1);

    /// <summary>Gives several references back in one interlocked operation; the last one returns the buffer to its pool.</summary>
    /// <param name="count">How many, 1 or more.</param>
    /// <exception cref="InvalidOperationException">So many references were not held.</exception>
    public void Release(int count)
    {
        // The holder of all references needs no interlocked operation: nobody else can change the count.
        if (Volatile.Read(ref _control->References) == count)
        {
            _control->References = 0;
            Pool.Return(_control);
            return;
        }

        int left = Interlocked.Add(ref _control->References, -count);
        if (left == 0)
        {
            Pool.Return(_control);
        }
        else if (left < 0)
        {
            Interlocked.Add(ref _control->References, count);
            ThrowNotInUse();
        }
    }

    /// <summary>As <see cref="Release()"/>, for the owner of the pool (<see cref="BufferPool.TryRentOwned"/>).</summary>
    /// <exception cref="InvalidOperationException">No reference was held.</exception>
    public void ReleaseOwned()
    {
        if (Volatile.Read(ref _control->References) != 1)
        {
            Release(1);
            return;
        }

        _control->References = 0;
        Pool.ReturnOwned(_control);
    }

    /// <inheritdoc/>
    public bool Equals(PacketBuffer other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PacketBuffer other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => ((nint)_control).GetHashCode();

    internal void MarkRented() => Volatile.Write(ref _control->References, 1);

    private static void ThrowNotInUse() =>
        throw new InvalidOperationException("A packet buffer was used after its last reference was released.");
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace FpgaNet.Packets.Buffers;

/// <summary>
/// What a <see cref="PacketBuffer"/> refers to: half a cache line outside the managed heap for each buffer, so that slices, frames and their
/// rings hold no reference that the garbage collector has to be told of (a frame copied into an array costs no write barrier).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BufferControl
{
    public nint Address;
    public int Capacity;
    public int References;
    public int Index;
    public int PoolId;
    public int Next; // the free list's
    public int Reserved;
}

/// <summary>
/// Memory for the control blocks of pools. It is never given back to the operating system, only to later pools: a handle that outlived its pool still finds a
/// count of references there, and is found out.
/// </summary>
internal static unsafe class BufferControls
{
    private static readonly Lock s_lock = new();
    private static readonly Stack<nint>[] s_free = [.. Enumerable.Range(0, 32).Select(static _ => new Stack<nint>())];

    /// <summary>Control blocks, cleared.</summary>
    public static BufferControl* Rent(int count)
    {
        int size = Log2(count);
        lock (s_lock)
        {
            if (s_free[size].TryPop(out nint block))
            {
                NativeMemory.Clear((void*)block, (nuint)sizeof(BufferControl) << size);
                return (BufferControl*)block;
            }
        }

        nuint length = (nuint)sizeof(BufferControl) << size;
        BufferControl* made = (BufferControl*)NativeMemory.AlignedAlloc(length, 64);
        NativeMemory.Clear(made, length);
        return made;
    }

    /// <summary>Takes them back.</summary>
    public static void Return(BufferControl* block, int count)
    {
        lock (s_lock)
        {
            s_free[Log2(count)].Push((nint)block);
        }
    }

    private static int Log2(int count) => BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)count));
}

using System.Runtime.InteropServices;
using FpgaNet.Driver.Pci;

namespace FpgaNet.Driver.Rings;

/// <summary>
/// Memory that the card reads and writes: page aligned, outside the managed heap, mapped for as long as it lives. Unsafe because
/// it is not the runtime's memory; everybody else sees spans.
/// </summary>
internal sealed unsafe class DmaMemory
{
    private const int PageSize = 4096;

    private readonly IPciFunction _function;
    private readonly int _length;
    private void* _address;

    public DmaMemory(IPciFunction function, int byteLength)
    {
        _function = function;
        _length = (byteLength + PageSize - 1) & ~(PageSize - 1);
        _address = NativeMemory.AlignedAlloc((nuint)_length, PageSize);
        NativeMemory.Clear(_address, (nuint)_length);
        BusAddress = function.MapDma((nint)_address, (nuint)_length);
    }

    /// <summary>Bus address of the first byte.</summary>
    public ulong BusAddress { get; }

    /// <summary>The memory as a run of <typeparamref name="T"/>.</summary>
    public Span<T> Entries<T>()
        where T : unmanaged => new(_address, _length / sizeof(T));

    public void Clear() => NativeMemory.Clear(_address, (nuint)_length);

    /// <summary>Ends the mapping and frees the memory: only when the card is known to be quiet.</summary>
    public void Free()
    {
        if (_address is not null)
        {
            _function.UnmapDma(BusAddress);
            NativeMemory.AlignedFree(_address);
            _address = null;
        }
    }
}

namespace FpgaNet.Sim.Pci;

/// <summary>
/// What the card can reach of the process's memory: regions with bus addresses, each followed by a hole, so that an access past an end is found. Regions may
/// be mapped and unmapped from any thread while the card runs.
/// </summary>
public sealed class HostMemory
{
    /// <summary>Size of a page in bytes: the unit of mapping.</summary>
    public const int PageSize = 4096;

    private readonly Lock _lock = new();
    private ulong _nextAddress;

    // Replaced, never changed: the simulation's thread reads it without a lock.
    private Region[] _regions = [];

    // The region of the last access, good for as long as the list that it was found in. Only the simulation's thread touches the two.
    private Region[] _lastRegions = [];
    private Region? _last;

    /// <summary>Makes an empty map.</summary>
    /// <param name="firstAddress">Bus address of the first region, page aligned. From 4 GB on every request of the card needs a 64-bit address.</param>
    public HostMemory(ulong firstAddress)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(firstAddress % PageSize, 0UL);
        _nextAddress = firstAddress;
    }

    /// <summary>Regions mapped now.</summary>
    public int RegionCount => Volatile.Read(ref _regions).Length;

    /// <summary>Maps memory.</summary>
    /// <param name="address">First byte, page aligned.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <returns>The bus address.</returns>
    /// <exception cref="ArgumentException">Not whole pages.</exception>
    public ulong Map(nint address, nuint length)
    {
        if (address % PageSize != 0 || length == 0 || length % PageSize != 0)
        {
            throw new ArgumentException($"A DMA mapping is whole pages of {PageSize} bytes, not {length} bytes at 0x{address:x}.", nameof(length));
        }

        lock (_lock)
        {
            // No region straddles 4 GB: the two header formats would meet inside it (PCIe Base 4.0 §2.2.4.1).
            ulong bus = _nextAddress;
            if (bus < 1UL << 32 && bus + length > 1UL << 32)
            {
                bus = 1UL << 32;
            }

            _nextAddress = bus + length + PageSize;
            Volatile.Write(ref _regions, [.. _regions, new Region(bus, length, address)]);
            return bus;
        }
    }

    /// <summary>Ends a mapping.</summary>
    /// <param name="busAddress">What <see cref="Map"/> returned.</param>
    /// <exception cref="ArgumentException">Nothing is mapped there.</exception>
    public void Unmap(ulong busAddress)
    {
        lock (_lock)
        {
            int index = Array.FindIndex(_regions, region => region.BusAddress == busAddress);
            if (index < 0)
            {
                throw new ArgumentException($"No DMA mapping starts at bus address 0x{busAddress:x}.", nameof(busAddress));
            }

            Volatile.Write(ref _regions, [.. _regions[..index], .. _regions[(index + 1)..]]);
        }
    }

    /// <summary>Finds the memory behind a bus address. For the simulation's thread alone.</summary>
    /// <param name="busAddress">First byte.</param>
    /// <param name="length">Bytes; all must lie in one region.</param>
    /// <param name="address">The process's address.</param>
    public bool TryTranslate(ulong busAddress, int length, out nint address)
    {
        Region[] regions = Volatile.Read(ref _regions);
        if (regions != _lastRegions || _last is null || !_last.Contains(busAddress, length))
        {
            _lastRegions = regions;
            _last = null;
            foreach (Region region in regions)
            {
                if (region.Contains(busAddress, length))
                {
                    _last = region;
                    break;
                }
            }
        }

        address = _last is null ? 0 : _last.Address + (nint)(busAddress - _last.BusAddress);
        return _last is not null;
    }

    private sealed record Region(ulong BusAddress, nuint Length, nint Address)
    {
        public bool Contains(ulong busAddress, int length) =>
            busAddress >= BusAddress && busAddress - BusAddress < Length && (ulong)length <= Length - (busAddress - BusAddress);
    }
}

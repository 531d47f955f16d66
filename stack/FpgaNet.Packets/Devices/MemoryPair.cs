using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Packets.Devices;

/// <summary>How a <see cref="MemoryPair"/> is made.</summary>
public sealed record MemoryPairOptions
{
    /// <summary>The features of both ends that can be had here: transmit checksum and segmentation.</summary>
    public const OffloadFeatures SupportedFeatures = OffloadFeatures.TxChecksum | OffloadFeatures.TxSegmentation;

    /// <summary>
    /// Features of both ends, a part of <see cref="SupportedFeatures"/>. With them frames pass as they are, still owing, as over virtio or veth, and the
    /// receiver sees a <see cref="ChecksumVerdict.Good"/> for the checksum that nobody has computed and for that of the IPv4 header. None by default: every frame is complete.
    /// </summary>
    public OffloadFeatures Features { get; init; }

    /// <summary>Largest network-layer packet in bytes.</summary>
    public int MaximumTransmissionUnit { get; init; } = 1500;

    /// <summary>Largest frame in bytes that is taken uncut, when <see cref="Features"/> has segmentation.</summary>
    public int MaximumSegmentationSize { get; init; } = 65535;

    /// <summary>Frames in flight in each direction; rounded up to a power of two.</summary>
    public int Capacity { get; init; } = 256;

    /// <summary>Address of end A.</summary>
    public MacAddress MacAddressA { get; init; } = new(0x02_00_5E_00_00_0A);

    /// <summary>Address of end B.</summary>
    public MacAddress MacAddressB { get; init; } = new(0x02_00_5E_00_00_0B);
}

/// <summary>
/// Two network devices joined in memory. Nothing is copied: a frame's references move to the other end. Nothing is lost either: an end
/// that is full takes fewer frames. Each end is used by one thread at a time; the two ends may be on different threads.
/// </summary>
public sealed class MemoryPair : IDisposable
{
    /// <summary>Makes a pair.</summary>
    /// <param name="options">How; null: the defaults.</param>
    /// <exception cref="ArgumentException">A feature was asked for that memory cannot offer.</exception>
    public MemoryPair(MemoryPairOptions? options = null)
    {
        options ??= new MemoryPairOptions();
        if ((options.Features & ~MemoryPairOptions.SupportedFeatures) != OffloadFeatures.None)
        {
            throw new ArgumentException(
                $"A memory pair offers {MemoryPairOptions.SupportedFeatures} at most, not {options.Features & ~MemoryPairOptions.SupportedFeatures}.", nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumTransmissionUnit, 68); // RFC 791: every module must forward 68 octets
        Lock pairLock = new();
        MemoryDevice a = new("memory-a", options.MacAddressA, options, pairLock);
        MemoryDevice b = new("memory-b", options.MacAddressB, options, pairLock);
        a.Join(b);
        b.Join(a);
        A = a;
        B = b;
    }

    /// <summary>One end.</summary>
    public INetworkDevice A { get; }

    /// <summary>The other end.</summary>
    public INetworkDevice B { get; }

    /// <summary>Disposes both ends and releases what was under way. Neither end may be in use.</summary>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}

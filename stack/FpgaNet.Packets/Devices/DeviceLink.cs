using System.Globalization;

namespace FpgaNet.Packets.Devices;

/// <summary>A device's link.</summary>
/// <param name="BitsPerSecond">Its speed; 0 when the device has none of its own.</param>
/// <param name="FullDuplex">Both ends may send at the same time.</param>
public readonly record struct DeviceLink(long BitsPerSecond, bool FullDuplex)
{
    /// <summary>Such as <c>100 Mb/s full duplex</c>.</summary>
    public override string ToString() => BitsPerSecond == 0
        ? "no speed of its own"
        : string.Create(CultureInfo.InvariantCulture, $"{(BitsPerSecond < 1_000_000_000 ? BitsPerSecond / 1e6 : BitsPerSecond / 1e9):G4} {(BitsPerSecond < 1_000_000_000 ? "Mb/s" : "Gb/s")} {(FullDuplex ? "full" : "half")} duplex");
}

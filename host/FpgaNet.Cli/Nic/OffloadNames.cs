using FpgaNet.Packets.Offload;

namespace FpgaNet.Cli.Nic;

/// <summary>The offloads by the names that people type.</summary>
internal static class OffloadNames
{
    private static readonly (string Name, OffloadFeatures Feature)[] s_names =
    [
        ("tx-checksum", OffloadFeatures.TxChecksum),
        ("rx-checksum", OffloadFeatures.RxChecksum),
        ("tso4", OffloadFeatures.TxSegmentationTcp4),
        ("tso6", OffloadFeatures.TxSegmentationTcp6),
        ("uso", OffloadFeatures.TxSegmentationUdp),
        ("vlan", OffloadFeatures.TxVlanInsert),
        ("rx-hash", OffloadFeatures.RxHash),
        ("gro", OffloadFeatures.RxCoalesce),
        ("rx-vlan", OffloadFeatures.RxVlanStrip),
    ];

    public static string All => string.Join(',', s_names.Select(n => n.Name));

    /// <summary>Reads <c>all</c>, <c>none</c> or a list with commas.</summary>
    /// <exception cref="FormatException">A name is not known.</exception>
    public static OffloadFeatures Parse(string text)
    {
        switch (text)
        {
            case "all":
                return OffloadFeatures.All;
            case "none":
                return OffloadFeatures.None;
        }

        OffloadFeatures features = OffloadFeatures.None;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            OffloadFeatures feature = s_names.FirstOrDefault(n => string.Equals(n.Name, part, StringComparison.OrdinalIgnoreCase)).Feature;
            features |= feature != OffloadFeatures.None
                ? feature
                : throw new FormatException($"'{part}' is not an offload: write all, none, or some of {All}.");
        }

        return features;
    }

    public static string Describe(OffloadFeatures features)
    {
        string[] names = [.. s_names.Where(n => features.HasFlag(n.Feature)).Select(static n => n.Name)];
        return names.Length == 0 ? "none" : string.Join(", ", names);
    }
}

using System.Buffers.Binary;
using System.Numerics;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>What the receive path makes of a frame: where it goes, and as what. The card must say the same.</summary>
internal sealed class RxClassifier(RxReference reference)
{
    public byte[] Indirection { get; } = new byte[128];

    public byte DefaultQueue { get; set; }

    public bool Strip { get; set; }

    public bool Promiscuous { get; set; }

    /// <summary>Destination addresses that pass, besides broadcast.</summary>
    public HashSet<ulong> Stations { get; } = [];

    /// <summary>Known flows by key, with register Action.</summary>
    public Dictionary<string, (uint[] Key, uint Action)> Flows { get; } = [];

    /// <summary>The nine key words of a TCP or UDP packet, and bits Udp and IPv6 of its action; null for others.</summary>
    public static (uint[] Key, uint Kind)? FlowOf(RxFindings found, ReadOnlySpan<byte> frame)
    {
        if (found.Transport is not (TransportProtocol.Tcp or TransportProtocol.Udp))
        {
            return null;
        }

        bool v6 = found.Network == NetworkProtocol.IPv6;
        ReadOnlySpan<byte> addresses = frame.Slice(found.NetworkOffset + (v6 ? 8 : 12), v6 ? 32 : 8);
        byte[] bytes = [.. new byte[32 - addresses.Length], .. addresses, .. frame.Slice(found.TransportOffset, 4)];
        uint[] key = [.. Enumerable.Range(0, 9).Select(i => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 * i)))];
        return (key, (found.Transport == TransportProtocol.Udp ? 1u << 28 : 0) | (v6 ? 1u << 29 : 0));
    }

    public static string Name(uint[] key, uint kind) => string.Join('.', key) + (kind >> 28);

    /// <summary>The four slots in which a flow may lie.</summary>
    public IEnumerable<int> Slots(uint[] key, uint kind, int slots)
    {
        byte[] input = new byte[36];
        for (int i = 0; i < 9; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(4 * i), key[i]);
        }

        uint hash = RxReference.Toeplitz(reference.Key, (kind >> 29 & 1) != 0 ? input : input.AsSpan(24));
        return Enumerable.Range(0, 4).Select(c => (int)(BitOperations.RotateRight(hash, 8 * c) % slots));
    }

    /// <returns>The frame and its completion as the host shall see them; no frame when it is dropped, then by the filter or by its flow.</returns>
    public (byte[]? Frame, RxFindings Found, bool Filtered) Classify(byte[] frame)
    {
        RxFindings found = reference.Examine(frame);
        ulong destination = BinaryPrimitives.ReadUInt64BigEndian(frame) >> 16;
        if (!Promiscuous && destination != 0xFFFF_FFFF_FFFF && !Stations.Contains(destination))
        {
            return (null, found, true);
        }

        found = found with { Queue = (found.HashType == RssHashType.None ? DefaultQueue : Indirection[found.Hash & 127]) & 15 };
        if (FlowOf(found, frame) is { } flow && Flows.TryGetValue(Name(flow.Key, flow.Kind), out (uint[] Key, uint Action) entry))
        {
            if ((entry.Action >> 25 & 1) != 0)
            {
                return (null, found, false);
            }

            int queue = (entry.Action >> 24 & 1) != 0 ? (int)(entry.Action >> 16 & 15) : found.Queue;
            found = found with { FlowId = (int)(entry.Action & 0xFFFF), Queue = queue };
        }

        return Strip && found.VlanTag is not null ? ([.. frame[..12], .. frame[16..]], Stripped(found), false) : (frame, found, false);
    }

    private static RxFindings Stripped(RxFindings found) => found with
    {
        VlanStripped = true,
        Length = found.Length - 4,
        NetworkOffset = Math.Max(0, found.NetworkOffset - 4),
        TransportOffset = Math.Max(0, found.TransportOffset - 4),
    };
}

namespace FpgaNet.Rtl.Tests.Tx;

/// <summary>Codes of enum Status (hdl/regs/registers.json).</summary>
internal enum TxStatus : byte
{
    Ok = 0,
    LengthMismatch = 2,
    Oversize = 3,
    ChecksumRange = 4,
    Unsupported = 5,
}

/// <summary>What the host asks for with a frame: the fields of format TxHeader that the checksum stage reads.</summary>
internal sealed record TxRequest(int Length)
{
    public bool Checksum { get; init; }

    public int Start { get; init; }

    public int Offset { get; init; }

    public bool ZeroAsOnes { get; init; }

    public bool InsertVlan { get; init; }

    public int Segmentation { get; init; }

    /// <summary>The header with noise in the fields that do not matter here.</summary>
    public uint[] ToWords(Random random) =>
    [
        (uint)Start | ((uint)Offset << 16),
        (uint)random.NextInt64(),
        (uint)Length | ((uint)random.Next(16) << 24),
        (Checksum ? 1u : 0) | (ZeroAsOnes ? 2u : 0) | (InsertVlan ? 4u : 0) | ((uint)Segmentation << 4),
    ];
}

/// <summary>The checksum stage by the book (RFC 1071).</summary>
internal static class TxChecksumReference
{
    public const int ShortestFrame = 14;
    public const int LongestFrame = 1518;

    public static TxStatus Judge(byte[] frame, TxRequest request) =>
        request.Segmentation != 0 || request.InsertVlan ? TxStatus.Unsupported
        : frame.Length is < ShortestFrame or > LongestFrame ? TxStatus.Oversize
        : frame.Length != request.Length ? TxStatus.LengthMismatch
        : request.Checksum && request.Start + request.Offset + 2 > frame.Length ? TxStatus.ChecksumRange
        : TxStatus.Ok;

    public static byte[] Apply(byte[] frame, TxRequest request)
    {
        byte[] result = [.. frame];
        if (!request.Checksum)
        {
            return result;
        }

        uint sum = 0;
        for (int i = request.Start; i < frame.Length; i++)
        {
            sum += (i - request.Start) % 2 == 0 ? (uint)frame[i] << 8 : frame[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        ushort checksum = (ushort)~sum;
        if (checksum == 0 && request.ZeroAsOnes)
        {
            checksum = 0xFFFF;
        }

        int at = request.Start + request.Offset;
        result[at] = (byte)(checksum >> 8);
        result[at + 1] = (byte)checksum;
        return result;
    }
}

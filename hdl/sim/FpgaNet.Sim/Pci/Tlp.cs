using System.Buffers.Binary;

namespace FpgaNet.Sim.Pci;

/// <summary>Format and type of a transaction layer packet, header bits 31:24 of the first word (PCIe Base 4.0 table 2-3).</summary>
public enum TlpType : byte
{
    /// <summary>Memory read, 32-bit address.</summary>
    MemoryRead32 = 0x00,

    /// <summary>Memory read, 64-bit address.</summary>
    MemoryRead64 = 0x20,

    /// <summary>Memory write, 32-bit address.</summary>
    MemoryWrite32 = 0x40,

    /// <summary>Memory write, 64-bit address.</summary>
    MemoryWrite64 = 0x60,

    /// <summary>Completion without data.</summary>
    Completion = 0x0A,

    /// <summary>Completion with data.</summary>
    CompletionData = 0x4A,
}

/// <summary>How a request was answered (PCIe Base 4.0 table 2-34).</summary>
public enum CompletionStatus : byte
{
    /// <summary>Successful completion.</summary>
    Success = 0,

    /// <summary>Unsupported request.</summary>
    UnsupportedRequest = 1,

    /// <summary>Configuration request retry status.</summary>
    RetryStatus = 2,

    /// <summary>Completer abort.</summary>
    CompleterAbort = 4,
}

/// <summary>
/// A transaction layer packet in 32-bit words as the 7-series integrated block streams them (PG054, "Transaction interface"): in a header word byte 0 of the
/// specification's drawing is in bits 31:24, and so is the first payload byte of a payload word. The object is reused; it never grows.
/// </summary>
public sealed class Tlp
{
    /// <summary>Longest packet in words: a 4-word header and 4096 bytes.</summary>
    public const int MaximumWords = 4 + 1024;

    private readonly uint[] _words = new uint[MaximumWords];

    /// <summary>Words in use.</summary>
    public int Length { get; private set; }

    /// <summary>The request hit BAR 0, as the integrated block reports beside the packet.</summary>
    public bool HitsBar0 { get; private set; }

    /// <summary>The packet.</summary>
    public ReadOnlySpan<uint> Words => _words.AsSpan(0, Length);

    /// <summary>The poisoned bit (EP, PCIe Base 4.0 §2.7.2).</summary>
    public bool IsPoisoned => (_words[0] & TlpHeader.PoisonedBit) != 0;

    /// <summary>Takes over a packet word by word, for a test that sends what no root complex would.</summary>
    /// <param name="words">The packet, 1 to <see cref="MaximumWords"/> words.</param>
    /// <param name="hitsBar0">What the integrated block says of it.</param>
    public void Set(ReadOnlySpan<uint> words, bool hitsBar0)
    {
        words.CopyTo(_words);
        Length = words.Length;
        HitsBar0 = hitsBar0;
    }

    /// <summary>Builds a memory request; the header has three words below 4 GB and four from there (PCIe Base 4.0 §2.2.4.1).</summary>
    /// <param name="write">A write; the caller adds the payload with <see cref="Append"/>.</param>
    /// <param name="address">Byte address, a multiple of 4.</param>
    /// <param name="lengthWords">Length in words, 1 to 1024.</param>
    /// <param name="firstBytes">Byte enables of the first word, bit 0 for the lowest address.</param>
    /// <param name="lastBytes">Byte enables of the last word; 0 when there is one word.</param>
    /// <param name="requester">Bus, device and function of the sender.</param>
    /// <param name="tag">The request's tag.</param>
    public void SetMemoryRequest(bool write, ulong address, int lengthWords, int firstBytes, int lastBytes, ushort requester, byte tag)
    {
        bool wide = address >> 32 != 0;
        _words[0] = (write ? 0x4000_0000u : 0) | (wide ? 0x2000_0000u : 0) | ((uint)lengthWords & 0x3FF);
        _words[1] = ((uint)requester << 16) | ((uint)tag << 8) | ((uint)lastBytes << 4) | (uint)firstBytes;
        Length = 2;
        if (wide)
        {
            _words[Length++] = (uint)(address >> 32);
        }

        _words[Length++] = (uint)address & ~3u;
        HitsBar0 = true;
    }

    /// <summary>Builds a completion (PCIe Base 4.0 §2.2.9).</summary>
    /// <param name="status">How the request was answered; anything but success goes without data.</param>
    /// <param name="lengthWords">Payload words that follow, 0 without data.</param>
    /// <param name="completer">Bus, device and function of the sender.</param>
    /// <param name="requester">Bus, device and function of whoever asked.</param>
    /// <param name="tag">The request's tag.</param>
    /// <param name="byteCount">Bytes still to come for the request, these included, 1 to 4096.</param>
    /// <param name="lowerAddress">Low seven address bits of the first byte.</param>
    /// <param name="poisoned">The data is known to be bad.</param>
    public void SetCompletion(
        CompletionStatus status, int lengthWords, ushort completer, ushort requester, byte tag, int byteCount, int lowerAddress, bool poisoned)
    {
        _words[0] = (lengthWords != 0 ? 0x4A00_0000u : 0x0A00_0000u) | ((uint)lengthWords & 0x3FF) | (poisoned ? TlpHeader.PoisonedBit : 0);
        _words[1] = ((uint)completer << 16) | ((uint)status << 13) | ((uint)byteCount & 0xFFF);
        _words[2] = ((uint)requester << 16) | ((uint)tag << 8) | ((uint)lowerAddress & 0x7F);
        Length = 3;
        HitsBar0 = false;
    }

    /// <summary>Adds payload in address order.</summary>
    /// <param name="littleEndianWords">Words as they lie in host memory.</param>
    public void Append(ReadOnlySpan<uint> littleEndianWords)
    {
        BinaryPrimitives.ReverseEndianness(littleEndianWords, _words.AsSpan(Length, littleEndianWords.Length));
        Length += littleEndianWords.Length;
    }
}

/// <summary>Reads the fields of a transaction layer packet's header in place (PCIe Base 4.0 §2.2).</summary>
internal static class TlpHeader
{
    public const uint PoisonedBit = 1u << 14;

    public static TlpType Type(ReadOnlySpan<uint> tlp) => (TlpType)(tlp[0] >> 24);

    public static bool HasData(ReadOnlySpan<uint> tlp) => (tlp[0] & 0x4000_0000) != 0;

    public static int HeaderWords(ReadOnlySpan<uint> tlp) => (tlp[0] & 0x2000_0000) != 0 ? 4 : 3;

    /// <summary>The length field: 0 means 1024 words.</summary>
    public static int LengthWords(ReadOnlySpan<uint> tlp) => (int)(((tlp[0] - 1) & 0x3FF) + 1);

    public static ushort RequesterId(ReadOnlySpan<uint> request) => (ushort)(request[1] >> 16);

    public static byte RequestTag(ReadOnlySpan<uint> request) => (byte)(request[1] >> 8);

    public static int FirstBytes(ReadOnlySpan<uint> request) => (int)(request[1] & 0xF);

    public static int LastBytes(ReadOnlySpan<uint> request) => (int)(request[1] >> 4 & 0xF);

    public static ulong Address(ReadOnlySpan<uint> request) =>
        HeaderWords(request) == 4 ? ((ulong)request[2] << 32) | (request[3] & ~3u) : request[2] & ~3u;

    public static ushort CompleterId(ReadOnlySpan<uint> completion) => (ushort)(completion[1] >> 16);

    public static CompletionStatus Status(ReadOnlySpan<uint> completion) => (CompletionStatus)(completion[1] >> 13 & 7);

    /// <summary>The byte count field: 0 means 4096.</summary>
    public static int ByteCount(ReadOnlySpan<uint> completion) => (int)(((completion[1] - 1) & 0xFFF) + 1);

    public static ushort CompletionRequesterId(ReadOnlySpan<uint> completion) => (ushort)(completion[2] >> 16);

    public static byte CompletionTag(ReadOnlySpan<uint> completion) => (byte)(completion[2] >> 8);

    public static int LowerAddress(ReadOnlySpan<uint> completion) => (int)(completion[2] & 0x7F);
}

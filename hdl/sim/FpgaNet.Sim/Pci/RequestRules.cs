using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FpgaNet.Sim.Pci;

/// <summary>The rules that every packet of the card must keep. Section numbers are those of the PCI Express Base Specification 4.0.</summary>
internal sealed class RequestRules
{
    private readonly PciRootOptions _options;

    public RequestRules(PciRootOptions options)
    {
        _options = options;
    }

    /// <summary>What holds for every packet: a known type, a length that fits, and no header bit that the card may not use.</summary>
    public static void CheckForm(ReadOnlySpan<uint> tlp, long cycle)
    {
        if (tlp.Length < 3)
        {
            Break("a packet ends within its header (§2.2.1)", tlp, cycle);
        }

        if (TlpHeader.Type(tlp) is not (TlpType.MemoryRead32 or TlpType.MemoryRead64 or TlpType.MemoryWrite32 or TlpType.MemoryWrite64
            or TlpType.Completion or TlpType.CompletionData))
        {
            Break("the packet is neither a memory request nor a completion (§2.2.1, table 2-3)", tlp, cycle);
        }

        int expected = TlpHeader.HeaderWords(tlp) + (TlpHeader.HasData(tlp) ? TlpHeader.LengthWords(tlp) : 0);
        if (tlp.Length != expected)
        {
            Break($"the packet has {tlp.Length} words where its header says {expected} (§2.2.2)", tlp, cycle);
        }

        // Of the first word only format, type and length may be other than 0: the card has no digest (TD), sends no poisoned data (EP),
        // uses traffic class 0 and no attributes, hints or address translation (§2.2.1).
        if ((tlp[0] & 0x00FF_FC00) != 0)
        {
            Break("a header bit is set that the card may not use: TC, TD, EP, attributes, TH or AT (§2.2.1)", tlp, cycle);
        }
    }

    public void CheckRequest(ReadOnlySpan<uint> tlp, bool busMaster, long cycle)
    {
        if (!busMaster)
        {
            Break("a memory request while Bus Master Enable is 0 (§7.5.1.1.3)", tlp, cycle);
        }

        if (TlpHeader.RequesterId(tlp) != _options.CardId)
        {
            Break($"the requester id is not the card's {_options.CardId:x4} (§2.2.6.2)", tlp, cycle);
        }

        if ((tlp[TlpHeader.HeaderWords(tlp) - 1] & 3) != 0)
        {
            Break("reserved address bits 1:0 are not 0 (§2.2.4.1)", tlp, cycle);
        }

        ulong address = TlpHeader.Address(tlp);
        if (TlpHeader.HeaderWords(tlp) == 4 && address >> 32 == 0)
        {
            Break("an address below 4 GB in a four-word header (§2.2.4.1)", tlp, cycle);
        }

        int words = TlpHeader.LengthWords(tlp);
        if ((address & 0xFFF) + ((ulong)words * 4) > 4096)
        {
            Break("the request crosses a 4 KB boundary (§2.2.7)", tlp, cycle);
        }

        CheckByteEnables(tlp, address, words, cycle);
    }

    public void CheckRead(ReadOnlySpan<uint> tlp, long cycle)
    {
        if (TlpHeader.LengthWords(tlp) * 4 > _options.MaximumReadRequest)
        {
            Break($"the read asks for more than Max_Read_Request_Size, {_options.MaximumReadRequest} bytes (§2.2.7)", tlp, cycle);
        }

        if (TlpHeader.RequestTag(tlp) >= _options.Tags)
        {
            Break($"the tag is not below {_options.Tags} (§2.2.6.2)", tlp, cycle);
        }
    }

    public void CheckWrite(ReadOnlySpan<uint> tlp, long cycle)
    {
        if (TlpHeader.LengthWords(tlp) * 4 > _options.MaximumPayload)
        {
            Break($"the payload is larger than Max_Payload_Size, {_options.MaximumPayload} bytes (§2.2.2)", tlp, cycle);
        }
    }

    [DoesNotReturn]
    public static void Break(string rule, ReadOnlySpan<uint> tlp, long cycle)
    {
        StringBuilder text = new($"cycle {cycle}: {rule}. Packet:");
        foreach (uint word in tlp[..Math.Min(tlp.Length, 8)])
        {
            text.Append($" {word:x8}");
        }

        throw new PciProtocolException(text.Append(tlp.Length > 8 ? $" … ({tlp.Length} words)" : "").ToString());
    }

    // §2.2.5.
    private static void CheckByteEnables(ReadOnlySpan<uint> tlp, ulong address, int words, long cycle)
    {
        int first = TlpHeader.FirstBytes(tlp);
        int last = TlpHeader.LastBytes(tlp);
        if (words == 1)
        {
            if (last != 0)
            {
                Break("a request of one word has last byte enables (§2.2.5)", tlp, cycle);
            }

            return;
        }

        if (first == 0 || last == 0)
        {
            Break("a request of several words has no first or no last byte enables (§2.2.5)", tlp, cycle);
        }

        // Holes are allowed only in one word, or in two that lie in one aligned quadword.
        bool quadword = words == 2 && address % 8 == 0;
        if (!quadword && (first is not (0xF or 0xE or 0xC or 0x8) || last is not (0xF or 0x7 or 0x3 or 0x1)))
        {
            Break("byte enables with a hole (§2.2.5)", tlp, cycle);
        }
    }
}

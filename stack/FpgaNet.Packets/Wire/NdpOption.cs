namespace FpgaNet.Packets.Wire;

/// <summary>Options of Neighbour Discovery messages (RFC 4861 §4.6; IANA "IPv6 Neighbor Discovery Option Formats").</summary>
public enum NdpOptionType : byte
{
    /// <summary>The sender's station address (RFC 4861 §4.6.1).</summary>
    SourceLinkLayerAddress = 1,

    /// <summary>The target's station address (RFC 4861 §4.6.1).</summary>
    TargetLinkLayerAddress = 2,

    /// <summary>A prefix of the link (RFC 4861 §4.6.2).</summary>
    PrefixInformation = 3,

    /// <summary>The packet that a redirect is about (RFC 4861 §4.6.3).</summary>
    RedirectedHeader = 4,

    /// <summary>The link's MTU (RFC 4861 §4.6.4).</summary>
    Mtu = 5,

    /// <summary>A random number that tells the own solicitation from another's (RFC 7527 §4.1).</summary>
    Nonce = 14,

    /// <summary>Recursive name servers (RFC 8106 §5.1).</summary>
    RecursiveDnsServer = 25,
}

/// <summary>Walks over the options of a Neighbour Discovery message.</summary>
/// <param name="options">The bytes behind the message's fixed part.</param>
public ref struct NdpOptionReader(ReadOnlySpan<byte> options)
{
    private ReadOnlySpan<byte> _rest = options;

    /// <summary>The option's type; unknown ones are to be skipped (RFC 4861 §4.6).</summary>
    public NdpOptionType Type { get; private set; }

    /// <summary>The whole option, type and length included; a multiple of eight bytes.</summary>
    public ReadOnlySpan<byte> Option { get; private set; }

    /// <summary>The station address, when the option has one of Ethernet's length.</summary>
    public readonly MacAddress? LinkLayerAddress => Option.Length == 8 ? MacAddress.Read(Option[2..]) : null;

    /// <summary>Whether all options are whole: a message with an option of length zero is to be dropped (RFC 4861 §4.6).</summary>
    /// <param name="options">The bytes behind the message's fixed part.</param>
    public static bool IsValid(ReadOnlySpan<byte> options)
    {
        while (!options.IsEmpty)
        {
            int length = options.Length >= 2 ? options[1] * 8 : 0;
            if (length == 0 || length > options.Length)
            {
                return false;
            }

            options = options[length..];
        }

        return true;
    }

    /// <summary>Goes on to the next option.</summary>
    /// <returns>False when there is none, or it is not whole.</returns>
    public bool TryNext()
    {
        int length = _rest.Length >= 2 ? _rest[1] * 8 : 0;
        if (length == 0 || length > _rest.Length)
        {
            return false;
        }

        Type = (NdpOptionType)_rest[0];
        Option = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    /// <summary>Writes an option with a station address.</summary>
    /// <param name="destination">Receives it.</param>
    /// <param name="type">Source or target.</param>
    /// <param name="address">The address.</param>
    /// <returns>Bytes written: 8.</returns>
    public static int WriteLinkLayerAddress(Span<byte> destination, NdpOptionType type, MacAddress address)
    {
        destination[0] = (byte)type;
        destination[1] = 1;
        address.Write(destination[2..]);
        return 8;
    }
}

namespace FpgaNet.Packets.Wire;

/// <summary>A view of IPv4's source route option, loose or strict (RFC 791 §3.1): the addresses still to be visited, and in place of those visited the way that was taken.</summary>
public readonly ref struct SourceRouteOption
{
    /// <summary>Its type when any way may lead from one address to the next.</summary>
    public const byte LooseType = 131;

    /// <summary>Its type when each address is the next's neighbour.</summary>
    public const byte StrictType = 137;

    /// <summary>Bytes of type, length and pointer in front of the addresses.</summary>
    public const int HeaderLength = 3;

    private const byte EndOfList = 0;
    private const byte NoOperation = 1;

    private readonly ReadOnlySpan<byte> _option;

    private SourceRouteOption(ReadOnlySpan<byte> option, int offset)
    {
        _option = option;
        Offset = offset;
    }

    /// <summary>Whether there is one; the other members mean something only then.</summary>
    public bool IsPresent => !_option.IsEmpty;

    /// <summary>Where it begins among the options.</summary>
    public int Offset { get; }

    /// <summary>Whether each address is the next's neighbour.</summary>
    public bool IsStrict => _option[0] == StrictType;

    /// <summary>Where the next address stands, counted from 1 at the option's type; the first is 4.</summary>
    public int Pointer => _option[2];

    /// <summary>Whether all addresses were visited: the packet has arrived.</summary>
    public bool IsComplete => Pointer > _option.Length;

    /// <summary>The addresses, four bytes each.</summary>
    public ReadOnlySpan<byte> Addresses => _option[HeaderLength..];

    /// <summary>Looks for a source route.</summary>
    /// <param name="options">A header's options.</param>
    /// <param name="route">What was found, if anything.</param>
    /// <returns>False when an option's length or pointer is wrong, or there are two source routes (RFC 1122 §3.2.1.8 (c)).</returns>
    public static bool TryFind(ReadOnlySpan<byte> options, out SourceRouteOption route)
    {
        route = default;
        for (int at = 0; at < options.Length && options[at] != EndOfList;)
        {
            if (options[at] == NoOperation)
            {
                at++;
                continue;
            }

            int length = at + 1 < options.Length ? options[at + 1] : 0;
            if (length < 2 || length > options.Length - at)
            {
                return false;
            }

            ReadOnlySpan<byte> option = options.Slice(at, length);
            if (option[0] is LooseType or StrictType)
            {
                if (route.IsPresent || (length & 3) != HeaderLength || (option[2] & 3) != 0 || option[2] <= HeaderLength || option[2] > length + 1)
                {
                    return false;
                }

                route = new SourceRouteOption(option, at);
            }

            at += length;
        }

        return true;
    }

    /// <summary>The bytes of an option of which it is known where it stands.</summary>
    /// <param name="bytes">Bytes around it.</param>
    /// <param name="offset">Where its type stands.</param>
    public static ReadOnlySpan<byte> At(ReadOnlySpan<byte> bytes, int offset) => bytes.Slice(offset, bytes[offset + 1]);

    /// <summary>Where a packet goes in the end: the last address of a route that is not complete, else the header's.</summary>
    public static IPv4Address FinalDestination(in IPv4Header header) =>
        TryFind(header.Options, out SourceRouteOption route) && route.IsPresent && !route.IsComplete
            ? IPv4Address.Read(route.Addresses[^4..])
            : header.Destination;
}

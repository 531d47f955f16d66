using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>What a packet's extension headers come to.</summary>
internal enum ExtensionVerdict
{
    /// <summary>Behind them lies what is to be handed up.</summary>
    Deliver,

    /// <summary>There is a fragment header that says more than "the whole packet".</summary>
    Fragment,

    /// <summary>To be dropped silently: an option asks for it, or nothing follows.</summary>
    Drop,

    /// <summary>To be dropped: a header is not whole.</summary>
    Malformed,

    /// <summary>To be dropped, and its sender told (RFC 4443 §3.4).</summary>
    Problem,
}

/// <summary>
/// The extension headers of an IPv6 packet (RFC 8200 §4), walked in order. How many headers and options are looked at is bounded (RFC 8504 §5.3), so that a packet
/// cannot cost more than another.
/// </summary>
internal ref struct ExtensionHeaders
{
    private const int MaximumHeaders = 8;
    private const int MaximumOptions = 8;
    private const int FragmentHeaderLength = 8;
    private const int NextHeaderOffset = 6;
    private const byte Pad1 = 0;
    private const byte PadN = 1;
    private const byte RouterAlert = 5; // RFC 2711

    /// <summary>What lies behind the headers, when delivered; of a fragment what its header says.</summary>
    public IpProtocol Protocol;

    /// <summary>Where that begins, counted from the IPv6 header; of a fragment its header.</summary>
    public int Offset;

    /// <summary>What is wrong.</summary>
    public Icmpv6ParameterCode Code;

    /// <summary>Where, counted from the IPv6 header.</summary>
    public int Pointer;

    /// <summary>The sender is told even when the packet went to a group.</summary>
    public bool TellsGroups;

    /// <summary>There is a router alert, as multicast listener discovery has it.</summary>
    public bool HasRouterAlert;

    private int _options;
    private int _nextHeaderAt;

    /// <summary>Where the number of what follows stands, counted from the IPv6 header: what a parameter problem about it points to.</summary>
    public readonly int NextHeaderAt => _nextHeaderAt;

    /// <summary>Walks.</summary>
    /// <param name="packet">The packet from its IPv6 header on, as far as it is in one piece.</param>
    /// <param name="header">Its header.</param>
    public ExtensionVerdict Walk(ReadOnlySpan<byte> packet, in IPv6Header header)
    {
        packet = packet[..Math.Min(packet.Length, IPv6Header.Length + header.PayloadLength)];
        Protocol = header.NextHeader;
        Offset = IPv6Header.Length;
        _nextHeaderAt = NextHeaderOffset;
        for (int i = 0; i < MaximumHeaders; i++)
        {
            ExtensionVerdict verdict;
            switch (Protocol)
            {
                case IpProtocol.HopByHopOptions when i == 0:
                case IpProtocol.DestinationOptions:
                    verdict = TakeOptions(packet);
                    break;
                case IpProtocol.RoutingHeader:
                    verdict = TakeRouting(packet);
                    break;
                case IpProtocol.FragmentHeader:
                    verdict = TakeFragment(packet);
                    break;
                case IpProtocol.NoNextHeader:
                    return ExtensionVerdict.Drop;
                case IpProtocol.HopByHopOptions: // RFC 8200 §4.1: only in front of all others
                    return Problem(Icmpv6ParameterCode.NextHeader, _nextHeaderAt);
                default:
                    return ExtensionVerdict.Deliver;
            }

            if (verdict != ExtensionVerdict.Deliver)
            {
                return verdict;
            }
        }

        return ExtensionVerdict.Drop;
    }

    private bool TrySkip(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> extension)
    {
        extension = default;
        if (packet.Length - Offset < 8)
        {
            return false;
        }

        int length = (packet[Offset + 1] + 1) * 8;
        if (length > packet.Length - Offset)
        {
            return false;
        }

        extension = packet.Slice(Offset, length);
        Next(packet, length);
        return true;
    }

    private void Next(ReadOnlySpan<byte> packet, int length)
    {
        Protocol = (IpProtocol)packet[Offset];
        _nextHeaderAt = Offset;
        Offset += length;
    }

    private ExtensionVerdict TakeOptions(ReadOnlySpan<byte> packet)
    {
        int start = Offset;
        if (!TrySkip(packet, out ReadOnlySpan<byte> extension))
        {
            return ExtensionVerdict.Malformed;
        }

        for (int at = 2; at < extension.Length;)
        {
            byte type = extension[at];
            if (type == Pad1)
            {
                at++;
                continue;
            }

            if (at + 2 > extension.Length || at + 2 + extension[at + 1] > extension.Length)
            {
                return ExtensionVerdict.Malformed;
            }

            HasRouterAlert |= type == RouterAlert;
            if (type is not (PadN or RouterAlert) && Refuse(type, start + at) is { } verdict)
            {
                return verdict;
            }

            if (++_options > MaximumOptions)
            {
                return ExtensionVerdict.Drop;
            }

            at += 2 + extension[at + 1];
        }

        return ExtensionVerdict.Deliver;
    }

    // RFC 8200 §4.2: the two highest bits say what is to be done with an option that is not known.
    private ExtensionVerdict? Refuse(byte type, int at)
    {
        switch (type >> 6)
        {
            case 0:
                return null;
            case 1:
                return ExtensionVerdict.Drop;
            default:
                TellsGroups = type >> 6 == 2;
                return Problem(Icmpv6ParameterCode.Option, at);
        }
    }

    // RFC 8200 §4.4: no type is known here. With no segments left it is stepped over; else the packet is not for us yet, and type 0 is refused in any case (RFC 5095 §3).
    private ExtensionVerdict TakeRouting(ReadOnlySpan<byte> packet)
    {
        int start = Offset;
        if (!TrySkip(packet, out ReadOnlySpan<byte> extension))
        {
            return ExtensionVerdict.Malformed;
        }

        return extension[3] == 0 ? ExtensionVerdict.Deliver : Problem(Icmpv6ParameterCode.HeaderField, start + 2);
    }

    private ExtensionVerdict TakeFragment(ReadOnlySpan<byte> packet)
    {
        if (packet.Length - Offset < FragmentHeaderLength)
        {
            return ExtensionVerdict.Malformed;
        }

        // RFC 6946 §4: a fragment that is the whole packet is no fragment. The two reserved bits are not looked at.
        if ((BinaryPrimitives.ReadUInt16BigEndian(packet[(Offset + 2)..]) & 0xFFF9) != 0)
        {
            return ExtensionVerdict.Fragment;
        }

        Next(packet, FragmentHeaderLength);
        return ExtensionVerdict.Deliver;
    }

    private ExtensionVerdict Problem(Icmpv6ParameterCode code, int pointer)
    {
        Code = code;
        Pointer = pointer;
        return ExtensionVerdict.Problem;
    }
}

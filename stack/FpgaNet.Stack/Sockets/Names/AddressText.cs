using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>Texts of addresses as the manuals read and write them: inet_pton(3), inet_ntop(3), inet_aton(3) and its old forms (glibc manual, "Host Address Functions").</summary>
internal static class AddressText
{
    private const int Words = 8;

    /// <summary>Reads four decimal numbers, and nothing else (inet_pton with AF_INET).</summary>
    public static bool TryReadIPv4(ReadOnlySpan<char> text, out IPv4Address address)
    {
        address = default;
        uint value = 0;
        for (int part = 0; part < 4; part++)
        {
            int digits = 0;
            uint number = 0;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]) && digits < 4)
            {
                number = (number * 10) + (uint)(text[digits++] - '0');
            }

            // A zero in front could mean an octal number, and is refused.
            if (digits is 0 or 4 || number > 255 || (digits > 1 && text[0] == '0'))
            {
                return false;
            }

            value = (value << 8) | number;
            text = text[digits..];
            if (part < 3)
            {
                if (text.IsEmpty || text[0] != '.')
                {
                    return false;
                }

                text = text[1..];
            }
        }

        address = new IPv4Address(value);
        return text.IsEmpty;
    }

    /// <summary>Reads the old forms (inet_aton): one to four numbers, decimal, octal (0…) or hexadecimal (0x…), the last of which fills what is left.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isExact">Nothing may follow; else it may behind white space, as inet_aton of glibc allows.</param>
    /// <param name="address">Receives the address.</param>
    public static bool TryReadOldIPv4(ReadOnlySpan<char> text, bool isExact, out IPv4Address address)
    {
        address = default;
        uint value = 0;
        for (int part = 0; part < 4; part++)
        {
            if (!TryReadNumber(ref text, out ulong number))
            {
                return false;
            }

            if (!text.IsEmpty && text[0] == '.' && part < 3)
            {
                if (number > 255)
                {
                    return false;
                }

                value |= (uint)number << (24 - (8 * part));
                text = text[1..];
                continue;
            }

            if (number > uint.MaxValue >> (8 * part))
            {
                return false;
            }

            address = new IPv4Address(value | (uint)number);
            return text.IsEmpty || (!isExact && text[0] is ' ' or '\t' or '\n' or '\v' or '\f' or '\r');
        }

        return false;
    }

    /// <summary>Reads an IPv6 address without a scope (inet_pton with AF_INET6; RFC 4291 §2.2).</summary>
    public static bool TryReadIPv6(ReadOnlySpan<char> text, out IPv6Address address)
    {
        address = default;
        Span<byte> bytes = stackalloc byte[2 * Words];
        bytes.Clear();
        int count = 0; // bytes read
        int gap = -1;
        if (text.StartsWith("::"))
        {
            gap = 0;
            text = text[2..];
        }

        while (!text.IsEmpty)
        {
            int digits = 0;
            uint word = 0;
            while (digits < text.Length && char.IsAsciiHexDigit(text[digits]) && digits < 5)
            {
                word = (word << 4) | (uint)Convert.ToInt32(text[digits++].ToString(), 16);
            }

            if (digits > 0 && digits < text.Length && text[digits] == '.')
            {
                if (count > 12 || !TryReadIPv4(text, out IPv4Address tail))
                {
                    return false;
                }

                tail.Write(bytes[count..]);
                count += IPv4Address.Length;
                break;
            }

            if (digits is 0 or 5 || count == bytes.Length)
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(bytes[count..], (ushort)word);
            count += 2;
            text = text[digits..];
            if (text.IsEmpty)
            {
                break;
            }

            if (text[0] != ':' || text.Length == 1)
            {
                return false;
            }

            text = text[1..];
            if (text[0] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = count;
                text = text[1..];
            }
        }

        if (gap >= 0 ? count == bytes.Length : count < bytes.Length)
        {
            return false; // a gap stands for one word at least
        }

        if (gap >= 0)
        {
            int moved = count - gap;
            bytes.Slice(gap, moved).CopyTo(bytes[^moved..]);
            bytes[gap..^moved].Clear();
        }

        address = IPv6Address.Read(bytes);
        return true;
    }

    /// <summary>Writes an address (inet_ntop): of an IPv6 address the first of the longest runs of zeros is left out.</summary>
    public static string Write(IpAddress address, bool isIPv6)
    {
        if (!isIPv6)
        {
            return address.IPv4.ToString();
        }

        Span<byte> bytes = stackalloc byte[2 * Words];
        address.IPv6.Write(bytes);
        (int start, int length) = LongestZeros(bytes);
        StringBuilder text = new();
        for (int i = 0; i < Words; i++)
        {
            if (length > 1 && i >= start && i < start + length)
            {
                text.Append(i == start ? ":" : string.Empty);
                continue;
            }

            text.Append(i > 0 ? ":" : string.Empty);

            // Compatible and mapped addresses end as IPv4 addresses do.
            if (i == 6 && start == 0 && (length == 6 || (length == 5 && bytes[10] == 0xFF && bytes[11] == 0xFF)))
            {
                return text.Append(IPv4Address.Read(bytes[12..]).ToString()).ToString();
            }

            text.Append(Word(bytes, i).ToString("x", CultureInfo.InvariantCulture));
        }

        return text.Append(length > 1 && start + length == Words ? ":" : string.Empty).ToString();
    }

    private static ushort Word(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * index)..]);

    private static (int Start, int Length) LongestZeros(ReadOnlySpan<byte> bytes)
    {
        (int Start, int Length) best = default;
        int run = 0;
        for (int i = 0; i < Words; i++)
        {
            run = Word(bytes, i) == 0 ? run + 1 : 0;
            best = run > best.Length ? (i - run + 1, run) : best;
        }

        return best;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        if (text.IsEmpty || !char.IsAsciiDigit(text[0]))
        {
            return false;
        }

        uint radix = 10;
        int place = 0;
        if (text[0] == '0')
        {
            bool isHexadecimal = text.Length > 1 && text[1] is 'x' or 'X';
            radix = isHexadecimal ? 16u : 8u;
            place = isHexadecimal ? 2 : 1;
            if (isHexadecimal && (text.Length == 2 || !char.IsAsciiHexDigit(text[2])))
            {
                return false;
            }
        }

        for (; place < text.Length && char.IsAsciiHexDigit(text[place]); place++)
        {
            uint digit = (uint)Convert.ToInt32(text[place].ToString(), 16);
            if (digit >= radix || number > uint.MaxValue)
            {
                break;
            }

            number = (number * radix) + digit;
        }

        text = text[place..];
        return number <= uint.MaxValue;
    }
}

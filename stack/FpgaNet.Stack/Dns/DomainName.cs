using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FpgaNet.Stack.Dns;

/// <summary>
/// Domain names between the wire (RFC 1035 §3.1, §4.1.4) and text (§5.1): labels with dots between them, without a dot at the end, and <c>\DDD</c> for a byte that is no
/// printable character, a dot or a backslash. The root is the empty text.
/// </summary>
internal static class DomainName
{
    /// <summary>Most bytes of a name on the wire.</summary>
    public const int MaximumLength = 255;

    private const int MaximumLabel = 63;
    private const int PointerMark = 0xC0;

    /// <summary>How names are compared (RFC 4343).</summary>
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>Reads a name. Pointers must lead backwards, so that the reading ends.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="offset">Where the name begins; afterwards the byte behind it.</param>
    /// <param name="name">The text.</param>
    /// <returns>Whether it is whole, and not too long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int offset, [NotNullWhen(true)] out string? name)
    {
        name = null;
        StringBuilder text = new();
        int at = offset;
        int barrier = offset; // a pointer must lead in front of the run of labels that it ends
        int length = 1;
        bool jumped = false;
        while (at < message.Length)
        {
            int label = message[at];
            if ((label & PointerMark) == PointerMark)
            {
                if (at + 1 >= message.Length)
                {
                    return false;
                }

                int target = ((label & ~PointerMark) << 8) | message[at + 1];
                if (target >= barrier)
                {
                    return false;
                }

                offset = jumped ? offset : at + 2;
                jumped = true;
                at = barrier = target;
                continue;
            }

            length += label + 1;
            if (label > MaximumLabel || at + 1 + label > message.Length || (label != 0 && length > MaximumLength))
            {
                return false;
            }

            at++;
            if (label == 0)
            {
                offset = jumped ? offset : at;
                name = text.ToString();
                return true;
            }

            if (text.Length != 0)
            {
                text.Append('.');
            }

            AppendLabel(text, message.Slice(at, label));
            at += label;
        }

        return false;
    }

    /// <summary>Writes a name, without compression.</summary>
    /// <param name="name">The text; a dot at its end is allowed.</param>
    /// <param name="destination">Receives it; <see cref="MaximumLength"/> bytes or more.</param>
    /// <param name="length">Bytes written.</param>
    /// <returns>False when a label is empty or too long, an escape is broken, or the whole is too long.</returns>
    public static bool TryWrite(ReadOnlySpan<char> name, Span<byte> destination, out int length)
    {
        length = 0;
        if (name is "." or "")
        {
            destination[length++] = 0;
            return true;
        }

        int start = length++; // of the label
        for (int i = 0; i < name.Length; i++)
        {
            int value = name[i];
            if (value == '.')
            {
                if (!EndLabel(destination, start, length))
                {
                    return false;
                }

                start = length++;
                if (length > MaximumLength)
                {
                    return false;
                }

                continue;
            }

            if (value == '\\' && !TryUnescape(name, ref i, out value))
            {
                return false;
            }

            if (value > 0xFF || length >= MaximumLength - 1)
            {
                return false;
            }

            destination[length++] = (byte)value;
        }

        if (length - start == 1)
        {
            destination[start] = 0; // the name ended with a dot
            return true;
        }

        if (!EndLabel(destination, start, length))
        {
            return false;
        }

        destination[length++] = 0;
        return true;
    }

    /// <summary>Whether a name is another or below it.</summary>
    public static bool IsWithin(string name, string zone) =>
        zone.Length == 0 || Comparer.Equals(name, zone)
        || (name.Length > zone.Length && name[^(zone.Length + 1)] == '.' && name.EndsWith(zone, StringComparison.OrdinalIgnoreCase));

    private static bool EndLabel(Span<byte> destination, int start, int end)
    {
        int label = end - start - 1;
        destination[start] = (byte)label;
        return label is > 0 and <= MaximumLabel;
    }

    private static bool TryUnescape(ReadOnlySpan<char> name, ref int i, out int value)
    {
        value = 0;
        if (i + 1 < name.Length && !char.IsAsciiDigit(name[i + 1]))
        {
            value = name[++i];
            return true;
        }

        bool good = i + 3 < name.Length && int.TryParse(name.Slice(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out value);
        i += 3;
        return good;
    }

    private static void AppendLabel(StringBuilder text, ReadOnlySpan<byte> label)
    {
        foreach (byte b in label)
        {
            if (b is > 0x20 and < 0x7F and not (byte)'.' and not (byte)'\\')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{b:D3}");
            }
        }
    }
}

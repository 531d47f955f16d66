using System.Buffers.Binary;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Dhcp;

/// <summary>A view of a DHCP message (RFC 2131 §2), of which every length was checked.</summary>
internal readonly ref struct DhcpMessage
{
    /// <summary>Bytes in front of the options, the magic cookie included.</summary>
    public const int FixedLength = 240;

    /// <summary>First byte of the magic cookie (RFC 2131 §3).</summary>
    public const int CookieOffset = 236;

    /// <summary>The magic cookie.</summary>
    public const uint Cookie = 0x63825363;

    /// <summary>In <c>op</c>: from a client.</summary>
    public const byte BootRequest = 1;

    /// <summary>In <c>op</c>: from a server.</summary>
    public const byte BootReply = 2;

    private const int ServerNameOffset = 44;
    private const int FileOffset = 108;

    private readonly ReadOnlySpan<byte> _message;

    private DhcpMessage(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>What it says.</summary>
    public DhcpMessageType Type => TryGetByte(DhcpOption.MessageType, out byte type) ? (DhcpMessageType)type : default;

    /// <summary>Sent by a server.</summary>
    public bool IsReply => _message[0] == BootReply;

    /// <summary>Chosen by the client; the answer repeats it.</summary>
    public uint TransactionId => BinaryPrimitives.ReadUInt32BigEndian(_message[4..]);

    /// <summary>The client's address as it says itself.</summary>
    public IPv4Address ClientAddress => IPv4Address.Read(_message[12..]);

    /// <summary>"Your" address: what the server gives.</summary>
    public IPv4Address YourAddress => IPv4Address.Read(_message[16..]);

    /// <summary>The client's station.</summary>
    public MacAddress Hardware => MacAddress.Read(_message[28..]);

    /// <summary>Looks at a message: Ethernet's hardware type and address length, the cookie, whole options and a type.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out DhcpMessage message)
    {
        message = default;
        if (bytes.Length < FixedLength || bytes[1] != 1 || bytes[2] != MacAddress.Length
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[CookieOffset..]) != Cookie)
        {
            return false;
        }

        message = new DhcpMessage(bytes);
        return IsWhole(bytes[FixedLength..]) && message.TryGetByte(DhcpOption.MessageType, out _);
    }

    /// <summary>Finds an option. One that comes several times is one that was cut (RFC 3396 §7).</summary>
    /// <param name="option">Which.</param>
    /// <param name="buffer">Receives the value when it is not in one piece.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it is there and not longer than the buffer.</returns>
    public bool TryGet(DhcpOption option, Span<byte> buffer, out ReadOnlySpan<byte> value)
    {
        // RFC 2131 §4.1: an overloaded message has further options in the file name's field, then in the server name's.
        int length = 0;
        bool found = Collect(_message[FixedLength..], option, buffer, ref length, out byte overload);
        if ((overload & 1) != 0)
        {
            found |= Collect(_message[FileOffset..CookieOffset], option, buffer, ref length, out _);
        }

        if ((overload & 2) != 0)
        {
            found |= Collect(_message[ServerNameOffset..FileOffset], option, buffer, ref length, out _);
        }

        found &= length <= buffer.Length;
        value = found ? buffer[..length] : default;
        return found;
    }

    /// <summary>An option of one byte.</summary>
    public bool TryGetByte(DhcpOption option, out byte value)
    {
        bool found = TryGet(option, stackalloc byte[1], out ReadOnlySpan<byte> bytes) && bytes.Length == 1;
        value = found ? bytes[0] : default;
        return found;
    }

    /// <summary>An option of two bytes.</summary>
    public bool TryGetUInt16(DhcpOption option, out ushort value)
    {
        bool found = TryGet(option, stackalloc byte[2], out ReadOnlySpan<byte> bytes) && bytes.Length == 2;
        value = found ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : default;
        return found;
    }

    /// <summary>An option of four bytes.</summary>
    public bool TryGetUInt32(DhcpOption option, out uint value)
    {
        bool found = TryGet(option, stackalloc byte[4], out ReadOnlySpan<byte> bytes) && bytes.Length == 4;
        value = found ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : default;
        return found;
    }

    private static bool IsWhole(ReadOnlySpan<byte> options)
    {
        int at = 0;
        while (at < options.Length && options[at] != (byte)DhcpOption.End)
        {
            if (options[at] == (byte)DhcpOption.Pad)
            {
                at++;
                continue;
            }

            if (at + 1 >= options.Length)
            {
                return false;
            }

            at += 2 + options[at + 1];
        }

        return at <= options.Length;
    }

    private static bool Collect(ReadOnlySpan<byte> options, DhcpOption wanted, Span<byte> buffer, ref int length, out byte overload)
    {
        overload = 0;
        bool found = false;
        for (int at = 0; at + 1 < options.Length && options[at] != (byte)DhcpOption.End;)
        {
            if (options[at] == (byte)DhcpOption.Pad)
            {
                at++;
                continue;
            }

            ReadOnlySpan<byte> value = options[(at + 2)..];
            value = value[..Math.Min(options[at + 1], value.Length)];
            if (options[at] == (byte)DhcpOption.Overload && value.Length == 1)
            {
                overload = value[0];
            }

            if (options[at] == (byte)wanted)
            {
                found = true;
                if (length + value.Length <= buffer.Length)
                {
                    value.CopyTo(buffer[length..]);
                }

                length += value.Length;
            }

            at += 2 + options[at + 1];
        }

        return found;
    }
}

/// <summary>Writes a DHCP message (RFC 2131 §2).</summary>
internal ref struct DhcpWriter
{
    // RFC 1542 §2.1: relays may drop shorter ones.
    private const int MinimumLength = 300;

    private const ushort BroadcastFlag = 0x8000;

    private readonly Span<byte> _message;
    private int _length;

    /// <summary>Begins.</summary>
    /// <param name="message">Receives the message; 576 bytes or more.</param>
    /// <param name="operation"><see cref="DhcpMessage.BootRequest"/> or <see cref="DhcpMessage.BootReply"/>.</param>
    /// <param name="type">What it says.</param>
    /// <param name="transactionId">The transaction.</param>
    /// <param name="hardware">The client's station.</param>
    public DhcpWriter(Span<byte> message, byte operation, DhcpMessageType type, uint transactionId, MacAddress hardware)
    {
        _message = message;
        message.Clear();
        message[0] = operation;
        message[1] = 1;
        message[2] = MacAddress.Length;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], transactionId);
        hardware.Write(message[28..]);
        BinaryPrimitives.WriteUInt32BigEndian(message[DhcpMessage.CookieOffset..], DhcpMessage.Cookie);
        _length = DhcpMessage.FixedLength;
        Add(DhcpOption.MessageType, [(byte)type]);
    }

    /// <summary>How long the client has been trying.</summary>
    public TimeSpan Elapsed
    {
        set => BinaryPrimitives.WriteUInt16BigEndian(_message[8..], (ushort)Math.Min(value.TotalSeconds, ushort.MaxValue));
    }

    /// <summary>Answers must be broadcast.</summary>
    public bool WantsBroadcast
    {
        set => BinaryPrimitives.WriteUInt16BigEndian(_message[10..], value ? BroadcastFlag : (ushort)0);
    }

    /// <summary>The client's address.</summary>
    public IPv4Address ClientAddress
    {
        set => value.Write(_message[12..]);
    }

    /// <summary>The address that is given.</summary>
    public IPv4Address YourAddress
    {
        set => value.Write(_message[16..]);
    }

    /// <summary>Adds an option; one that is longer than 255 bytes is cut (RFC 3396 §5).</summary>
    public void Add(DhcpOption option, scoped ReadOnlySpan<byte> value)
    {
        do
        {
            ReadOnlySpan<byte> part = value[..Math.Min(value.Length, 255)];
            _message[_length] = (byte)option;
            _message[_length + 1] = (byte)part.Length;
            part.CopyTo(_message[(_length + 2)..]);
            _length += 2 + part.Length;
            value = value[part.Length..];
        }
        while (!value.IsEmpty);
    }

    /// <summary>Adds an option that is an address.</summary>
    public void Add(DhcpOption option, IPv4Address value)
    {
        Span<byte> bytes = stackalloc byte[IPv4Address.Length];
        value.Write(bytes);
        Add(option, bytes);
    }

    /// <summary>Adds an option of four bytes.</summary>
    public void Add(DhcpOption option, uint value) => Add(option, new IPv4Address(value));

    /// <summary>Ends the message.</summary>
    /// <returns>Its bytes.</returns>
    public Span<byte> Finish()
    {
        _message[_length++] = (byte)DhcpOption.End;
        return _message[..Math.Max(_length, MinimumLength)];
    }
}

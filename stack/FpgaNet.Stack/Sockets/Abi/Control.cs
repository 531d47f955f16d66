using System.Buffers.Binary;

namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>Reads control messages in Linux's 64-bit layout (cmsg(3)): length, level, type, data, each aligned to eight bytes.</summary>
/// <param name="control">The bytes.</param>
public ref struct ControlReader(ReadOnlySpan<byte> control)
{
    /// <summary>Bytes in front of the data.</summary>
    public const int HeaderLength = 16;

    private ReadOnlySpan<byte> _rest = control;

    /// <summary>Level of the message read, such as SOL_SOCKET.</summary>
    public int Level { get; private set; }

    /// <summary>Its type, such as SCM_RIGHTS.</summary>
    public int Type { get; private set; }

    /// <summary>Its data.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>The bytes are no control messages (EINVAL).</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next one.</summary>
    /// <returns>False at the end.</returns>
    public bool Read()
    {
        if (_rest.Length < HeaderLength)
        {
            IsMalformed = !_rest.IsEmpty && _rest.IndexOfAnyExcept((byte)0) >= 0;
            return false;
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        if (length < HeaderLength || length > (ulong)_rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        Level = BinaryPrimitives.ReadInt32LittleEndian(_rest[8..]);
        Type = BinaryPrimitives.ReadInt32LittleEndian(_rest[12..]);
        Data = _rest[HeaderLength..(int)length];
        _rest = _rest[Math.Min(_rest.Length, ControlWriter.Align((int)length))..];
        return true;
    }
}

/// <summary>Writes control messages in the layout that <see cref="ControlReader"/> reads.</summary>
/// <param name="control">Room for them.</param>
public ref struct ControlWriter(Span<byte> control)
{
    private readonly Span<byte> _control = control;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Something did not fit (MSG_CTRUNC).</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Bytes that a message with so much data takes (CMSG_SPACE).</summary>
    /// <param name="data">Bytes of data.</param>
    public static int Space(int data) => Align(ControlReader.HeaderLength + data);

    /// <summary>Adds one, or what fits of it.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="type">Its type.</param>
    /// <param name="data">Its data.</param>
    public void Write(int level, int type, scoped ReadOnlySpan<byte> data)
    {
        Span<byte> room = _control[Math.Min(Length, _control.Length)..];
        if (room.Length < ControlReader.HeaderLength)
        {
            IsTruncated = true;
            return;
        }

        int part = Math.Min(data.Length, room.Length - ControlReader.HeaderLength);
        IsTruncated |= part < data.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(room, (ulong)(ControlReader.HeaderLength + part));
        BinaryPrimitives.WriteInt32LittleEndian(room[8..], level);
        BinaryPrimitives.WriteInt32LittleEndian(room[12..], type);
        data[..part].CopyTo(room[ControlReader.HeaderLength..]);
        Length = Math.Min(_control.Length, Length + Space(part));
    }

    /// <summary>Adds a number.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="type">Its type.</param>
    /// <param name="value">The number.</param>
    public void Write(int level, int type, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Write(level, type, bytes);
    }

    internal static int Align(int length) => (length + 7) & ~7;
}

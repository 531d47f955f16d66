using System.Buffers.Binary;

namespace FpgaNet.Driver.Pipe;

/// <summary>Writes one packet between flags (docs/usb.md).</summary>
internal ref struct PacketEncoder
{
    public const byte Flag = 0x7E;
    public const byte Escape = 0x7D;
    public const byte Flip = 0x20;

    private readonly Span<byte> _target;
    private uint _crc = Crc32.Initial;

    /// <summary>Begins a packet.</summary>
    /// <param name="target">Room for <see cref="Longest"/> bytes of it.</param>
    public PacketEncoder(Span<byte> target)
    {
        _target = target;
        _target[0] = Flag;
        Length = 1;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that a packet may take when every byte of it must be escaped.</summary>
    public static int Longest(int length) => (2 * (length + sizeof(uint))) + 2;

    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        _crc = Crc32.Update(_crc, bytes);
        Stuff(bytes);
    }

    /// <summary>Ends the packet.</summary>
    /// <returns>Bytes written.</returns>
    public int End()
    {
        Span<byte> check = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(check, ~_crc);
        Stuff(check);
        _target[Length++] = Flag;
        return Length;
    }

    private void Stuff(scoped ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            int run = bytes.IndexOfAny(Flag, Escape);
            if (run < 0)
            {
                bytes.CopyTo(_target[Length..]);
                Length += bytes.Length;
                return;
            }

            bytes[..run].CopyTo(_target[Length..]);
            Length += run;
            _target[Length++] = Escape;
            _target[Length++] = (byte)(bytes[run] ^ Flip);
            bytes = bytes[(run + 1)..];
        }
    }
}

using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>How a datagram in a frame becomes a message of recvmsg(2).</summary>
internal static class ReceivedMessage
{
    /// <summary>Says how much control there is, and whether some was lost.</summary>
    public static void EndControl(ref MessageIn message, in ControlWriter writer)
    {
        message.ControlLength = writer.Length;
        message.Found |= writer.IsTruncated ? MessageFlags.MSG_CTRUNC : MessageFlags.None;
    }

    /// <summary>Copies the data, and says whether some was lost.</summary>
    /// <param name="message">Receives them.</param>
    /// <param name="frame">Where they are.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="received">Receives the bytes stored, with MSG_TRUNC all that there were.</param>
    public static void Copy(ref MessageIn message, in Frame frame, int offset, int length, out int received)
    {
        ScatterList room = message.Data;
        int left = Math.Min(length, room.Length);
        for (int i = 0; left > 0; i++)
        {
            ReadOnlySpan<byte> bytes = frame[i].Span;
            if (offset >= bytes.Length)
            {
                offset -= bytes.Length;
                continue;
            }

            int part = Math.Min(bytes.Length - offset, left);
            room.CopyFrom(bytes.Slice(offset, part));
            room = room.Slice(part);
            left -= part;
            offset = 0;
        }

        bool isCut = length > message.Data.Length;
        message.Found |= isCut ? MessageFlags.MSG_TRUNC : MessageFlags.None;
        received = isCut && (message.Flags & MessageFlags.MSG_TRUNC) == MessageFlags.None ? message.Data.Length : length;
    }
}

using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What has become of something that was sent (ip(7), <c>struct sock_extended_err</c>).</summary>
/// <param name="Errno">The error; ENOMSG for a time stamp.</param>
/// <param name="Origin">SO_EE_ORIGIN_….</param>
/// <param name="Type">Type of the ICMP message.</param>
/// <param name="Code">Its code.</param>
/// <param name="Info">What fits, of what was too long; SCM_TSTAMP_… of a time stamp.</param>
/// <param name="Data">Number of the datagram with a time stamp.</param>
internal readonly record struct ExtendedError(Errno Errno, byte Origin, byte Type = 0, byte Code = 0, uint Info = 0, uint Data = 0)
{
    /// <summary>Bytes of <c>struct sock_extended_err</c>.</summary>
    public const int Length = 16;

    /// <summary>It came by ICMP: it is a pending error of the socket too.</summary>
    public bool IsIcmp => Origin is SocketOptions.SO_EE_ORIGIN_ICMP or SocketOptions.SO_EE_ORIGIN_ICMP6;

    /// <summary>Writes it in C's layout.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Errno);
        bytes[4] = Origin;
        bytes[5] = Type;
        bytes[6] = Code;
        bytes[7] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Info);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Data);
    }
}

/// <summary>Something that waits in the error queue.</summary>
internal struct QueuedError
{
    public ExtendedError Error;
    public IpAddress Offender; // who complained
    public IpAddress Destination; // to whom the datagram was sent
    public ushort Port;
    public int Interface;
    public Frame Frame; // the datagram, or what is known of it
    public int Offset;
    public int Length;
    public DateTimeOffset Time; // stamps
    public long DeviceTime;
}

/// <summary>The error queue of a socket (MSG_ERRQUEUE): bounded by bytes as what is received.</summary>
internal sealed class ErrorQueue
{
    private const int Overhead = 768;

    private readonly Queue<QueuedError> _queue = new();
    private int _charge;

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _queue.Count == 0;

    /// <summary>Adds an entry, with its frame's references; drops it when there is no room.</summary>
    /// <param name="error">The entry.</param>
    /// <param name="limit">Bytes that may wait.</param>
    /// <returns>Whether there was room.</returns>
    public bool Add(in QueuedError error, int limit)
    {
        if (_charge + error.Length + Overhead > limit)
        {
            Frame frame = error.Frame;
            frame.Release();
            return false;
        }

        _charge += error.Length + Overhead;
        _queue.Enqueue(error);
        return true;
    }

    /// <summary>Takes the oldest; its references are the caller's.</summary>
    public bool TryTake(out QueuedError error)
    {
        if (!_queue.TryDequeue(out error))
        {
            return false;
        }

        _charge -= error.Length + Overhead;
        return true;
    }

    /// <summary>The error that is pending once the oldest entry was taken: that of the next one, when ICMP brought it.</summary>
    public Errno NextPending => _queue.TryPeek(out QueuedError next) && next.Error.IsIcmp ? next.Error.Errno : Errno.None;

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        while (TryTake(out QueuedError error))
        {
            error.Frame.Release();
        }
    }
}

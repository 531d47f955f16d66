using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using FpgaNet.Sockets.Waiting;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets;

/// <summary>One call of the socket below for each of this face's, for those that wait on the calling thread and those that do not alike.</summary>
public partial class Socket
{
    private const SocketFlags Known = SocketFlags.OutOfBand | SocketFlags.Peek | SocketFlags.DontRoute | SocketFlags.Truncated | SocketFlags.ControlDataTruncated;
    private const int PacketControlLength = 128;

    /// <summary>Tries a call that waits once more. Called with its queue's lock held; it does not wait.</summary>
    /// <param name="call">The call; receives what came of it.</param>
    /// <returns>EAGAIN: not yet.</returns>
    internal Errno Try(SocketCall call)
    {
        KernelSocket kernel = _kernel;
        switch (call.Kind)
        {
            case CallKind.Receive:
                return Note(call, call.Runs is { } runs
                    ? ReceiveRuns(kernel, runs, call.Flags, MessageFlags.MSG_DONTWAIT, out int received)
                    : Receive(kernel, call.Destination.Span, call.Flags, MessageFlags.MSG_DONTWAIT, out received), received);
            case CallKind.ReceiveFrom:
                Errno error = ReceiveFrom(kernel, call.Destination.Span, call.Flags, MessageFlags.MSG_DONTWAIT, out received, out SockAddr address);
                call.Address = address;
                if (error == Errno.None && call.AddressBytes is { } bytes)
                {
                    EndPointOf.Write(address, bytes);
                }

                return Note(call, error, received);
            case CallKind.ReceiveMessageFrom:
                SocketFlags flags = call.Flags;
                error = ReceiveMessage(kernel, call.Destination.Span, ref flags, MessageFlags.MSG_DONTWAIT, out received, out address, out IPPacketInformation information);
                if (error == Errno.None)
                {
                    (call.Address, call.Flags, call.PacketInformation) = (address, flags, information);
                }

                return Note(call, error, received);
            case CallKind.Accept:
                error = kernel.Accept(out KernelSocket? accepted, out _, waits: false);
                call.Accepted = accepted;
                return error;
            case CallKind.Send:
                return TrySend(kernel, call);
            case CallKind.SendTo:
                return Note(call, SendTo(kernel, call.Source.Span, call.Flags, MessageFlags.MSG_DONTWAIT, call.Address, out int sent), sent);
            default:
                bool isBegun = call.IsBegun;
                error = Connect(kernel, call.Address, ref isBegun);
                call.IsBegun = isBegun;
                return Decided(error);
        }
    }

    // Begins to connect, or asks what has come of it. EAGAIN: nothing yet, or a backlog is full and it is to be begun anew (unix(7)).
    private static Errno Connect(KernelSocket kernel, in SockAddr address, ref bool isBegun)
    {
        if (kernel.IsClosed)
        {
            return Errno.EBADF;
        }

        Errno error = !isBegun ? kernel.Connect(address, waits: false)
            : (kernel.Poll() & (PollEvents.POLLOUT | WaitQueue.Always)) == PollEvents.None ? Errno.EINPROGRESS
            : kernel.Implementation.CompleteConnect();
        isBegun |= error is Errno.EINPROGRESS or Errno.EALREADY;
        return error is Errno.EINPROGRESS or Errno.EALREADY ? Errno.EAGAIN : error;
    }

    private static Errno Receive(KernelSocket kernel, Span<byte> buffer, SocketFlags flags, MessageFlags how, out int received)
    {
        MessageIn message = new() { Data = new ScatterList(buffer) };
        return Receive(kernel, ref message, flags, how, out received);
    }

    private static Errno ReceiveRuns(KernelSocket kernel, IList<ArraySegment<byte>> runs, SocketFlags flags, MessageFlags how, out int received)
    {
        Memory<byte>[] memory = ArrayPool<Memory<byte>>.Shared.Rent(runs.Count);
        try
        {
            for (int i = 0; i < runs.Count; i++)
            {
                memory[i] = runs[i];
            }

            MessageIn message = new() { Data = new ScatterList(memory.AsSpan(0, runs.Count)) };
            return Receive(kernel, ref message, flags, how, out received);
        }
        finally
        {
            ArrayPool<Memory<byte>>.Shared.Return(memory, clearArray: true);
        }
    }

    private static Errno ReceiveFrom(KernelSocket kernel, Span<byte> buffer, SocketFlags flags, MessageFlags how, out int received, out SockAddr address)
    {
        MessageIn message = new() { Data = new ScatterList(buffer) };
        Errno error = Receive(kernel, ref message, flags, how, out received);
        address = message.Address;
        return error;
    }

    private static Errno ReceiveMessage(
        KernelSocket kernel, Span<byte> buffer, ref SocketFlags flags, MessageFlags how, out int received, out SockAddr address, out IPPacketInformation information)
    {
        Span<byte> control = stackalloc byte[PacketControlLength];
        MessageIn message = new() { Data = new ScatterList(buffer), Control = control };
        Errno error = Receive(kernel, ref message, flags, how, out received);
        (address, information) = (message.Address, default);
        if (error == Errno.None)
        {
            information = PacketInformation(control[..message.ControlLength]);
            flags = (message.Found & MessageFlags.MSG_TRUNC) != MessageFlags.None ? SocketFlags.Truncated : SocketFlags.None;
            flags |= (message.Found & MessageFlags.MSG_CTRUNC) != MessageFlags.None ? SocketFlags.ControlDataTruncated : SocketFlags.None;
            flags |= (message.Found & MessageFlags.MSG_OOB) != MessageFlags.None ? SocketFlags.OutOfBand : SocketFlags.None;
        }

        return error;
    }

    private static Errno Receive(KernelSocket kernel, ref MessageIn message, SocketFlags flags, MessageFlags how, out int received)
    {
        received = 0;
        if ((flags & ~Known) != SocketFlags.None)
        {
            return Errno.EOPNOTSUPP;
        }

        message.Flags = (MessageFlags)(flags & (SocketFlags.OutOfBand | SocketFlags.Peek | SocketFlags.DontRoute)) | how;
        if (!message.Data.IsEmpty || kernel.Request.Kind != SocketKind.SOCK_STREAM)
        {
            return kernel.Receive(ref message, out received);
        }

        // In .NET room for no bytes waits for some without taking them; for the manuals it is no wait at all.
        Span<byte> one = stackalloc byte[1];
        MessageIn peek = new() { Data = new ScatterList(one), Flags = message.Flags | MessageFlags.MSG_PEEK };
        return kernel.Receive(ref peek, out _);
    }

    private static Errno Send(KernelSocket kernel, ReadOnlySpan<byte> buffer, SocketFlags flags, MessageFlags how, out int sent)
    {
        MessageOut message = new() { Data = new GatherList(buffer) };
        return Send(kernel, ref message, flags, how, out sent);
    }

    private static Errno SendRuns(KernelSocket kernel, IList<ArraySegment<byte>> runs, int start, SocketFlags flags, MessageFlags how, out int sent)
    {
        ReadOnlyMemory<byte>[] memory = ArrayPool<ReadOnlyMemory<byte>>.Shared.Rent(runs.Count);
        try
        {
            for (int i = 0; i < runs.Count; i++)
            {
                memory[i] = runs[i];
            }

            MessageOut message = new() { Data = new GatherList(memory.AsSpan(0, runs.Count)).Slice(start) };
            return Send(kernel, ref message, flags, how, out sent);
        }
        finally
        {
            ArrayPool<ReadOnlyMemory<byte>>.Shared.Return(memory, clearArray: true);
        }
    }

    private static Errno SendTo(KernelSocket kernel, ReadOnlySpan<byte> buffer, SocketFlags flags, MessageFlags how, in SockAddr address, out int sent)
    {
        MessageOut message = new() { Data = new GatherList(buffer), Address = address };
        return Send(kernel, ref message, flags, how, out sent);
    }

    private static Errno Send(KernelSocket kernel, ref MessageOut message, SocketFlags flags, MessageFlags how, out int sent)
    {
        sent = 0;
        if ((flags & ~Known) != SocketFlags.None)
        {
            return Errno.EOPNOTSUPP;
        }

        message.Flags = (MessageFlags)(flags & (SocketFlags.OutOfBand | SocketFlags.DontRoute)) | MessageFlags.MSG_NOSIGNAL | how;
        return kernel.Send(ref message, out sent);
    }

    // A stream's call ends when all is taken, as .NET's.
    private static Errno TrySend(KernelSocket kernel, SocketCall call)
    {
        while (true)
        {
            Errno error = call.Runs is { } runs
                ? SendRuns(kernel, runs, call.Count, call.Flags, MessageFlags.MSG_DONTWAIT, out int sent)
                : Send(kernel, call.Source.Span[call.Count..], call.Flags, MessageFlags.MSG_DONTWAIT, out sent);
            call.Count += sent;
            if (error != Errno.None || sent == 0 || kernel.Request.Kind != SocketKind.SOCK_STREAM || call.Count == Length(call))
            {
                return error;
            }
        }
    }

    private static int Length(SocketCall call) => call.Runs is { } runs ? Length(runs) : call.Source.Length;

    private static int Length(IList<ArraySegment<byte>> runs)
    {
        int length = 0;
        for (int i = 0; i < runs.Count; i++)
        {
            length += runs[i].Count;
        }

        return length;
    }

    private static Errno Note(SocketCall call, Errno error, int count)
    {
        call.Count = count;
        return error;
    }

    // IP_PKTINFO (ip(7)): interface, local address, destination. IPV6_PKTINFO (RFC 3542 §6): destination, interface.
    private static IPPacketInformation PacketInformation(ReadOnlySpan<byte> control)
    {
        ControlReader reader = new(control);
        while (reader.Read())
        {
            switch (reader.Level, reader.Type)
            {
                case (IPPROTO_IP, IP_PKTINFO) when reader.Data.Length >= 12:
                    return new IPPacketInformation(new IPAddress(reader.Data.Slice(8, 4)), MemoryMarshal.Read<int>(reader.Data));
                case (IPPROTO_IPV6, IPV6_PKTINFO) when reader.Data.Length >= 20:
                    return new IPPacketInformation(new IPAddress(reader.Data[..16]), MemoryMarshal.Read<int>(reader.Data[16..]));
            }
        }

        return default;
    }

    private Errno Decided(Errno error)
    {
        if (error == Errno.None)
        {
            Connected = true;
            _isBound = true;
            _remote = null;
        }
        else
        {
            Note(error);
        }

        return error;
    }
}

using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Sockets;

/// <summary>Sending to and receiving from the peer: the calls that wait on the calling thread.</summary>
public partial class Socket
{
    /// <summary>Sends bytes to the peer; a stream's all of them, unless it is not <see cref="Blocking"/>.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <returns>Bytes taken.</returns>
    public int Send(byte[] buffer) => Send(Checked(buffer), SocketFlags.None);

    /// <inheritdoc cref="Send(byte[])"/>
    /// <param name="socketFlags">How.</param>
    public int Send(byte[] buffer, SocketFlags socketFlags) => Send(Checked(buffer), socketFlags);

    /// <inheritdoc cref="Send(byte[], SocketFlags)"/>
    /// <param name="size">How many of them.</param>
    public int Send(byte[] buffer, int size, SocketFlags socketFlags) => Send(Checked(buffer, 0, size), socketFlags);

    /// <inheritdoc cref="Send(byte[], int, SocketFlags)"/>
    /// <param name="offset">The first of them.</param>
    public int Send(byte[] buffer, int offset, int size, SocketFlags socketFlags) => Send(Checked(buffer, offset, size), socketFlags);

    /// <inheritdoc cref="Send(byte[], int, int, SocketFlags)"/>
    /// <param name="errorCode">Receives why not.</param>
    public int Send(byte[] buffer, int offset, int size, SocketFlags socketFlags, out SocketError errorCode) => Send(Checked(buffer, offset, size), socketFlags, out errorCode);

    /// <inheritdoc cref="Send(byte[])"/>
    public int Send(ReadOnlySpan<byte> buffer) => Send(buffer, SocketFlags.None);

    /// <inheritdoc cref="Send(byte[], SocketFlags)"/>
    public int Send(ReadOnlySpan<byte> buffer, SocketFlags socketFlags)
    {
        int sent = Send(buffer, socketFlags, out SocketError error);
        return error == SocketError.Success ? sent : throw new SocketException((int)error);
    }

    /// <inheritdoc cref="Send(byte[], int, int, SocketFlags, out SocketError)"/>
    public int Send(ReadOnlySpan<byte> buffer, SocketFlags socketFlags, out SocketError errorCode)
    {
        KernelSocket kernel = Kernel;
        Errno error = Send(kernel, buffer, socketFlags, MessageFlags.None, out int sent);
        while (error == Errno.None && sent < buffer.Length && IsWhole(kernel))
        {
            error = Send(kernel, buffer[sent..], socketFlags, MessageFlags.None, out int more); // says what stopped it
            sent += more;
        }

        errorCode = Sync(kernel, error);
        return sent;
    }

    /// <summary>Sends several runs of bytes as one.</summary>
    /// <param name="buffers">The runs.</param>
    /// <returns>Bytes taken.</returns>
    public int Send(IList<ArraySegment<byte>> buffers) => Send(buffers, SocketFlags.None);

    /// <inheritdoc cref="Send(IList{ArraySegment{byte}})"/>
    /// <param name="socketFlags">How.</param>
    public int Send(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags)
    {
        int sent = Send(buffers, socketFlags, out SocketError error);
        return error == SocketError.Success ? sent : throw new SocketException((int)error);
    }

    /// <inheritdoc cref="Send(IList{ArraySegment{byte}}, SocketFlags)"/>
    /// <param name="errorCode">Receives why not.</param>
    public int Send(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags, out SocketError errorCode)
    {
        KernelSocket kernel = Kernel;
        Errno error = SendRuns(kernel, Checked(buffers), 0, socketFlags, MessageFlags.None, out int sent);
        while (error == Errno.None && sent < Length(buffers) && IsWhole(kernel))
        {
            error = SendRuns(kernel, buffers, sent, socketFlags, MessageFlags.None, out int more);
            sent += more;
        }

        errorCode = Sync(kernel, error);
        return sent;
    }

    /// <summary>Receives what is there; waits for something.</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <returns>Bytes received; 0 at the end of a stream.</returns>
    public int Receive(byte[] buffer) => Receive(Checked(buffer), SocketFlags.None);

    /// <inheritdoc cref="Receive(byte[])"/>
    /// <param name="socketFlags">How.</param>
    public int Receive(byte[] buffer, SocketFlags socketFlags) => Receive(Checked(buffer), socketFlags);

    /// <inheritdoc cref="Receive(byte[], SocketFlags)"/>
    /// <param name="size">How many at most.</param>
    public int Receive(byte[] buffer, int size, SocketFlags socketFlags) => Receive(Checked(buffer, 0, size), socketFlags);

    /// <inheritdoc cref="Receive(byte[], int, SocketFlags)"/>
    /// <param name="offset">Where to.</param>
    public int Receive(byte[] buffer, int offset, int size, SocketFlags socketFlags) => Receive(Checked(buffer, offset, size), socketFlags);

    /// <inheritdoc cref="Receive(byte[], int, int, SocketFlags)"/>
    /// <param name="errorCode">Receives why not.</param>
    public int Receive(byte[] buffer, int offset, int size, SocketFlags socketFlags, out SocketError errorCode) => Receive(Checked(buffer, offset, size), socketFlags, out errorCode);

    /// <inheritdoc cref="Receive(byte[])"/>
    public int Receive(Span<byte> buffer) => Receive(buffer, SocketFlags.None);

    /// <inheritdoc cref="Receive(byte[], SocketFlags)"/>
    public int Receive(Span<byte> buffer, SocketFlags socketFlags)
    {
        int received = Receive(buffer, socketFlags, out SocketError error);
        return error == SocketError.Success ? received : throw new SocketException((int)error);
    }

    /// <inheritdoc cref="Receive(byte[], int, int, SocketFlags, out SocketError)"/>
    public int Receive(Span<byte> buffer, SocketFlags socketFlags, out SocketError errorCode)
    {
        KernelSocket kernel = Kernel;
        errorCode = Sync(kernel, Receive(kernel, buffer, socketFlags, MessageFlags.None, out int received));
        return received;
    }

    /// <summary>Receives into several runs, one after the other.</summary>
    /// <param name="buffers">The runs.</param>
    /// <returns>Bytes received; 0 at the end of a stream.</returns>
    public int Receive(IList<ArraySegment<byte>> buffers) => Receive(buffers, SocketFlags.None);

    /// <inheritdoc cref="Receive(IList{ArraySegment{byte}})"/>
    /// <param name="socketFlags">How.</param>
    public int Receive(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags)
    {
        int received = Receive(buffers, socketFlags, out SocketError error);
        return error == SocketError.Success ? received : throw new SocketException((int)error);
    }

    /// <inheritdoc cref="Receive(IList{ArraySegment{byte}}, SocketFlags)"/>
    /// <param name="errorCode">Receives why not.</param>
    public int Receive(IList<ArraySegment<byte>> buffers, SocketFlags socketFlags, out SocketError errorCode)
    {
        KernelSocket kernel = Kernel;
        errorCode = Sync(kernel, ReceiveRuns(kernel, Checked(buffers), socketFlags, MessageFlags.None, out int received));
        return received;
    }

    // A blocking stream takes all, or says why not; a stream of bytes that was cut short by a time-out must not look sent.
    private static bool IsWhole(KernelSocket kernel) => kernel.Request.Kind == SocketKind.SOCK_STREAM && !kernel.IsNonBlocking;

    private static Span<byte> Checked(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return buffer;
    }

    private static Span<byte> Checked(byte[] buffer, int offset, int size) => CheckedMemory(buffer, offset, size).Span;

    private static Memory<byte> CheckedMemory(byte[] buffer, int offset, int size)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)buffer.Length, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)size, (uint)(buffer.Length - offset), nameof(size));
        return buffer.AsMemory(offset, size);
    }

    private static IList<ArraySegment<byte>> Checked(IList<ArraySegment<byte>> buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        return buffers.Count > 0 ? buffers : throw new ArgumentException("There is no buffer.", nameof(buffers));
    }

    // What a call that may wait on the calling thread says: its time-out is no EAGAIN in .NET, and a close while it waits is said in its own words.
    private SocketError Sync(KernelSocket kernel, Errno error) => error switch
    {
        Errno.None => SocketError.Success,
        Errno.EAGAIN when !kernel.IsNonBlocking => SocketError.TimedOut,
        Errno.EBADF => SocketError.ConnectionAborted,
        _ => Note(error),
    };
}

using System.Buffers;

namespace FpgaNet.Sockets;

/// <summary>Sending files.</summary>
public partial class Socket
{
    private const int FilePart = 64 * 1024;

    /// <summary>Sends a file to the peer.</summary>
    /// <param name="fileName">The file; null: none.</param>
    public void SendFile(string? fileName) => SendFile(fileName, default, default, TransmitFileOptions.UseDefaultWorkerThread);

    /// <summary>Sends a file to the peer, and what goes before and behind it.</summary>
    /// <param name="fileName">The file; null: none.</param>
    /// <param name="preBuffer">What goes before it; null: nothing.</param>
    /// <param name="postBuffer">What goes behind it; null: nothing.</param>
    /// <param name="flags">What is done afterwards.</param>
    public void SendFile(string? fileName, byte[]? preBuffer, byte[]? postBuffer, TransmitFileOptions flags) =>
        SendFile(fileName, preBuffer.AsSpan(), postBuffer.AsSpan(), flags);

    /// <inheritdoc cref="SendFile(string, byte[], byte[], TransmitFileOptions)"/>
    public void SendFile(string? fileName, ReadOnlySpan<byte> preBuffer, ReadOnlySpan<byte> postBuffer, TransmitFileOptions flags)
    {
        ThrowUnlessConnected();
        using FileStream? file = Open(fileName, FileOptions.SequentialScan);
        Send(preBuffer);
        if (file is not null)
        {
            byte[] part = ArrayPool<byte>.Shared.Rent(FilePart);
            try
            {
                int count;
                while ((count = file.Read(part, 0, FilePart)) > 0)
                {
                    Send(part.AsSpan(0, count));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(part);
            }
        }

        Send(postBuffer);
        AfterFile(flags);
    }

    /// <summary>Sends a file to the peer.</summary>
    /// <param name="fileName">The file; null: none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask SendFileAsync(string? fileName, CancellationToken cancellationToken = default) =>
        SendFileAsync(fileName, default, default, TransmitFileOptions.UseDefaultWorkerThread, cancellationToken);

    /// <inheritdoc cref="SendFile(string, byte[], byte[], TransmitFileOptions)"/>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask SendFileAsync(
        string? fileName, ReadOnlyMemory<byte> preBuffer, ReadOnlyMemory<byte> postBuffer, TransmitFileOptions flags, CancellationToken cancellationToken = default)
    {
        ThrowUnlessConnected();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellationToken)
            : SendFileAsync(Open(fileName, FileOptions.SequentialScan | FileOptions.Asynchronous), preBuffer, postBuffer, flags, cancellationToken);
    }

    private static FileStream? Open(string? fileName, FileOptions options) =>
        string.IsNullOrEmpty(fileName) ? null : new FileStream(fileName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, options);

    private async ValueTask SendFileAsync(
        FileStream? file, ReadOnlyMemory<byte> preBuffer, ReadOnlyMemory<byte> postBuffer, TransmitFileOptions flags, CancellationToken cancellationToken)
    {
        await using (file)
        {
            await SendAsync(preBuffer, cancellationToken);
            if (file is not null)
            {
                byte[] part = ArrayPool<byte>.Shared.Rent(FilePart);
                try
                {
                    int count;
                    while ((count = await file.ReadAsync(part.AsMemory(0, FilePart), cancellationToken)) > 0)
                    {
                        await SendAsync(part.AsMemory(0, count), cancellationToken);
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(part);
                }
            }

            await SendAsync(postBuffer, cancellationToken);
            AfterFile(flags);
        }
    }

    private void ThrowUnlessConnected()
    {
        _ = Kernel;
        if (!Connected)
        {
            throw new NotSupportedException("The socket is not connected.");
        }
    }

    private void AfterFile(TransmitFileOptions flags)
    {
        if ((flags & (TransmitFileOptions.Disconnect | TransmitFileOptions.ReuseSocket)) != TransmitFileOptions.UseDefaultWorkerThread)
        {
            Disconnect((flags & TransmitFileOptions.ReuseSocket) != TransmitFileOptions.UseDefaultWorkerThread);
        }
    }
}

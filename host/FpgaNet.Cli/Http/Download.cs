using System.Buffers;
using System.Security.Cryptography;
using FpgaNet.Cli.Terminal;

namespace FpgaNet.Cli.Http;

/// <summary>What came over the network.</summary>
internal sealed record DownloadResult(long Bytes, string Sha256);

/// <summary>Reads an HTTP response body into a stream, hashing it on the way.</summary>
internal static class Download
{
    private const int BufferSize = 256 * 1024;

    public static async Task<DownloadResult> ToAsync(HttpClient client, Uri address, Stream destination, IProgress<TransferProgress> progress, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new UserException($"{address}: the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
        }

        long? total = response.Content.Headers.ContentLength;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long done = 0;
            int count;
            while ((count = await body.ReadAsync(buffer, cancellation)) != 0)
            {
                hash.AppendData(buffer, 0, count);
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellation);
                done += count;
                progress.Report(new TransferProgress(done, total));
            }

            return new DownloadResult(done, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

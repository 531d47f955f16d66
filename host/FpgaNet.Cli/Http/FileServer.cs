using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FpgaNet.Cli.Http;

/// <summary>What a <see cref="FileServer"/> serves.</summary>
internal sealed record FileServerSettings
{
    /// <summary>The files.</summary>
    public required IFileProvider Files { get; init; }

    /// <summary>Port to listen on.</summary>
    public required int Port { get; init; }

    /// <summary>Where uploads are kept; null: they are only counted and hashed.</summary>
    public DirectoryInfo? UploadFolder { get; init; }

    /// <summary>Receives a line for each request; null: nobody.</summary>
    public TextWriter? Log { get; init; }
}

/// <summary>
/// Kestrel with static files (ranges, conditional requests, directory lists) and an upload address, over any transport. PUT or POST to
/// <c>/upload</c> or <c>/upload/NAME</c> answers with the number of bytes and their SHA-256.
/// </summary>
internal static class FileServer
{
    public static WebApplication Make(FileServerSettings options, IConnectionListenerFactory transport)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(transport); // the last one registered is Kestrel's
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.Services.AddDirectoryBrowser();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.IPv6Any, options.Port);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.AddServerHeader = false;
        });

        WebApplication app = builder.Build();
        if (options.Log is { } log)
        {
            app.Use(next => context => LogAsync(context, next, TextWriter.Synchronized(log)));
        }

        app.MapMethods("/upload/{name?}", ["POST", "PUT"], (HttpContext context, string? name) => UploadAsync(context, name, options.UploadFolder));
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = options.Files,
            ServeUnknownFileTypes = true,
            DefaultContentType = "application/octet-stream",
        });
        app.UseDirectoryBrowser(new DirectoryBrowserOptions { FileProvider = options.Files });
        return app;
    }

    private static async Task LogAsync(HttpContext context, RequestDelegate next, TextWriter log)
    {
        long start = Stopwatch.GetTimestamp();
        string outcome = "aborted";
        try
        {
            await next(context);
            outcome = context.RequestAborted.IsCancellationRequested ? "aborted" : context.Response.StatusCode.ToString(CultureInfo.InvariantCulture);
        }
        finally
        {
            await log.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{context.Connection.RemoteIpAddress} {context.Request.Method} {context.Request.Path} {outcome} {context.Response.ContentLength ?? 0} bytes {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms"));
        }
    }

    private static async Task UploadAsync(HttpContext context, string? name, DirectoryInfo? folder)
    {
        string fileName = name ?? string.Create(CultureInfo.InvariantCulture, $"upload-{DateTime.UtcNow:yyyyMMdd-HHmmss-fffffff}");
        if (fileName.AsSpan().ContainsAny('/', '\\', '\0') || fileName is "." or "..")
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("The name of an upload holds no path.\n");
            return;
        }

        // Under a name of its own until it is whole: a client that dies in the middle leaves nothing behind.
        string? target = folder is null ? null : Path.Combine(folder.FullName, fileName);
        string? partial = target is null ? null : $"{target}.{Guid.NewGuid():N}.partial";
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        try
        {
            await using (Stream file = partial is null ? Stream.Null : new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, useAsync: true))
            {
                PipeReader body = context.Request.BodyReader;
                ReadResult read;
                do
                {
                    read = await body.ReadAsync(context.RequestAborted);
                    foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                    {
                        hash.AppendData(segment.Span);
                        await file.WriteAsync(segment, context.RequestAborted);
                    }

                    bytes += read.Buffer.Length;
                    body.AdvanceTo(read.Buffer.End);
                }
                while (!read.IsCompleted);
            }

            if (partial is not null)
            {
                File.Move(partial, target!, overwrite: true);
            }
        }
        finally
        {
            if (partial is not null)
            {
                File.Delete(partial); // says nothing when it has moved
            }
        }

        await context.Response.WriteAsJsonAsync(new UploadAnswer(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()), target is null ? null : fileName), context.RequestAborted);
    }

    private sealed record UploadAnswer(long Bytes, string Sha256, string? Stored);

    /// <summary>The command itself handles Ctrl-C: the network must go on until the server has stopped.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

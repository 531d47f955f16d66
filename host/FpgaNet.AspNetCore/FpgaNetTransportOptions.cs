namespace FpgaNet.AspNetCore;

/// <summary>How the transport buffers. Each figure is for one connection.</summary>
public sealed record FpgaNetTransportOptions
{
    /// <summary>Bytes received that the application has not read; beyond them TCP's window closes. The default is that of Kestrel's own socket transport.</summary>
    public int MaximumReadBuffer { get; init; } = 1024 * 1024;

    /// <summary>Bytes written that TCP has not taken; beyond them the application waits.</summary>
    public int MaximumWriteBuffer { get; init; } = 256 * 1024;

    /// <summary>Connections that wait to be accepted.</summary>
    public int Backlog { get; init; } = 512;
}

namespace FpgaNet.Stack.Dhcp;

/// <summary>How a <see cref="DhcpClient"/> asks.</summary>
public sealed record DhcpSettings
{
    /// <summary>Host name to tell the server; null: none.</summary>
    public string? HostName { get; init; }

    /// <summary>Identifier to give instead of the one made of the station address (RFC 4361): the value of option 61, 2 to 255 bytes.</summary>
    public ReadOnlyMemory<byte> ClientIdentifier { get; init; }

    /// <summary>A lease of an earlier run, which is asked for first (INIT-REBOOT, RFC 2131 §3.2).</summary>
    public DhcpLease? Previous { get; init; }

    /// <summary>Ask the link whether somebody has the address before it is used (RFC 2131 §4.4.1, RFC 5227 §2.1.1); it takes some seconds.</summary>
    public bool DetectConflicts { get; init; } = true;

    /// <summary>Give the address back when the client is disposed of.</summary>
    public bool ReleaseOnDispose { get; init; } = true;
}

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Keep-alive of a connection (RFC 9293 §3.8.4). The defaults are those that the RFC asks for (MUST-28) and that hosts commonly have.</summary>
public sealed record TcpKeepAlive
{
    /// <summary>How long nothing must have come from the peer before it is asked.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Time between questions that stay without an answer.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>How many questions in a row must stay without an answer for the connection to be given up (MUST-29: never one alone).</summary>
    public int Probes { get; init; } = 9;
}

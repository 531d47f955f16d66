namespace FpgaNet.Stack.Transport.Tcp.Congestion;

/// <summary>The initial window (RFC 6928 §2).</summary>
internal static class InitialWindow
{
    /// <summary>That of a connection that begins.</summary>
    public static int For(in StartEvent start) => start.HandshakeWasLost ? start.MaximumSegmentSize : For(start.MaximumSegmentSize);

    /// <summary>That of one that begins or, after a pause, begins again.</summary>
    /// <param name="segmentSize">Bytes of payload in a full segment.</param>
    /// <returns>Bytes.</returns>
    public static int For(int segmentSize) => Math.Min(10 * segmentSize, Math.Max(2 * segmentSize, 14600));
}

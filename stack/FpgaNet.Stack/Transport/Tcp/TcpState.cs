namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>States of a connection (RFC 9293 §3.3.2). LISTEN is a <see cref="TcpListener"/>.</summary>
public enum TcpState
{
    /// <summary>There is no connection.</summary>
    Closed,

    /// <summary>We have sent a SYN.</summary>
    SynSent,

    /// <summary>We have received a SYN and answered it.</summary>
    SynReceived,

    /// <summary>Data flows both ways.</summary>
    Established,

    /// <summary>We have sent FIN; the peer has not.</summary>
    FinWait1,

    /// <summary>Our FIN is acknowledged; the peer may still send.</summary>
    FinWait2,

    /// <summary>The peer has sent FIN; we may still send.</summary>
    CloseWait,

    /// <summary>Both have sent FIN; ours is not acknowledged yet.</summary>
    Closing,

    /// <summary>The peer has sent FIN first; ours is not acknowledged yet.</summary>
    LastAck,

    /// <summary>All is done; late segments are waited for.</summary>
    TimeWait,
}

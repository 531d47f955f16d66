namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>What a connection knows of urgent data (RFC 6093), made when there is some for the first time.</summary>
internal sealed class UrgentData
{
    /// <summary>SND.UP is ahead of SND.UNA.</summary>
    public bool Sends { get; set; }

    /// <summary>SND.UP: the byte behind the last urgent one.</summary>
    public SequenceNumber SendUp { get; set; }

    /// <summary>The application has not read beyond the mark yet.</summary>
    public bool HasMark { get; set; }

    /// <summary>The last urgent byte: RCV.UP − 1.</summary>
    public SequenceNumber Mark { get; set; }

    /// <summary>The application has the marked byte already, apart from the stream.</summary>
    public bool IsTaken { get; set; }

    /// <summary>A byte that was taken out of the stream and waits for the application; −1: none.</summary>
    public int Byte { get; set; } = -1;
}

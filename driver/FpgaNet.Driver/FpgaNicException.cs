namespace FpgaNet.Driver;

/// <summary>A card could not be brought up: it is not one of ours, or does not answer as one should.</summary>
public sealed class FpgaNicException : Exception
{
    /// <summary>Makes an exception without a message.</summary>
    public FpgaNicException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What is wrong, and with which card.</param>
    public FpgaNicException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">What is wrong, and with which card.</param>
    /// <param name="innerException">What led to it.</param>
    public FpgaNicException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

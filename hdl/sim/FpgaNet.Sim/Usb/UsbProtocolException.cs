namespace FpgaNet.Sim.Usb;

/// <summary>The card broke a rule of the USB chip at its pins.</summary>
public sealed class UsbProtocolException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">The rule and the cycle.</param>
    public UsbProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public UsbProtocolException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">The rule and the cycle.</param>
    /// <param name="innerException">Its cause.</param>
    public UsbProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

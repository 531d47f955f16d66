namespace FpgaNet.Sim.Pci;

/// <summary>
/// The card broke a rule of PCI Express. The simulated board takes no excuse: the message names the rule, the clock cycle and the packet,
/// and the simulation ends.
/// </summary>
public sealed class PciProtocolException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">The rule, the cycle and the packet.</param>
    public PciProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public PciProtocolException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">The rule, the cycle and the packet.</param>
    /// <param name="innerException">Its cause.</param>
    public PciProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

using System.Diagnostics.CodeAnalysis;

namespace FpgaNet.Simulation;

/// <summary>A run broke a rule that every run has to keep. The message is the report: seed, time, connections, the last frames.</summary>
public sealed class SimulationException : Exception
{
    public SimulationException()
    {
    }

    public SimulationException(string message)
        : base(message)
    {
    }

    public SimulationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Throws unless a rule holds.</summary>
    public static void ThrowUnless([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationException(message);
        }
    }
}

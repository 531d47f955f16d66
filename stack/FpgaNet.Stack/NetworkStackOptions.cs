using FpgaNet.Stack.Network;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack;

/// <summary>How a <see cref="NetworkStack"/> is set up.</summary>
public sealed record NetworkStackOptions : NetworkOptions
{
    /// <summary>TCP's part.</summary>
    public TcpSettings Tcp { get; init; } = new();
}

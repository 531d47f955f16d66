namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>Who made a socket (<c>struct ucred</c>, unix(7)).</summary>
/// <param name="Process">Number of the process.</param>
/// <param name="User">Number of the user; 0 may do everything.</param>
/// <param name="Group">Number of the group.</param>
public readonly record struct Credentials(int Process, uint User, uint Group)
{
    /// <summary>This process, as the superuser of its own stack.</summary>
    public static Credentials Own { get; } = new(Environment.ProcessId, 0, 0);
}

using FpgaNet.Stack.Sockets;

namespace FpgaNet.Sockets;

/// <summary>Whose sockets <c>new Socket(family, type, protocol)</c> makes: .NET's constructors name no host, so the program says it once.</summary>
public static class SocketHost
{
    private static readonly AsyncLocal<SocketSystem?> s_current = new();
    private static SocketSystem? s_default;

    /// <summary>The host of sockets whose constructor names none: that of <see cref="Use"/> where it is in force, else the program's, set at its start.</summary>
    /// <exception cref="InvalidOperationException">None was set.</exception>
    public static SocketSystem Default
    {
        get => s_current.Value ?? Volatile.Read(ref s_default)
            ?? throw new InvalidOperationException($"No host: set {nameof(SocketHost)}.{nameof(Default)} at the start of the program, or give the constructor a {nameof(SocketSystem)}.");
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref s_default, value);
        }
    }

    /// <summary>Puts another host in place of <see cref="Default"/> for this flow of control and what it starts.</summary>
    /// <param name="system">The host.</param>
    /// <returns>Dispose of it to go back.</returns>
    public static IDisposable Use(SocketSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        Scope scope = new(s_current.Value);
        s_current.Value = system;
        return scope;
    }

    private sealed class Scope(SocketSystem? previous) : IDisposable
    {
        public void Dispose() => s_current.Value = previous;
    }
}

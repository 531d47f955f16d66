using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>Control messages of local sockets: who the sender says it is. SCM_RIGHTS is the descriptor layer's (<see cref="MessageOut.Rights"/>).</summary>
internal static class LocalControl
{
    /// <summary>Bytes of <c>struct ucred</c>.</summary>
    public const int CredentialsLength = 12;

    /// <summary>Reads what goes with a message that is sent.</summary>
    /// <param name="control">The control messages.</param>
    /// <param name="own">Who sends.</param>
    /// <param name="claimed">Receives who the message is to be from; null: nothing is said.</param>
    /// <returns>EINVAL: malformed or unknown; EPERM: a process, user or group that only the superuser may claim (unix(7)).</returns>
    public static Errno Read(ReadOnlySpan<byte> control, Credentials own, out Credentials? claimed)
    {
        claimed = null;
        ControlReader reader = new(control);
        while (reader.Read())
        {
            if (reader.Level != SOL_SOCKET || reader.Type == SCM_RIGHTS)
            {
                continue;
            }

            if (reader.Type != SCM_CREDENTIALS || reader.Data.Length != CredentialsLength)
            {
                return Errno.EINVAL;
            }

            ReadOnlySpan<int> fields = MemoryMarshal.Cast<byte, int>(reader.Data);
            Credentials credentials = new(fields[0], (uint)fields[1], (uint)fields[2]);
            if (credentials.User == uint.MaxValue || credentials.Group == uint.MaxValue)
            {
                return Errno.EINVAL;
            }

            if (own.User != 0 && credentials != own)
            {
                return Errno.EPERM;
            }

            claimed = credentials;
        }

        return reader.IsMalformed ? Errno.EINVAL : Errno.None;
    }

    /// <summary>Writes <c>struct ucred</c>.</summary>
    /// <param name="destination">Receives <see cref="CredentialsLength"/> bytes.</param>
    /// <param name="credentials">Whose.</param>
    public static void Write(Span<byte> destination, Credentials credentials)
    {
        Span<int> fields = MemoryMarshal.Cast<byte, int>(destination);
        fields[0] = credentials.Process;
        fields[1] = (int)credentials.User;
        fields[2] = (int)credentials.Group;
    }
}

namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>Requests and flags of fcntl(2), with Linux's numbers. For <c>using static</c>.</summary>
public static class FileControl
{
#pragma warning disable CS1591 // the manual says what each is
    public const int F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_DUPFD_CLOEXEC = 1030;

    public const int FD_CLOEXEC = 1, O_RDWR = 2, O_NONBLOCK = 0x800;
#pragma warning restore CS1591
}

using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Kernel;

/// <summary>An open file description as the descriptor layer needs it: it can be polled and waited for, whatever it is.</summary>
internal interface IPolledDescription : IOpenDescription
{
    /// <summary>Who waits for it.</summary>
    WaitQueue Waiters { get; }

    /// <summary>O_NONBLOCK, which all its descriptors share.</summary>
    bool IsNonBlocking { get; set; }

    /// <summary>What would not wait now.</summary>
    PollEvents Poll();

    /// <summary>ioctl(2).</summary>
    /// <param name="request">Its number.</param>
    /// <param name="argument">What it reads and writes, as in C.</param>
    Errno Control(int request, Span<byte> argument);
}

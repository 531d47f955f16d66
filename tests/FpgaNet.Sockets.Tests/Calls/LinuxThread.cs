using System.Globalization;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>The calling thread as Linux knows it, for others to look at and to send signals to. For tests with a process of their own (<see cref="OwnProcessTestAttribute"/>).</summary>
internal sealed class LinuxThread
{
    // Not one of those that the runtime handles, and without SA_RESTART: it ends calls with EINTR (signal(7)).
    private const int SIGUSR2 = 12;

    private readonly int _number = Libc.gettid();

    /// <summary>Whether it sleeps in a call on this descriptor (proc_pid_syscall(5): the call's number, then its arguments; "running" when it is in none).</summary>
    public bool SleepsIn(int descriptor)
    {
        try
        {
            string[] words = File.ReadAllText($"/proc/self/task/{_number}/syscall").Split(' ');
            return words.Length > 1 && words[1].Equals(string.Create(CultureInfo.InvariantCulture, $"0x{descriptor:x}"), StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it has ended
        }
    }

    /// <summary>Sends it a signal that is handled, unless it has ended.</summary>
    public void Interrupt()
    {
        Libc.HandleWithoutRestart(SIGUSR2);
        int result = Libc.Result(Libc.tgkill(Environment.ProcessId, _number, SIGUSR2));
        Assert.IsTrue((Errno)(-result) is Errno.None or Errno.ESRCH, $"{result}");
    }
}

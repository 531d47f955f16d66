using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>What one thread needs to wait for many descriptors at once; kept by the thread, so that polling allocates nothing once it has grown.</summary>
internal sealed class PollSession
{
    [ThreadStatic]
    private static PollSession? s_current;

    private readonly ThreadWaiter _thread = ThreadWaiter.Current;
    private Member[] _members = [];
    private int _count;

    /// <summary>The calling thread's.</summary>
    public static PollSession Current => s_current ??= new PollSession();

    /// <summary>Room for descriptors that <c>select</c> builds.</summary>
    public PollFd[] Descriptors { get; private set; } = [];

    /// <summary>Makes room.</summary>
    /// <param name="count">Descriptors.</param>
    public PollFd[] Room(int count)
    {
        if (Descriptors.Length < count)
        {
            Descriptors = new PollFd[Math.Max(count, 2 * Descriptors.Length)];
        }

        return Descriptors;
    }

    /// <summary>Forgets earlier signals: before the descriptors are asked again.</summary>
    public void Reset() => _thread.Reset();

    /// <summary>Waits in a file's queue from now on.</summary>
    /// <param name="file">The file.</param>
    /// <param name="interest">For what.</param>
    public void Watch(IPolledDescription file, PollEvents interest)
    {
        if (_count == _members.Length)
        {
            int length = Math.Max(16, 2 * _count);
            Array.Resize(ref _members, length);
            for (int i = _count; i < length; i++)
            {
                _members[i] = new Member(_thread);
            }
        }

        Member member = _members[_count++];
        member.Interest = interest;
        member.WatchedQueue = file.Waiters;
        member.WatchedQueue.Add(member);
    }

    /// <summary>Sleeps until one of them is signalled.</summary>
    /// <param name="timeout">For how long at most.</param>
    public Errno Wait(TimeSpan timeout) => _thread.Wait(timeout);

    /// <summary>Leaves all queues.</summary>
    public void End()
    {
        while (_count > 0)
        {
            Member member = _members[--_count];
            member.WatchedQueue!.Remove(member);
            member.WatchedQueue = null;
        }
    }

    private sealed class Member(ThreadWaiter thread) : SocketWaiter
    {
        public WaitQueue? WatchedQueue { get; set; }

        protected internal override void Signal(PollEvents events) => thread.Signal(events);
    }
}

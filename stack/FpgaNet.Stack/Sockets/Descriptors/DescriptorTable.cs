using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Descriptors;

/// <summary>
/// A process's descriptors and the calls of the manuals on them: each returns −1 and sets <see cref="Errno"/>, as in C. Descriptors are the lowest free integers. Any number of
/// threads may call; fork has no meaning here.
/// </summary>
public sealed partial class DescriptorTable : IWaitScope
{
    private static readonly Reservation s_reserved = new();

    [ThreadStatic]
    private static Errno s_errno;

    private readonly SocketSystem _system;
    private readonly Lock _gate = new();
    private IPolledDescription?[] _files = new IPolledDescription?[64];
    private bool[] _closeOnExec = new bool[64];
    private int _lowestFree; // none below it is free

    /// <summary>Makes an empty table.</summary>
    /// <param name="system">The host.</param>
    public DescriptorTable(SocketSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        _system = system;
    }

    /// <summary>Why the calling thread's last call that failed did so (errno).</summary>
    public static Errno Errno => s_errno;

    /// <summary>The host.</summary>
    public SocketSystem System => _system;

    /// <summary>Who the process is from now on, for sockets and names that it makes (setresuid(2)): at first the superuser.</summary>
    public Credentials Credentials { get; set; } = Credentials.Own;

    /// <summary>Descriptors are below this number (RLIMIT_NOFILE); more: EMFILE.</summary>
    public int Limit { get; set; } = 1 << 20;

    /// <summary>Descriptors in use.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _files.Count(file => file is not null);
            }
        }
    }

    /// <summary>The kernel-style socket behind a descriptor, which stays the descriptor's (FreeBSD's fgetsock).</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <returns>Null: it is not open, or no socket.</returns>
    public KernelSocket? SocketOf(int descriptor) => Find(descriptor) as KernelSocket;

    /// <summary>close(2). Calls that wait on this descriptor end with EBADF; what stands behind it closes with its last descriptor.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <returns>0; −1: EBADF.</returns>
    public int Close(int descriptor)
    {
        IPolledDescription? file;
        lock (_gate)
        {
            file = Find(descriptor);
            if (file is null)
            {
                return Fail(Errno.EBADF);
            }

            Free(descriptor);
        }

        return Result(Drop(file));
    }

    /// <summary>dup(2).</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <returns>Another for the same; −1: EBADF, EMFILE.</returns>
    public int Dup(int descriptor) => Duplicate(descriptor, 0, closesOnExec: false);

    /// <summary>dup2(2).</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="target">The number to have; what it stood for is closed.</param>
    /// <returns><paramref name="target"/>; −1: EBADF.</returns>
    public int Dup2(int descriptor, int target)
    {
        IPolledDescription? replaced;
        lock (_gate)
        {
            IPolledDescription? file = Find(descriptor);
            if (file is null || target < 0 || target >= Limit)
            {
                return Fail(Errno.EBADF);
            }

            if (target == descriptor)
            {
                return target;
            }

            Grow(target + 1);
            replaced = _files[target];
            if (replaced == s_reserved)
            {
                return Fail(Errno.EBUSY); // dup(2): a race with a call that makes a descriptor
            }

            file.TryAddReference();
            _closeOnExec[target] = false;
            Volatile.Write(ref _files[target], file);
        }

        if (replaced is not null)
        {
            Drop(replaced);
        }

        return target;
    }

    /// <inheritdoc/>
    bool IWaitScope.IsOpen(int key, IOpenDescription description) => Find(key) == description;

    /// <summary>Gives the reference of a descriptor back; who waits on that one, when there are others, does so no longer.</summary>
    private static Errno Drop(IPolledDescription file)
    {
        Errno error = file.Release();
        if (file.References > 0)
        {
            file.Waiters.Rouse();
        }

        return error;
    }

    private static int Fail(Errno error)
    {
        s_errno = error;
        return -1;
    }

    private static int Result(Errno error) => error == Errno.None ? 0 : Fail(error);

    private IPolledDescription? Find(int descriptor)
    {
        IPolledDescription?[] files = _files;
        IPolledDescription? file = (uint)descriptor < (uint)files.Length ? Volatile.Read(ref files[descriptor]) : null;
        return file == s_reserved ? null : file;
    }

    /// <summary>The socket behind a descriptor: one array read.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="socket">Receives it.</param>
    /// <returns>EBADF, ENOTSOCK.</returns>
    private Errno Find(int descriptor, out KernelSocket socket)
    {
        IPolledDescription?[] files = _files;
        IPolledDescription? found = (uint)descriptor < (uint)files.Length ? Volatile.Read(ref files[descriptor]) : null;
        socket = (found as KernelSocket)!;
        if (socket is not null)
        {
            return Errno.None;
        }

        return found is null || found == s_reserved ? Errno.EBADF : Errno.ENOTSOCK;
    }

    private int Duplicate(int descriptor, int least, bool closesOnExec)
    {
        lock (_gate)
        {
            IPolledDescription? file = Find(descriptor);
            if (file is null)
            {
                return Fail(Errno.EBADF);
            }

            if (least < 0 || least >= Limit)
            {
                return Fail(Errno.EINVAL);
            }

            int copy = LowestFree(least);
            if (copy < 0)
            {
                return Fail(Errno.EMFILE);
            }

            file.TryAddReference();
            _closeOnExec[copy] = closesOnExec;
            Volatile.Write(ref _files[copy], file);
            return copy;
        }
    }

    /// <summary>Takes the lowest free number, for something that is made next; <see cref="Install"/> or <see cref="Free"/> follows.</summary>
    private bool TryReserve(out int descriptor)
    {
        lock (_gate)
        {
            descriptor = LowestFree(0);
            if (descriptor < 0)
            {
                return false;
            }

            _files[descriptor] = s_reserved;
            return true;
        }
    }

    private int Install(int reserved, IPolledDescription file, bool closesOnExec)
    {
        lock (_gate)
        {
            _closeOnExec[reserved] = closesOnExec;
            Volatile.Write(ref _files[reserved], file);
            return reserved;
        }
    }

    private int Unreserve(int reserved, Errno error)
    {
        lock (_gate)
        {
            Free(reserved);
        }

        return Fail(error);
    }

    private void Free(int descriptor)
    {
        Volatile.Write(ref _files[descriptor], null);
        _lowestFree = Math.Min(_lowestFree, descriptor);
    }

    private int LowestFree(int least)
    {
        int place = Math.Max(least, _lowestFree);
        while (place < _files.Length && _files[place] is not null)
        {
            place++;
        }

        if (place >= Limit)
        {
            return -1;
        }

        Grow(place + 1);
        if (least <= _lowestFree)
        {
            _lowestFree = place;
        }

        return place;
    }

    private void Grow(int count)
    {
        if (count > _files.Length)
        {
            int length = Math.Max(count, 2 * _files.Length);
            Array.Resize(ref _closeOnExec, length);
            Array.Resize(ref _files, length);
        }
    }

    /// <summary>Stands in the table for a descriptor that is being made.</summary>
    private sealed class Reservation : IPolledDescription
    {
        public int References => 1;

        public bool IsNonBlocking { get; set; }

        public WaitQueue Waiters => throw new NotSupportedException();

        public PollEvents Poll() => PollEvents.POLLNVAL;

        public Errno Control(int request, Span<byte> argument) => Errno.EBADF;

        public bool TryAddReference() => false;

        public Errno Release() => Errno.None;
    }
}

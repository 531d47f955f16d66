using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>
/// References on their way in messages (SCM_RIGHTS, unix(7)). A local socket that only such references keep open, and that can be reached from its own queue alone, can never be
/// received by anybody: <see cref="Collect"/> finds such circles and empties their queues (as unix_gc of Linux). Guarded by the lock of <see cref="LocalDomain"/>.
/// </summary>
internal sealed class RightsInFlight
{
    /// <summary>Most with one message (SCM_MAX_FD, unix(7)).</summary>
    public const int MaximumPerMessage = 253;

    private const int MaximumPerUser = 1024; // the usual limit of descriptors of a process (ETOOMANYREFS, unix(7))

    private readonly HashSet<LocalSocket> _sockets = []; // local sockets on their way
    private readonly Dictionary<uint, int> _counts = []; // of users who are not the superuser
    private readonly Stack<LocalSocket> _reached = new();

    /// <summary>Whether a user may send any more.</summary>
    public bool HasRoom(Credentials user) => user.User == 0 || _counts.GetValueOrDefault(user.User) <= MaximumPerUser;

    /// <summary>A message with rights goes into a socket's queue.</summary>
    public void Add(LocalMessage message, LocalSocket receiver)
    {
        Count(message, message.Rights!.Length);
        bool mayBeCircle = false;
        foreach (IOpenDescription right in message.Rights)
        {
            if (LocalSocket.Behind(right) is { } socket)
            {
                socket.References++;
                receiver.RightsHeld++;
                _sockets.Add(socket);
                mayBeCircle |= IsSuspect(socket);
            }
        }

        if (mayBeCircle)
        {
            Collect();
        }
    }

    /// <summary>A message with rights leaves a socket's queue.</summary>
    public void Remove(LocalMessage message, LocalSocket receiver)
    {
        Count(message, -message.Rights!.Length);
        foreach (IOpenDescription right in message.Rights)
        {
            if (LocalSocket.Behind(right) is { } socket)
            {
                receiver.RightsHeld--;
                if (--socket.References == 0)
                {
                    _sockets.Remove(socket);
                }
            }
        }
    }

    /// <summary>A reference to a socket was given back, and some are left.</summary>
    public void ReferenceGone(LocalSocket socket)
    {
        if (IsSuspect(socket))
        {
            Collect();
        }
    }

    // Nobody has a descriptor, and it holds others: no circle can come into being without one that becomes so.
    private static bool IsSuspect(LocalSocket socket) => IsOnlyOnItsWay(socket) && socket.HoldsRights;

    private static bool IsOnlyOnItsWay(LocalSocket socket) => socket.References > 0 && socket.Owner is IOpenDescription description && description.References == socket.References;

    private void Count(LocalMessage message, int change)
    {
        uint user = message.Sender!.Credentials.User;
        if (user == 0)
        {
            return;
        }

        int count = _counts.GetValueOrDefault(user) + change;
        if (count == 0)
        {
            _counts.Remove(user);
        }
        else
        {
            _counts[user] = count;
        }
    }

    private void Collect()
    {
        // Of the references to each candidate, those from candidates' queues.
        List<LocalSocket> candidates = [.. _sockets.Where(IsOnlyOnItsWay)];
        foreach (LocalSocket candidate in candidates)
        {
            candidate.IsUnreached = true;
            candidate.ReferencesFromUnreached = 0;
        }

        foreach (LocalSocket candidate in candidates)
        {
            candidate.ForEachRight(static (socket, _) => socket.ReferencesFromUnreached++, _reached);
        }

        // Who is referred to from elsewhere can be received, and so can all in its queue.
        foreach (LocalSocket candidate in candidates)
        {
            if (candidate.References > candidate.ReferencesFromUnreached)
            {
                Reach(candidate, _reached);
            }
        }

        while (_reached.TryPop(out LocalSocket? socket))
        {
            socket.ForEachRight(Reach, _reached);
        }

        foreach (LocalSocket candidate in candidates)
        {
            if (candidate.IsUnreached)
            {
                candidate.IsUnreached = false;
                candidate.Flush();
            }
        }
    }

    private static void Reach(LocalSocket socket, Stack<LocalSocket> reached)
    {
        if (socket.IsUnreached)
        {
            socket.IsUnreached = false;
            reached.Push(socket);
        }
    }
}

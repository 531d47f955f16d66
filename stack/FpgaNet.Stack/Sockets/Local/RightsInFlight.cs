using FpgaNet.Stack.Sockets.Abi;

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

    private readonly Dictionary<uint, int> _counts = []; // of users who are not the superuser
    private readonly List<LocalSocket> _candidates = [];
    private readonly Stack<LocalSocket> _reached = new();
    private int _references; // to local sockets, on their way
    private bool _mayHaveCircles;

    /// <summary>Whether a user may send any more.</summary>
    public bool HasRoom(Credentials user) => user.User == 0 || _counts.GetValueOrDefault(user.User) <= MaximumPerUser;

    /// <summary>A message with rights goes into a socket's queue.</summary>
    public void Add(LocalMessage message, LocalSocket receiver)
    {
        Count(message, message.Rights!.Length);
        foreach (IOpenDescription right in message.Rights)
        {
            if (LocalSocket.Behind(right) is { } socket)
            {
                _references++;
                socket.References++;
                receiver.RightsHeld++;
            }
        }

        // The last reference that closes a circle goes to a socket that is on its way itself.
        _mayHaveCircles |= receiver.RightsHeld > 0 && receiver.Holder.References > 0;
        foreach (IOpenDescription right in message.Rights)
        {
            if (LocalSocket.Behind(right) is { } socket)
            {
                ReferenceGone(socket); // the descriptor may have been closed meanwhile
            }
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
                socket.References--;
                _references--;
            }
        }

        _mayHaveCircles &= _references > 0;
    }

    /// <summary>A reference to a socket was given back, and some are left.</summary>
    /// <remarks>
    /// No circle is lost before this is so of one of its sockets. What is lost with it can be reached from that one, and references from elsewhere come from sockets that are not lost: so it is
    /// enough to look at those.
    /// </remarks>
    public void ReferenceGone(LocalSocket socket)
    {
        if (_mayHaveCircles && IsOnlyOnItsWay(socket) && socket.HoldsRights)
        {
            Collect(socket);
        }
    }

    // Nobody has a descriptor.
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

    private void Collect(LocalSocket suspect)
    {
        // All that it leads to, and of the references to each of them those from others of them.
        Visit(suspect);
        while (_reached.TryPop(out LocalSocket? socket))
        {
            socket.ForEachRight(Visit);
        }

        foreach (LocalSocket candidate in _candidates)
        {
            candidate.ForEachRight(static socket => socket.ReferencesFromUnreached++);
        }

        // Who is referred to from elsewhere can be received, and so can all in its queue.
        foreach (LocalSocket candidate in _candidates)
        {
            if (candidate.References > candidate.ReferencesFromUnreached)
            {
                Reach(candidate);
            }
        }

        while (_reached.TryPop(out LocalSocket? socket))
        {
            socket.ForEachRight(Reach);
        }

        foreach (LocalSocket candidate in _candidates)
        {
            if (candidate.IsUnreached)
            {
                candidate.IsUnreached = false;
                candidate.Flush();
            }
        }

        _candidates.Clear();
    }

    private void Visit(LocalSocket socket)
    {
        if (!socket.IsUnreached && IsOnlyOnItsWay(socket))
        {
            socket.IsUnreached = true;
            socket.ReferencesFromUnreached = 0;
            _candidates.Add(socket);
            _reached.Push(socket);
        }
    }

    private void Reach(LocalSocket socket)
    {
        if (socket.IsUnreached)
        {
            socket.IsUnreached = false;
            _reached.Push(socket);
        }
    }
}

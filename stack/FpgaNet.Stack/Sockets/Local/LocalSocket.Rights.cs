using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>What is kept of a socket for <see cref="RightsInFlight"/>, and the control messages of one received.</summary>
internal abstract partial class LocalSocket
{
    /// <summary>References to it in queues.</summary>
    public int References { get; set; }

    /// <summary>References to local sockets in its queue.</summary>
    public int RightsHeld { get; set; }

    /// <summary>It, or a connection that waits to be accepted from it, has such in its queue.</summary>
    public virtual bool HoldsRights => RightsHeld > 0;

    /// <summary>Whose descriptor gives what is in its queue: its own, or that of the socket that it waits to be accepted from.</summary>
    public virtual LocalSocket Holder => this;

    /// <summary>While circles are looked for: nothing has been found from which it can be received.</summary>
    public bool IsUnreached { get; set; }

    /// <summary>While circles are looked for: how many of <see cref="References"/> are in queues of such.</summary>
    public int ReferencesFromUnreached { get; set; }

    /// <summary>The local socket behind what is passed; null: it is something else.</summary>
    public static LocalSocket? Behind(IOpenDescription description) => (description as KernelSocket)?.Implementation as LocalSocket;

    /// <summary>Does something with each local socket that is passed in its queue.</summary>
    public virtual void ForEachRight(Action<LocalSocket> action)
    {
        for (LocalMessage? message = RightsHeld > 0 ? Inbox.First : null; message is not null; message = message.Next)
        {
            foreach (IOpenDescription right in message.Rights ?? [])
            {
                if (Behind(right) is { } socket)
                {
                    action(socket);
                }
            }
        }
    }

    /// <summary>Throws away what waits to be received, and closes what is passed with it.</summary>
    public virtual void Flush()
    {
        while (Inbox.First is { } message)
        {
            DeferredRelease.Add(TakeRights(message));
            Dequeue();
        }
    }

    /// <summary>Tells what came with a message.</summary>
    /// <param name="message">The message that is received.</param>
    /// <param name="found">Where to.</param>
    /// <param name="isPeeked">It stays in the queue: its rights are doubled.</param>
    protected void TellAncillary(LocalMessage message, ref MessageIn found, bool isPeeked)
    {
        if (PassesCredentials)
        {
            ControlWriter writer = new(found.Control);
            Span<byte> credentials = stackalloc byte[LocalControl.CredentialsLength];
            LocalControl.Write(credentials, message.Credentials);
            writer.Write(SocketOptions.SOL_SOCKET, SocketOptions.SCM_CREDENTIALS, credentials);
            found.ControlLength = writer.Length;
            found.Found |= writer.IsTruncated ? MessageFlags.MSG_CTRUNC : MessageFlags.None;
        }

        if (message.Rights is null)
        {
            return;
        }

        if (!found.TakesRights)
        {
            found.Found |= MessageFlags.MSG_CTRUNC;
            DeferredRelease.Add(isPeeked ? null : TakeRights(message));
        }
        else if (!isPeeked)
        {
            found.Rights = TakeRights(message);
        }
        else
        {
            // What is in flight is open, for the message's own reference keeps it so.
            found.Rights = [.. message.Rights.Where(static right => right.TryAddReference())];
        }
    }
}

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>Messages that wait to be received, in order.</summary>
internal sealed class LocalMessageQueue
{
    /// <summary>The oldest.</summary>
    public LocalMessage? First { get; private set; }

    /// <summary>The newest.</summary>
    public LocalMessage? Last { get; private set; }

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one.</summary>
    public void Enqueue(LocalMessage message)
    {
        if (Last is { } last)
        {
            last.Next = message;
        }
        else
        {
            First = message;
        }

        Last = message;
        Count++;
    }

    /// <summary>Takes the oldest out.</summary>
    public LocalMessage? Dequeue()
    {
        if (First is not { } message)
        {
            return null;
        }

        First = message.Next;
        Last = First is null ? null : Last;
        message.Next = null;
        Count--;
        return message;
    }
}

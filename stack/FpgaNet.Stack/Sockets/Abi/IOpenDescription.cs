namespace FpgaNet.Stack.Sockets.Abi;

/// <summary>
/// What descriptors stand for (POSIX.1-2017 §3.258, open file description): a socket, or a set of descriptors. It counts who refers to it: descriptors (dup(2)), and messages on their way
/// (SCM_RIGHTS, unix(7)). The last reference to go closes it.
/// </summary>
public interface IOpenDescription
{
    /// <summary>How many refer to it; 0: it is closed.</summary>
    int References { get; }

    /// <summary>Takes a further reference.</summary>
    /// <returns>False: it is closed.</returns>
    bool TryAddReference();

    /// <summary>Gives a reference back.</summary>
    /// <returns>What closing came to, for who gave the last one.</returns>
    Errno Release();
}

namespace FpgaNet.Stack.Sockets.Local;

/// <summary>
/// What the local sockets of one host share. One lock guards all of them: two that send to each other cannot wait for each other's. What has to be closed is closed once the lock
/// is free, for it may be a socket of any kind.
/// </summary>
internal sealed class LocalDomain
{
    private readonly Lock _gate = new();

    /// <summary>Who has which name.</summary>
    public LocalNameSpace Names { get; } = new();

    /// <summary>Messages to use again.</summary>
    public LocalMessagePool Messages { get; } = new();

    /// <summary>What is on its way by SCM_RIGHTS.</summary>
    public RightsInFlight Rights { get; } = new();

    /// <summary>Takes the lock.</summary>
    public Hold Enter()
    {
        _gate.Enter();
        return new Hold(_gate);
    }

    /// <summary>The lock, held.</summary>
    internal readonly ref struct Hold(Lock gate)
    {
        public void Dispose()
        {
            gate.Exit();
            DeferredRelease.Run();
        }
    }
}

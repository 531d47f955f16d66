namespace FpgaNet.Driver;

/// <summary>Notices that work which should go on does not. It reads the clock only when somebody looks.</summary>
internal sealed class ProgressWatch(TimeProvider time, TimeSpan patience)
{
    private long _since;
    private uint _position;

    // There has been no work since the last look: what there is now may be young.
    private bool _wasIdle = true;

    /// <summary>Work came where there was none.</summary>
    public void Begin() => _wasIdle = true;

    /// <summary>Looks.</summary>
    /// <param name="outstanding">There is work.</param>
    /// <param name="position">A count that changes when some of it is finished.</param>
    /// <returns>True when there is work and none was finished for too long.</returns>
    public bool IsStuck(bool outstanding, uint position)
    {
        long now = time.GetTimestamp();
        if (!outstanding || _wasIdle || position != _position)
        {
            _wasIdle = false;
            _position = position;
            _since = now;
            return false;
        }

        return time.GetElapsedTime(_since, now) >= patience;
    }
}

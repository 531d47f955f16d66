using Microsoft.Extensions.Logging;

namespace FpgaNet.Driver;

/// <summary>Every line that the driver logs, with its event id.</summary>
internal static partial class DriverLog
{
    [LoggerMessage(1, LogLevel.Information, "{Device}: {Card}")]
    public static partial void Opened(ILogger logger, string device, CardDescription card);

    [LoggerMessage(2, LogLevel.Information, "{Device}: closed")]
    public static partial void Closed(ILogger logger, string device);

    [LoggerMessage(3, LogLevel.Information, "{Device}: link is {State}")]
    public static partial void Link(ILogger logger, string device, string state);

    [LoggerMessage(4, LogLevel.Warning, "{Device}: half duplex, which the card cannot do: the other end does not negotiate, and frames will collide")]
    public static partial void HalfDuplex(ILogger logger, string device);

    [LoggerMessage(5, LogLevel.Information, "{Device}: PHY {Id:x8} at address {Address}")]
    public static partial void PhyFound(ILogger logger, string device, uint id, int address);

    [LoggerMessage(6, LogLevel.Warning, "{Device}: no PHY answers on MDIO, so there is no link")]
    public static partial void NoPhy(ILogger logger, string device);

    [LoggerMessage(10, LogLevel.Warning, "{Device}: the card misbehaved ({Misbehaviour}: 0x{Detail:X}); reset {Attempt} begins")]
    public static partial void Misbehaved(ILogger logger, string device, Misbehaviour misbehaviour, uint detail, int attempt);

    [LoggerMessage(11, LogLevel.Warning, "{Device}: the card's own reset did not end; resetting the function")]
    public static partial void FunctionReset(ILogger logger, string device);

    [LoggerMessage(12, LogLevel.Information, "{Device}: back after a reset; {Lost} frames in flight were lost")]
    public static partial void Recovered(ILogger logger, string device, int lost);

    [LoggerMessage(13, LogLevel.Error, "{Device}: failed; {Attempts} resets did not bring it back")]
    public static partial void Failed(ILogger logger, string device, int attempts);

    [LoggerMessage(14, LogLevel.Error, "{Device}: the card cannot be proven quiet; its memory is left to it for ever")]
    public static partial void MemoryLeaked(ILogger logger, string device);

    [LoggerMessage(15, LogLevel.Warning, "{Device}: {Count} receive buffers are still in use; their pool stays allocated")]
    public static partial void PoolInUse(ILogger logger, string device, int count);
}

using System.Diagnostics;

namespace FpgaNet.SocketFace.Tests;

/// <summary>Waits for what must come; the time-out only ends a run that fails.</summary>
internal static class Wait
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.IsTrue(Stopwatch.GetElapsedTime(start) < s_patience, "it never came");
            Thread.Sleep(1);
        }
    }
}

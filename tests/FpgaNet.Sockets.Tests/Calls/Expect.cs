using System.Runtime.CompilerServices;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>Assertions on what a call of <see cref="ISocketCalls"/> returned.</summary>
internal static class Expect
{
    /// <summary>It succeeded.</summary>
    public static int Ok(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        Assert.IsGreaterThanOrEqualTo(0, result, $"{call}: {(Errno)(-result)}");
        return result;
    }

    /// <summary>It succeeded with this result.</summary>
    public static void Result(int expected, int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        Ok(result, call);
        Assert.AreEqual(expected, result, call);
    }

    /// <summary>It failed with this error.</summary>
    public static void Error(Errno expected, int result, [CallerArgumentExpression(nameof(result))] string call = "") =>
        Assert.AreEqual($"−1 {expected}", result >= 0 ? $"{result}" : $"−1 {(Errno)(-result)}", call);
}

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>Errors that are expected.</summary>
internal static class Expect
{
    public static void Error(SocketError error, Action action) => Assert.AreEqual(error, Assert.ThrowsExactly<SocketException>(action).SocketErrorCode);

    public static async Task ErrorAsync(SocketError error, Func<Task> action) => Assert.AreEqual(error, (await Assert.ThrowsExactlyAsync<SocketException>(action)).SocketErrorCode);
}

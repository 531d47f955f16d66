using System.Net;
using FpgaNet.Sockets;
using FpgaNet.Sockets.Tests;

namespace FpgaNet.SocketFace.Tests;

/// <summary>A program written for System.Net.Sockets changes a namespace and runs: it prints the same on Linux's sockets and on ours.</summary>
[TestClass]
public sealed class SameProgramTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [TestMethod]
    [DataRow("127.0.0.1", "192.0.2.1")]
    [DataRow("::1", "2001:db8::1")]
    public async Task One_text_prints_the_same_on_both(string linuxAddress, string stackAddress)
    {
        StringWriter onLinux = new();
        await new OnLinux.EchoProgram(IPAddress.Parse(linuxAddress), onLinux).RunAsync().WaitAsync(s_patience);
        StringWriter onStack = new();
        using SocketHosts hosts = new();
        using (SocketHost.Use(hosts.A.System))
        {
            Task running = Task.Run(() => new OnStack.EchoProgram(IPAddress.Parse(stackAddress), onStack).RunAsync());
            await Task.WhenAny(running, Task.Delay(s_patience));
            Assert.IsTrue(running.IsCompleted, $"it hangs after: {onStack}");
            await running;
        }

        Assert.AreEqual(onLinux.ToString(), onStack.ToString());
        Assert.Contains("lines: the server was cancelled", onStack.ToString());
        Assert.Contains("select: 4 clients, 10000 bytes", onStack.ToString());
    }
}

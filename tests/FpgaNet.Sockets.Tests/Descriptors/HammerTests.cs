using FpgaNet.Simulation.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Descriptors;

/// <summary>Many threads on few sockets; `make soak SUITE=sockets` runs the same for as long as told.</summary>
[TestClass]
public sealed class HammerTests
{
    [TestMethod]
    public void Sixty_four_threads_on_few_sockets_all_come_back_and_leave_nothing()
    {
        long calls = SocketHammer.Run(TestSeed.Take(), 64, TimeSpan.FromSeconds(4));
        Console.WriteLine($"{calls} calls");
        Assert.IsGreaterThan(64, calls);
    }
}

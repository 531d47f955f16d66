namespace FpgaNet.Interop.Tests;

[TestClass]
public sealed class ServeOnTapWithOffloadTests() : ServeTests("tap", "all");

[TestClass]
public sealed class ServeOnTapWithoutOffloadTests() : ServeTests("tap", "none");

[TestClass]
public sealed class ServeOnCardWithOffloadTests() : ServeTests("sim-pcie", "all");

[TestClass]
public sealed class ServeOnCardWithoutOffloadTests() : ServeTests("sim-pcie", "none")
{
    // 16 MiB through the simulated card take half a minute: once is enough.
    protected override int LargestFile => 1 << 20;
}

[TestClass]
public sealed class ServeOnUsbCardTests() : ServeTests("sim-usb", "all")
{
    protected override int LargestFile => 1 << 20;
}

[TestClass]
public static class LastServer
{
    [AssemblyCleanup]
    public static void Stop() => ServeTests.StopServing();
}

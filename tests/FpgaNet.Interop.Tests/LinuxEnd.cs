using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests;

/// <summary>A network namespace with a TAP at 192.0.2.1, whose other end is for fpganet at 192.0.2.2.</summary>
internal static class LinuxEnd
{
    public const string Tap = "fpga0";
    public const string Address = "192.0.2.1";

    /// <summary>The command under test.</summary>
    public static readonly string FpgaNet = Path.Combine(AppContext.BaseDirectory, "fpganet");

    public static string[] NicArguments(string nic) => ["--nic", nic, "--tap", Tap, "--address", $"{ServedNic.Address}/24"];

    public static NetworkNamespace Make()
    {
        Skip.UnlessNetworkNamespaces();
        NetworkNamespace network = new();
        network.Ip("tuntap", "add", "dev", Tap, "mode", "tap");
        network.Ip("addr", "add", $"{Address}/24", "dev", Tap);
        network.Ip("link", "set", Tap, "up");
        return network;
    }
}

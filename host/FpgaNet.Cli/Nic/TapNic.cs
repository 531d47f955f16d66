using FpgaNet.Packets.Devices;

namespace FpgaNet.Cli.Nic;

/// <summary><c>--nic tap</c>: the stack sits on the TAP, and Linux plays the offloading NIC.</summary>
internal static class TapNic
{
    public static OpenNic Open(NicOptions options)
    {
        TapDevice tap = new(new TapOptions { Name = options.TapName });
        try
        {
            INetworkDevice device = options.Capture is null ? tap : new PcapNgCapture(tap, CaptureFile.Create(options.Capture));
            return new OpenNic(device, $"TAP {tap.Name}, with Linux as the offloading NIC", options.Offload, []);
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }
}

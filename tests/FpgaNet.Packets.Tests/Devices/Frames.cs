using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;

namespace FpgaNet.Packets.Tests.Devices;

/// <summary>Frames for the tests of devices.</summary>
internal static class Frames
{
    public static TxFrame Filled(BufferPool pool, int length, byte value)
    {
        PacketBuffer buffer = pool.TryRent() ?? throw new InvalidOperationException("The test's pool is empty.");
        buffer.Span[..length].Fill(value);
        return new TxFrame { Frame = new Frame(new BufferSlice(buffer, 0, length)) };
    }

    public static TxFrame Of(BufferPool pool, ReadOnlySpan<byte> bytes)
    {
        TxFrame frame = Filled(pool, bytes.Length, 0);
        bytes.CopyTo(frame.Frame.Header.Span);
        return frame;
    }

    public static byte[] Bytes(in Frame frame)
    {
        byte[] bytes = new byte[frame.Length];
        frame.CopyTo(0, bytes);
        return bytes;
    }

    public static ulong Counter(INetworkDevice device, string name)
    {
        List<DeviceCounter> counters = [];
        device.ReadCounters(counters);
        return counters.Single(c => string.Equals(c.Name, name, StringComparison.Ordinal)).Value;
    }

    public static void ReleaseAll(Span<RxFrame> frames)
    {
        foreach (ref RxFrame frame in frames)
        {
            frame.Frame.Release();
        }
    }
}

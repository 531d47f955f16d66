using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>What has to become of frames that are merged: by the software that does the same, and by undoing it.</summary>
internal static class CoalescedFrames
{
    /// <summary>What <see cref="SoftwareOffload"/> makes of a batch of frames.</summary>
    public static List<(byte[] Frame, int Segments, int Size)> BySoftware(List<byte[]> frames)
    {
        using BufferPool pool = new(frames.Count, 2048);
        using SoftwareOffload software = new(new Batch(frames, pool));
        software.EnabledFeatures &= ~OffloadFeatures.RxVlanStrip; // fn_rx_vlan's, which stands in front of fn_rx_coalesce
        RxFrame[] received = new RxFrame[frames.Count];
        int count = software.Receive(received);
        List<(byte[], int, int)> result = [];
        foreach (ref RxFrame frame in received.AsSpan(0, count))
        {
            byte[] bytes = new byte[frame.Frame.Length];
            frame.Frame.CopyTo(0, bytes);
            bool several = frame.Offload.CoalescedSegments > 1;
            result.Add((bytes, several ? frame.Offload.CoalescedSegments : 0, several ? frame.Offload.SegmentSize : 0));
            frame.Frame.Release();
        }

        return result;
    }

    /// <summary>The segments of which a frame says that it was made.</summary>
    public static List<byte[]> Undo(byte[] frame, int segments, int size)
    {
        if (segments == 0)
        {
            return [frame];
        }

        int network = frame[12] == 0x81 ? 18 : 14;
        bool six = frame[network] >> 4 == 6;
        int transport = network + (six ? 40 : 20);
        int header = transport + ((frame[transport + 12] >> 4) * 4);
        List<byte[]> result = [];
        for (int at = header; at < frame.Length; at += size)
        {
            bool last = at + size >= frame.Length;
            byte[] segment = [.. frame[..header], .. frame[at..Math.Min(at + size, frame.Length)]];
            Span<byte> ip = segment.AsSpan(network);
            Span<byte> tcp = segment.AsSpan(transport);
            BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]) + (uint)(at - header));
            tcp[13] &= (byte)(last ? 0xFF : ~0x09);
            if (six)
            {
                BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)tcp.Length);
            }
            else
            {
                Assert.AreEqual(0, (ushort)~RxReference.Sum(frame.AsSpan(network, 20)), "header checksum of the whole");
                Assert.AreEqual(frame.Length - network, BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(network + 2)), "total length of the whole");
                BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
                BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(ip[4..]) + result.Count));
                ip[10] = ip[11] = 0;
                BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~RxReference.Sum(ip[..20]));
            }

            tcp[16] = tcp[17] = 0;
            int pseudo = RxReference.Sum(six ? ip.Slice(8, 32) : ip.Slice(12, 8), 6 + tcp.Length);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], (ushort)~RxReference.Sum(tcp, pseudo));
            result.Add(segment.Length >= 60 ? segment : [.. segment, .. new byte[60 - segment.Length]]);
        }

        Assert.HasCount(segments, result, "segments of which the frame was made");
        return result;
    }

    /// <summary>A frame without what merging need not keep: with Don't Fragment the identification means nothing (RFC 6864 §4.1).</summary>
    public static byte[] Comparable(byte[] frame)
    {
        int network = frame[12] == 0x81 ? 18 : 14;
        if (frame[network] != 0x45 || (frame[network + 6] & 0x40) == 0)
        {
            return frame;
        }

        byte[] result = [.. frame];
        result.AsSpan(network + 4, 2).Clear();
        result.AsSpan(network + 10, 2).Clear();
        return result;
    }

    /// <summary>By what frames of one flow are known: ports of TCP, and all others together.</summary>
    public static uint Flow(byte[] frame)
    {
        RxOffload offload = TcpStreams.Offload(frame);
        int network = frame[12] == 0x81 ? 18 : 14;
        int transport = network + (frame[network] >> 4 == 6 ? 40 : 20);
        return offload.Transport == TransportProtocol.Tcp || frame.Length > 1518 ? BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(transport)) : 0;
    }

    private sealed class Batch(List<byte[]> frames, BufferPool pool) : INetworkDevice
    {
        public string Name => "batch";

        public MacAddress MacAddress => new(0x02_00_5E_00_00_01);

        public DeviceCapabilities Capabilities { get; } = new(OffloadFeatures.RxChecksum, 1500);

        public OffloadFeatures EnabledFeatures { get; set; } = OffloadFeatures.RxChecksum;

        public DeviceState State => DeviceState.Up;

        public int Transmit(ReadOnlySpan<TxFrame> batch) => 0;

        public int Receive(Span<RxFrame> received)
        {
            for (int i = 0; i < frames.Count; i++)
            {
                BufferSlice slice = new(pool.TryRent()!.Value, 0, frames[i].Length);
                frames[i].CopyTo(slice.Span);
                received[i] = new RxFrame { Frame = new Frame(slice), Offload = TcpStreams.Offload(frames[i]) };
            }

            return frames.Count;
        }

        public void ArmWake(Action wake)
        {
        }

        public void ReadCounters(IList<DeviceCounter> counters)
        {
        }

        public void Dispose()
        {
        }
    }
}

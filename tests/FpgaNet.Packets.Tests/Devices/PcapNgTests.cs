using System.Buffers.Binary;
using System.Globalization;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Devices;

[TestClass]
public sealed class PcapNgTests
{
    [TestMethod]
    public void Frames_of_both_directions_are_read_back_as_they_went()
    {
        Random random = TestSeed.Random();
        using BufferPool pool = new(32, 2048);
        using MemoryPair pair = new();
        MemoryStream file = new();
        List<(CaptureDirection Direction, byte[] Bytes)> expected = [];
        using (PcapNgCapture capture = new(pair.A, file, new PcapNgCaptureOptions { TimeProvider = new FixedTime() }))
        {
            RxFrame[] received = new RxFrame[1];
            for (int i = 0; i < 100; i++)
            {
                byte[] bytes = new byte[random.Next(1, 1515)];
                random.NextBytes(bytes);
                bool outbound = random.Next(2) == 0;
                expected.Add((outbound ? CaptureDirection.Outbound : CaptureDirection.Inbound, bytes));
                Assert.AreEqual(1, (outbound ? capture : pair.B).Transmit([Frames.Of(pool, bytes)]));
                Assert.AreEqual(1, (outbound ? pair.B : capture).Receive(received));
                Frames.ReleaseAll(received);
            }
        }

        IReadOnlyList<CapturedFrame> frames = PcapNgReader.Read(file.ToArray());

        Assert.HasCount(100, frames);
        for (int i = 0; i < 100; i++)
        {
            Assert.AreEqual(expected[i].Direction, frames[i].Direction);
            CollectionAssert.AreEqual(expected[i].Bytes, frames[i].Bytes.ToArray());
            Assert.AreEqual(FixedTime.UnixNanoseconds, frames[i].UnixNanoseconds);
        }

        Assert.AreEqual(32, pool.Available);
    }

    [TestMethod]
    public void Frames_that_the_device_does_not_take_are_not_in_the_file()
    {
        using BufferPool pool = new(8, 256);
        using MemoryPair pair = new(new MemoryPairOptions { Capacity = 2 });
        MemoryStream file = new();
        PcapNgCapture capture = new(pair.A, file, new PcapNgCaptureOptions { ViewedFromPeer = true });

        Assert.AreEqual(2, capture.Transmit([Frames.Filled(pool, 60, 1), Frames.Filled(pool, 60, 2), Frames.Filled(pool, 60, 3)]));
        capture.Dispose();

        IReadOnlyList<CapturedFrame> frames = PcapNgReader.Read(file.ToArray());
        CollectionAssert.AreEqual(new byte[] { 1, 2 }, frames.Select(f => f.Bytes.Span[0]).ToArray());
        Assert.AreEqual(CaptureDirection.Inbound, frames[0].Direction);
    }

    [TestMethod]
    public void A_checksum_that_is_owed_is_paid_in_the_file_and_only_there()
    {
        using BufferPool pool = new(2, 4096);
        using MemoryPair pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures });
        MemoryStream fileA = new();
        MemoryStream fileB = new();
        PcapNgCapture sender = new(pair.A, fileA);
        PcapNgCapture receiver = new(pair.B, fileB);
        TxFrame sent = SampleSegments.OwingTcp(pool, payloadLength: 3000, segmentSize: 1460);
        byte[] handedDown = Frames.Bytes(sent.Frame);

        sender.Transmit([sent]);
        RxFrame[] received = new RxFrame[1];
        Assert.AreEqual(1, receiver.Receive(received));
        CollectionAssert.AreEqual(handedDown, Frames.Bytes(received[0].Frame), "the frame itself is untouched");
        Frames.ReleaseAll(received);
        sender.Dispose();
        receiver.Dispose();

        CapturedFrame a = PcapNgReader.Read(fileA.ToArray()).Single();
        CapturedFrame b = PcapNgReader.Read(fileB.ToArray()).Single();
        Assert.AreEqual(SampleSegments.TcpChecksum(handedDown), BinaryPrimitives.ReadUInt16BigEndian(a.Bytes.Span[50..]));
        CollectionAssert.AreEqual(a.Bytes.ToArray(), b.Bytes.ToArray(), "the receiver's file says the same");
        Assert.AreEqual("checksum and cut at 1460 bytes left to the device", a.Comment, StringComparer.Ordinal);
        Assert.AreEqual("3 segments in one", b.Comment, StringComparer.Ordinal);
    }

    [TestMethod]
    public void Tshark_agrees_with_the_file()
    {
        Skip.UnlessInstalled("tshark");
        using BufferPool pool = new(2, 4096);
        string path = Path.Combine(Directory.CreateTempSubdirectory("fpganet-").FullName, "capture.pcapng");
        using (MemoryPair pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures }))
        {
            using PcapNgCapture capture = new(pair.A, File.Create(path), new PcapNgCaptureOptions { TimeProvider = new FixedTime() });
            capture.Transmit([SampleSegments.OwingTcp(pool, payloadLength: 2000, segmentSize: 1460), Frames.Filled(pool, 61, 0xFF)]);
        }

        ProgramResult result = TestProgram.Run(
            "tshark", "-r", path, "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-E", "separator=,",
            "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.interface_name", "-e", "frame.packet_flags_direction", "-e", "tcp.checksum.status", "-e", "frame.comment");

        Assert.AreEqual(0, result.ExitCode, result.Error);
        string[] lines = result.Output.Trim().Split('\n');
        Assert.HasCount(2, lines);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"1700000000.123456700,{54 + 2000},memory-a,0x"), lines[0]);
        Assert.Contains("2,1,checksum and cut at 1460 bytes left to the device", lines[0], lines[0]); // outbound; 1: the checksum is good
        Assert.Contains(",61,memory-a,", lines[1], lines[1]);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [TestMethod]
    public void When_the_disk_is_full_traffic_goes_on()
    {
        using BufferPool pool = new(4, 256);
        using MemoryPair pair = new();
        using PcapNgCapture capture = new(pair.A, new StreamThatFills(room: 1000));
        RxFrame[] received = new RxFrame[4];
        for (int i = 0; i < 20; i++)
        {
            Assert.AreEqual(1, capture.Transmit([Frames.Filled(pool, 200, 1)]));
            Assert.AreEqual(1, pair.B.Receive(received));
            Frames.ReleaseAll(received.AsSpan(0, 1));
            Assert.AreEqual(0, capture.Receive(received));
        }

        Assert.AreEqual(1UL, Frames.Counter(capture, "capture_errors"));
        Assert.AreEqual(20UL, Frames.Counter(capture, "tx_frames"));
    }

    [TestMethod]
    public void A_damaged_file_is_refused()
    {
        using BufferPool pool = new(1, 256);
        using MemoryPair pair = new();
        MemoryStream file = new();
        using (PcapNgCapture capture = new(pair.A, file))
        {
            capture.Transmit([Frames.Filled(pool, 100, 1)]);
        }

        byte[] bytes = file.ToArray();
        Assert.ThrowsExactly<InvalidDataException>(() => PcapNgReader.Read(bytes.AsMemory(0, bytes.Length - 4)));
        bytes[4] ^= 4;
        Assert.ThrowsExactly<InvalidDataException>(() => PcapNgReader.Read(bytes));
    }

    private sealed class FixedTime : TimeProvider
    {
        public const long UnixNanoseconds = 1_700_000_000_123_456_700;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(UnixNanoseconds / TimeSpan.NanosecondsPerTick);
    }

    private sealed class StreamThatFills(int room) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > room)
            {
                throw new IOException("No space left on device");
            }

            base.Write(buffer, offset, count);
        }
    }
}

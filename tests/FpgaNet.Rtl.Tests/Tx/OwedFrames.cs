using System.Runtime.InteropServices;
using FpgaNet.Driver;
using FpgaNet.Packets.Offload;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Stream;

namespace FpgaNet.Rtl.Tests.Tx;

/// <summary>A frame for the card, and what has to become of it.</summary>
/// <param name="Sent">As it goes to the card: bytes, TxHeader and launch time, and whether the host aborts it.</param>
/// <param name="Status">Its status.</param>
/// <param name="Wire">Frames that it becomes, without padding. None of a refused one, but see <paramref name="Partly"/>.</param>
/// <param name="Partly">It turns out to be bad when any number of <paramref name="Wire"/>, but not the last of them, may be gone.</param>
internal sealed record OwedFrame(StreamFrame Sent, Status Status, List<byte[]> Wire, bool Partly = false)
{
    /// <summary>It was cut.</summary>
    public bool Segmented { get; init; }

    /// <summary>Checksums and tags inserted.</summary>
    public (int Checksums, int Tags) Paid { get; init; }
}

/// <summary>
/// Random frames as a host gives them to the card, good and bad: whole ones that owe a checksum, a tag or nothing, large ones to be cut. The reference for cutting is the
/// software (<see cref="TxSegmentReference"/>); tag and single checksums are done by the book here.
/// </summary>
internal sealed class OwedFrames(Random random) : IDisposable
{
    private static readonly Segmentation[] s_kinds = [Segmentation.Tcp4, Segmentation.Tcp6, Segmentation.Udp4, Segmentation.Udp6];

    private readonly TxSegmentReference _software = new(OffloadFeatures.None);

    public OwedFrame Next() => random.Next(10) switch
    {
        < 4 => Whole(),
        < 8 => Large(),
        8 => Refused(),
        _ => Spoilt(),
    };

    /// <summary>A frame to be cut.</summary>
    public OwedFrame Large(LargePacket packet)
    {
        List<byte[]> wire = [.. _software.Cut(packet).Select(static s => s.Bytes)];
        Assert.IsNotEmpty(wire, $"the software refuses {packet}");
        return new OwedFrame(Stream(packet.Bytes, packet.Header()), Status.Ok, wire)
        {
            Segmented = true,
            Paid = (wire.Count, packet.Offload.InsertVlan ? wire.Count : 0),
        };
    }

    public void Dispose() => _software.Dispose();

    /// <summary>What came is what had to come, in order.</summary>
    public static void AssertWire(IEnumerable<OwedFrame> expected, Queue<byte[]> wire)
    {
        foreach (OwedFrame frame in expected)
        {
            for (int i = 0; i < frame.Wire.Count; i++)
            {
                if (frame.Partly && (i == frame.Wire.Count - 1 || wire.Count == 0 || !wire.Peek().AsSpan().SequenceEqual(frame.Wire[i])))
                {
                    break;
                }

                Assert.AreNotEqual(0, wire.Count, "a frame is missing");
                CollectionAssert.AreEqual(frame.Wire[i], wire.Dequeue(), $"frame {i} of {frame.Wire.Count}");
            }
        }

        Assert.AreEqual(0, wire.Count, "more came than was sent");
    }

    public static StreamFrame Stream(byte[] bytes, TxHeader header, bool abort = false, int abortFrom = int.MaxValue)
    {
        header.SliceCount = 1;
        return new StreamFrame(bytes, [.. MemoryMarshal.Cast<TxHeader, uint>(new ReadOnlySpan<TxHeader>(in header)), 0, 0], abort, abortFrom);
    }

    public static byte[] WithTag(byte[] frame, ushort tag) => [.. frame[..12], 0x81, 0x00, (byte)(tag >> 8), (byte)tag, .. frame[12..]];

    private OwedFrame Whole()
    {
        bool insert = random.Next(2) == 0;
        byte[] frame = RandomFrames.Bytes(random, random.Next(4) == 0 ? random.Next(insert ? 1500 : 1504, insert ? 1515 : 1519) : random.Next(14, 300));
        TxRequest request = new(frame.Length) { Checksum = frame.Length > 20 && random.Next(2) == 0, Start = random.Next(14), Offset = random.Next(4), ZeroAsOnes = random.Next(2) == 0 };
        ushort tag = (ushort)random.Next(65536);
        byte[] wire = TxChecksumReference.Apply(frame, request);
        TxHeader header = new()
        {
            Length = (uint)frame.Length,
            Checksum = request.Checksum,
            ChecksumZeroAsOnes = request.ZeroAsOnes,
            ChecksumStart = (ushort)request.Start,
            ChecksumOffset = (ushort)request.Offset,
            InsertVlan = insert,
            VlanTag = tag,
        };
        return new OwedFrame(Stream(frame, header), Status.Ok, [insert ? WithTag(wire, tag) : wire]) { Paid = (request.Checksum ? 1 : 0, insert ? 1 : 0) };
    }

    private OwedFrame Large() => Large(LargePacket());

    private LargePacket LargePacket()
    {
        int mss = random.Next(4) == 0 ? random.Next(1, 40) : random.Next(40, 1500 - Tx.LargePacket.LongestHeaders);
        LargePacket packet = Tx.LargePacket.Random(random, s_kinds[random.Next(4)], random.Next(1, 4 * mss), mss);
        packet.Offload.InsertVlan = random.Next(3) == 0;
        packet.Offload.VlanTag = (ushort)random.Next(65536);
        return packet;
    }

    private OwedFrame Refused()
    {
        LargePacket packet = LargePacket();
        TxHeader header = packet.Header();
        switch (random.Next(6))
        {
            case 0:
                header.MaximumSegmentSize = 0;
                return new OwedFrame(Stream(packet.Bytes, header), Status.BadSegmentation, []);
            case 1:
                header.HeaderLength++;
                return new OwedFrame(Stream(packet.Bytes, header), Status.BadSegmentation, []);
            case 2:
                // With the tag it would be too long.
                bool four = random.Next(2) == 0;
                LargePacket long1515 = Tx.LargePacket.Make(random, four ? Segmentation.Tcp4 : Segmentation.Tcp6, 14, four ? 34 : 54, four ? 54 : 74, 4000, 1515 - (four ? 54 : 74));
                long1515.Offload.InsertVlan = true;
                return new OwedFrame(Stream(long1515.Bytes, long1515.Header()), Status.Oversize, []);
            case 3:
                return new OwedFrame(Stream(new byte[1515], new TxHeader { Length = 1515, InsertVlan = true }), Status.Oversize, []);
            case 4:
                return new OwedFrame(Stream(new byte[99], new TxHeader { Length = 98, InsertVlan = random.Next(2) == 0 }), Status.LengthMismatch, []);
            default:
                return new OwedFrame(Stream(packet.Bytes[..random.Next(1, packet.Offload.HeaderLength)], header), Status.LengthMismatch, []);
        }
    }

    private OwedFrame Spoilt()
    {
        LargePacket packet = LargePacket();
        OwedFrame frame = Large(packet);
        bool abort = random.Next(2) == 0;
        int length = abort ? packet.Bytes.Length : packet.Offload.HeaderLength + random.Next(packet.Bytes.Length - packet.Offload.HeaderLength);
        byte[] bytes = random.Next(4) == 0 ? [.. packet.Bytes, .. RandomFrames.Bytes(random, random.Next(1, 5000))] : packet.Bytes[..length];
        int abortFrom = random.Next(packet.Bytes.Length);
        if (abort)
        {
            // What could not be read is rubbish, and nothing of it may be sent.
            bytes = [.. bytes];
            random.NextBytes(bytes.AsSpan(abortFrom));
        }

        return new OwedFrame(Stream(bytes, packet.Header(), abort, abortFrom), abort ? Status.Ok : Status.LengthMismatch, frame.Wire, Partly: true) { Segmented = true };
    }
}

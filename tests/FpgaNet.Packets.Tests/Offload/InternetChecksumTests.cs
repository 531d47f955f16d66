using System.Runtime.Intrinsics;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Offload;

[TestClass]
public sealed class InternetChecksumTests
{
    private static IEnumerable<(string Name, bool Supported, Func<byte[], int, int, ushort> Sum)> Kernels =>
    [
        ("scalar", true, static (b, o, n) => SumKernels.Scalar(b.AsSpan(o, n))),
        ("128", Vector128.IsHardwareAccelerated, static (b, o, n) => SumKernels.Sum128(b.AsSpan(o, n))),
        ("256", Vector256.IsHardwareAccelerated, static (b, o, n) => SumKernels.Sum256(b.AsSpan(o, n))),
        ("512", SumKernels.Has512, static (b, o, n) => SumKernels.Sum512(b.AsSpan(o, n))),
        ("best", true, static (b, o, n) => SumKernels.Best(b.AsSpan(o, n))),
    ];

    /// <summary>The sum as RFC 1071 §4.1 writes it: the independent reference of all tests here.</summary>
    internal static ushort Reference(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int i = 0; i < data.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)data[i] << 8 : data[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }

    [TestMethod]
    public void The_example_of_RFC_1071_section_3()
    {
        byte[] data = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        Assert.AreEqual(0xddf2, InternetChecksum.Fold(InternetChecksum.Sum(data)));
        Assert.AreEqual(0x220d, InternetChecksum.Compute(data));
    }

    [TestMethod]
    public void Every_kernel_agrees_with_the_reference_at_every_short_length_and_alignment()
    {
        int seed = TestSeed.Take();
        byte[] data = new byte[1100];
        new Random(seed).NextBytes(data);
        foreach ((string name, bool supported, Func<byte[], int, int, ushort> sum) in Kernels)
        {
            if (!supported)
            {
                Console.WriteLine($"NOT TESTED: the sum kernel '{name}' needs wider vectors than this CPU has.");
                continue;
            }

            for (int length = 0; length <= 1030; length++)
            {
                int offset = length % 67;
                ushort expected = Reference(data.AsSpan(offset, length));
                ushort actual = Swap(sum(data, offset, length));
                Assert.AreEqual(expected, actual, $"{name}, {length} bytes at {offset}, seed {seed}");
            }
        }
    }

    [TestMethod]
    public void Every_kernel_carries_when_all_bits_are_ones_and_keeps_zero_apart_from_ones()
    {
        byte[] ones = new byte[70_000];
        Array.Fill(ones, (byte)0xFF);
        byte[] zeros = new byte[70_000];
        byte[] one = new byte[70_000];
        one[69_998] = 0xFF;
        one[69_999] = 0xFE;
        one[3] = 1;
        foreach ((string name, bool supported, Func<byte[], int, int, ushort> sum) in Kernels)
        {
            if (supported)
            {
                Assert.AreEqual(0xFFFF, sum(ones, 0, 65_536), name);
                Assert.AreEqual(0, sum(zeros, 0, 65_535), name);
                Assert.AreEqual(0xFFFF, sum(one, 0, 70_000), name);
                Assert.AreEqual(Reference(ones.AsSpan(0, 65_535)), Swap(sum(ones, 0, 65_535)), name);
            }
        }
    }

    [TestMethod]
    public void Sums_of_a_chain_of_slices_are_the_sum_of_the_whole_whatever_the_cuts()
    {
        int seed = TestSeed.Take();
        Random random = new(seed);
        using BufferPool pool = new(Frame.MaxSlices, 4096);
        for (int round = 0; round < 500; round++)
        {
            Frame frame = default;
            List<byte> whole = [];
            int slices = random.Next(1, Frame.MaxSlices + 1);
            for (int i = 0; i < slices; i++)
            {
                PacketBuffer buffer = pool.TryRent()!.Value;
                int length = random.Next(0, 600);
                BufferSlice slice = new(buffer, random.Next(0, 70), length);
                random.NextBytes(slice.Span);
                whole.AddRange(slice.Span);
                frame.Add(slice);
            }

            int start = random.Next(0, frame.Length + 1);
            int count = random.Next(0, frame.Length - start + 1);
            ushort expected = Reference(whole.ToArray().AsSpan(start, count));
            Assert.AreEqual(expected, InternetChecksum.Fold(FrameChecksum.Sum(frame, start, count)), $"round {round}, seed {seed}");
            frame.Release();
        }

        Assert.AreEqual(pool.BufferCount, pool.Available);
    }

    [TestMethod]
    public void Pseudo_headers_are_those_of_the_RFCs()
    {
        IPv4Address a = IPv4Address.Parse("192.0.2.1");
        IPv4Address b = IPv4Address.Parse("198.51.100.254");
        byte[] four = [192, 0, 2, 1, 198, 51, 100, 254, 0, 6, 0x12, 0x34];
        Assert.AreEqual(Reference(four), InternetChecksum.Fold(InternetChecksum.PseudoHeader(a, b, IpProtocol.Tcp, 0x1234)));

        IPv6Address c = IPv6Address.Parse("2001:db8:1:2:3:4:5:6");
        IPv6Address d = IPv6Address.Parse("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
        byte[] six = new byte[40];
        c.Write(six);
        d.Write(six.AsSpan(16));
        (six[33], six[34], six[35], six[39]) = (1, 2, 3, 17);
        Assert.AreEqual(Reference(six), InternetChecksum.Fold(InternetChecksum.PseudoHeader(c, d, IpProtocol.Udp, 0x01_0203)));
    }

    [TestMethod]
    public void An_updated_checksum_is_the_computed_one()
    {
        int seed = TestSeed.Take();
        Random random = new(seed);
        byte[] data = new byte[20];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(data);
            data[0] |= 0x40;
            ushort before = InternetChecksum.Compute(data);
            ushort oldWord = (ushort)((data[2] << 8) | data[3]);
            ushort newWord = round % 3 == 0 ? (ushort)0 : round % 3 == 1 ? (ushort)0xFFFF : (ushort)random.Next(0x10000);
            (data[2], data[3]) = ((byte)(newWord >> 8), (byte)newWord);
            Assert.AreEqual(InternetChecksum.Compute(data), InternetChecksum.Update(before, oldWord, newWord), $"round {round}, seed {seed}");
        }
    }

    private static ushort Swap(ushort value) => BitConverter.IsLittleEndian ? (ushort)((value << 8) | (value >> 8)) : value;
}

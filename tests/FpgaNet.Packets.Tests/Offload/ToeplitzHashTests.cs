using System.Numerics;
using System.Runtime.Intrinsics.X86;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Offload;

[TestClass]
public sealed class ToeplitzHashTests
{
    // Microsoft, "Verifying the RSS hash calculation": source, source port, destination, destination port, hash with ports, hash of addresses.
    [TestMethod]
    [DataRow("66.9.149.187", 2794, "161.142.100.80", 1766, 0x51ccc178u, 0x323e8fc2u)]
    [DataRow("199.92.111.2", 14230, "65.69.140.83", 4739, 0xc626b0eau, 0xd718262au)]
    [DataRow("24.19.198.95", 12898, "12.22.207.184", 38024, 0x5c2b394au, 0xd2d0a5deu)]
    [DataRow("38.27.205.30", 48228, "209.142.163.6", 2217, 0xafc7327fu, 0x82989176u)]
    [DataRow("153.39.163.191", 44251, "202.188.127.2", 1303, 0x10e828a2u, 0x5d1809c5u)]
    public void The_verification_suite_for_IPv4(string source, int sourcePort, string destination, int destinationPort, uint withPorts, uint addresses)
    {
        ToeplitzHash hash = new(ToeplitzHash.DefaultKey);
        IPv4Address from = IPv4Address.Parse(source);
        IPv4Address to = IPv4Address.Parse(destination);
        Assert.AreEqual(withPorts, hash.Compute(from, to, (ushort)sourcePort, (ushort)destinationPort));
        Assert.AreEqual(addresses, hash.Compute(from, to));
    }

    [TestMethod]
    [DataRow("3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x40207d3du, 0x2cc18cd5u)]
    [DataRow("3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0xdde51bbfu, 0x0f0c461cu)]
    [DataRow("3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024, 0x02d1feefu, 0x4b61e985u)]
    public void The_verification_suite_for_IPv6(string source, int sourcePort, string destination, int destinationPort, uint withPorts, uint addresses)
    {
        ToeplitzHash hash = new(ToeplitzHash.DefaultKey);
        IPv6Address from = IPv6Address.Parse(source);
        IPv6Address to = IPv6Address.Parse(destination);
        Assert.AreEqual(withPorts, hash.Compute(from, to, (ushort)sourcePort, (ushort)destinationPort));
        Assert.AreEqual(addresses, hash.Compute(from, to));
    }

    [TestMethod]
    public void Table_and_dispatch_agree_with_the_scalar_kernel() => Compare(static (key, input) => new ToeplitzTable(key).Compute(input), "table");

    [TestMethod]
    public void Pclmulqdq_agrees_with_the_scalar_kernel()
    {
        Skip.Unless(Pclmulqdq.IsSupported && Ssse3.IsSupported, "the CPU has no PCLMULQDQ");

        Compare(static (key, input) => new ToeplitzClmul(key).Compute(input), "pclmulqdq");
    }

    [TestMethod]
    public void Gfni_agrees_with_the_scalar_kernel()
    {
        Skip.Unless(ToeplitzGfni.IsSupported, "the CPU has no GFNI; its tables are tested by Gfni_tables_give_the_hash");

        Compare(static (key, input) => new ToeplitzGfni(key).Compute(input), "gfni");
        if (ToeplitzGfni.Is512Supported)
        {
            Compare(static (key, input) => new ToeplitzGfni(key).Compute512(Pad(input), (input.Length + 10) / 8), "gfni-512");
        }

        if (ToeplitzGfni.Is256Supported)
        {
            Compare(static (key, input) => new ToeplitzGfni(key).Compute256(Pad(input), (input.Length + 10) / 8), "gfni-256");
        }
    }

    [TestMethod]
    public void Gfni_tables_give_the_hash() => Compare(
        static (key, input) =>
        {
            // The instruction in software (Intel SDM, GF2P8AFFINEQB), and the kernel's walk over it.
            byte[] padded = Pad(input);
            uint hash = 0;
            for (int q = 0; q < input.Length + 3; q++)
            {
                ulong matrix = ToeplitzGfni.Matrix(key, q);
                for (int j = 0; j < 4; j++)
                {
                    byte x = padded[(q & ~7) + ToeplitzGfni.Windows[((q & 7) * 8) + j]];
                    hash ^= (uint)Affine(matrix, x) << (24 - (8 * j));
                }
            }

            return hash;
        },
        "gfni in software");

    [TestMethod]
    public void Gfni_windows_for_the_IPv4_tuple_name_the_right_bytes()
    {
        byte[] windows = ToeplitzGfni.TupleWindows();
        byte[] words = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 255, 255, 255, 255];
        for (int q = 0; q < 16; q++)
        {
            for (int j = 0; j < 8; j++)
            {
                int index = windows[(q * 8) + j];
                bool inside = j < 4 && q - j is >= 0 and < 12;
                Assert.AreEqual(inside ? q - j : -1, index >= 0x80 ? -1 : words[index], $"lane {q}, byte {j}");
            }
        }
    }

    [TestMethod]
    public void Lengths_that_no_kernel_takes_are_refused()
    {
        ToeplitzHash hash = new(ToeplitzHash.DefaultKey);
        Assert.ThrowsExactly<ArgumentException>(() => hash.Compute(new byte[37]));
        Assert.ThrowsExactly<ArgumentException>(() => hash.Compute(new byte[40]));
        Assert.ThrowsExactly<ArgumentException>(() => new ToeplitzHash(new byte[16]));
    }

    private static byte Affine(ulong matrix, byte x)
    {
        int result = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            byte row = (byte)(matrix >> (8 * (7 - bit)));
            result |= (BitOperations.PopCount((uint)(row & x)) & 1) << bit;
        }

        return (byte)result;
    }

    private static byte[] Pad(byte[] input)
    {
        byte[] padded = new byte[64];
        input.CopyTo(padded, 3);
        return padded;
    }

    private void Compare(Func<byte[], byte[], uint> kernel, string name)
    {
        int seed = TestSeed.Take();
        Random random = new(seed);
        byte[] key = new byte[ToeplitzHash.KeyLength];
        for (int round = 0; round < 2000; round++)
        {
            random.NextBytes(key);
            byte[] input = new byte[4 * random.Next(1, 10)];
            random.NextBytes(input);
            uint expected = ToeplitzHash.Scalar(key, input);
            Assert.AreEqual(expected, kernel(key, input), $"{name}, round {round}, {input.Length} bytes, seed {seed}");
            if (round % 10 == 0)
            {
                Assert.AreEqual(expected, new ToeplitzHash(key).Compute(input), $"dispatch, round {round}, seed {seed}");
            }
        }
    }
}

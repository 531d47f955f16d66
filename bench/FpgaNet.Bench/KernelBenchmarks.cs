using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Bench;

/// <summary>The suite "kernels": ones'-complement sums and Toeplitz hashes, every way the CPU has side by side, and the buffer pool.</summary>
internal static class KernelBenchmarks
{
    private const string Suite = "kernels";
    private const string NotHere = "not on this CPU";

    // Results go here, so that no loop is optimised away.
    private static uint s_sink;

    private interface ISumKernel
    {
        static abstract ushort Sum(ReadOnlySpan<byte> data);
    }

    /// <summary>Measures everything.</summary>
    /// <exception cref="InvalidOperationException">A kernel gave another result than the scalar one.</exception>
    public static IEnumerable<BenchRow> Run()
    {
        foreach (int length in (int[])[64, 1460, 16384, 65536])
        {
            foreach (BenchRow row in Sums(length))
            {
                yield return row;
            }
        }

        foreach (BenchRow row in Hashes("Toeplitz, IPv4 addresses and ports", 12).Concat(Hashes("Toeplitz, IPv6 addresses and ports", 36)).Concat(Pool()))
        {
            yield return row;
        }
    }

    private static IEnumerable<BenchRow> Sums(int length)
    {
        (string Name, bool Supported, Func<byte[], ushort> Kernel, Action<byte[], int> Loop)[] kernels =
        [
            ("scalar 64-bit", true, static d => SumKernels.Scalar(d), Repeat<ScalarSum>),
            ("Vector128", Vector128.IsHardwareAccelerated, static d => SumKernels.Sum128(d), Repeat<Sum128>),
            ("Vector256", Vector256.IsHardwareAccelerated, static d => SumKernels.Sum256(d), Repeat<Sum256>),
            ("Vector512", SumKernels.Has512, static d => SumKernels.Sum512(d), Repeat<Sum512>),
            ("InternetChecksum.Sum", true, static d => SumKernels.Best(d), Repeat<DispatchedSum>),
        ];
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        foreach ((string name, bool supported, Func<byte[], ushort> kernel, _) in kernels)
        {
            if (supported && kernel(data) != SumKernels.Scalar(data))
            {
                throw new InvalidOperationException($"The sum kernel {name} is wrong at {length} bytes.");
            }
        }

        string what = $"sum of {length} B";
        (string Name, bool Supported, Func<byte[], ushort>, Action<byte[], int> Loop)[] here = [.. kernels.Where(static k => k.Supported)];
        (double Median, double Lowest, double Highest)[] times = Measurement.Time([.. here.Select(k => (Action<int>)(n => k.Loop(data, n)))]);
        for (int i = 0; i < here.Length; i++)
        {
            (double median, double lowest, double highest) = times[i];
            yield return new BenchRow(Suite, what, here[i].Name, length / median / 1e9, "GB/s", length / highest / 1e9, length / lowest / 1e9);
        }

        foreach ((string name, _, _, _) in kernels.Where(static k => !k.Supported))
        {
            yield return new BenchRow(Suite, what, name, double.NaN, "GB/s", Note: NotHere);
        }
    }

    private static IEnumerable<BenchRow> Hashes(string what, int length)
    {
        ReadOnlySpan<byte> key = ToeplitzHash.DefaultKey;
        byte[] keyArray = key.ToArray();
        ToeplitzHash hash = new(key);
        ToeplitzTable table = new(key);
        ToeplitzClmul clmul = new(key);
        ToeplitzGfni gfni = new(key);
        (string Name, bool Supported, Func<byte[], uint> Kernel, Action<byte[], int> Loop)[] kernels =
        [
            ("scalar, bit by bit", true, input => ToeplitzHash.Scalar(keyArray, input), (input, n) => Repeat(input, n, i => ToeplitzHash.Scalar(keyArray, i))),
            ("table, 4 bits", true, input => table.Compute(input), (input, n) => Repeat(input, n, table)),
            ("PCLMULQDQ", Pclmulqdq.IsSupported, input => clmul.Compute(input), (input, n) => Repeat(input, n, clmul)),
            ("GFNI", ToeplitzGfni.IsSupported, input => gfni.Compute(input), (input, n) => Repeat(input, n, gfni)),
            ($"ToeplitzHash.Compute ({ToeplitzHash.Kernel})", true, input => hash.Compute(input), (input, n) => Repeat(input, n, hash)),
        ];
        byte[] input = new byte[length];
        for (int round = 0; round < 1000; round++)
        {
            new Random(round).NextBytes(input);
            foreach ((string name, bool supported, Func<byte[], uint> kernel, _) in kernels)
            {
                if (supported && kernel(input) != ToeplitzHash.Scalar(keyArray, input))
                {
                    throw new InvalidOperationException($"The Toeplitz kernel {name} is wrong.");
                }
            }
        }

        (string Name, bool Supported, Func<byte[], uint>, Action<byte[], int> Loop)[] here = [.. kernels.Where(static k => k.Supported)];
        (double Median, double Lowest, double Highest)[] times = Measurement.Time([.. here.Select(k => (Action<int>)(n => k.Loop(input, n)))]);
        for (int i = 0; i < here.Length; i++)
        {
            (double median, double lowest, double highest) = times[i];
            yield return new BenchRow(Suite, what, here[i].Name, median * 1e9, "ns", lowest * 1e9, highest * 1e9);
        }

        foreach ((string name, _, _, _) in kernels.Where(static k => !k.Supported))
        {
            yield return new BenchRow(Suite, what, name, double.NaN, "ns", Note: NotHere);
        }
    }

    private static IEnumerable<BenchRow> Pool()
    {
        using BufferPool pool = new(64, 2048);
        (double median, double lowest, double highest) = Measurement.Time([n => RentAndRelease(pool, n)])[0];
        yield return new BenchRow(Suite, "buffer lent and returned", "BufferPool", median * 1e9, "ns", lowest * 1e9, highest * 1e9);
    }

    private static void RentAndRelease(BufferPool pool, int operations)
    {
        for (int i = 0; i < operations; i++)
        {
            PacketBuffer buffer = pool.TryRent()!.Value;
            s_sink += (uint)buffer.Index;
            buffer.Release();
        }
    }

    // One loop for each kernel, made by the compiler: the call is direct, as it is in the product.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Repeat<TKernel>(byte[] data, int operations)
        where TKernel : struct, ISumKernel
    {
        uint sum = 0;
        for (int i = 0; i < operations; i++)
        {
            sum += TKernel.Sum(data);
        }

        s_sink += sum;
    }

    // The input changes with every call and does not depend on the result before: throughput, as in a batch of packets.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Repeat(byte[] input, int operations, Func<byte[], uint> kernel)
    {
        uint sum = 0;
        for (int i = 0; i < operations; i++)
        {
            input[i & 7]++;
            sum ^= kernel(input);
        }

        s_sink += sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Repeat(byte[] input, int operations, ToeplitzTable kernel)
    {
        uint sum = 0;
        for (int i = 0; i < operations; i++)
        {
            input[i & 7]++;
            sum ^= kernel.Compute(input);
        }

        s_sink += sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Repeat(byte[] input, int operations, ToeplitzClmul kernel)
    {
        uint sum = 0;
        if (input.Length == 12)
        {
            for (int i = 0; i < operations; i++)
            {
                sum ^= kernel.Compute((uint)i, 0xC0000201, 0x1234_5678);
            }
        }
        else
        {
            for (int i = 0; i < operations; i++)
            {
                input[i & 7]++;
                sum ^= kernel.Compute(input);
            }
        }

        s_sink += sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Repeat(byte[] input, int operations, ToeplitzGfni kernel)
    {
        uint sum = 0;
        for (int i = 0; i < operations; i++)
        {
            sum ^= ToeplitzGfni.Is512Supported && input.Length == 12 ? kernel.Compute512((uint)i, 0xC0000201, 0x1234_5678) : kernel.Compute(input);
        }

        s_sink += sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Repeat(byte[] input, int operations, ToeplitzHash hash)
    {
        uint sum = 0;
        if (input.Length == 12)
        {
            IPv4Address destination = new(0xC0000201);
            for (int i = 0; i < operations; i++)
            {
                sum ^= hash.Compute(new IPv4Address((uint)i), destination, 0x1234, 0x5678);
            }
        }
        else
        {
            for (int i = 0; i < operations; i++)
            {
                sum ^= hash.Compute(input);
            }
        }

        s_sink += sum;
    }

    private readonly struct ScalarSum : ISumKernel
    {
        public static ushort Sum(ReadOnlySpan<byte> data) => SumKernels.Scalar(data);
    }

    private readonly struct Sum128 : ISumKernel
    {
        public static ushort Sum(ReadOnlySpan<byte> data) => SumKernels.Sum128(data);
    }

    private readonly struct Sum256 : ISumKernel
    {
        public static ushort Sum(ReadOnlySpan<byte> data) => SumKernels.Sum256(data);
    }

    private readonly struct Sum512 : ISumKernel
    {
        public static ushort Sum(ReadOnlySpan<byte> data) => SumKernels.Sum512(data);
    }

    private readonly struct DispatchedSum : ISumKernel
    {
        public static ushort Sum(ReadOnlySpan<byte> data) => (ushort)InternetChecksum.Sum(data);
    }
}

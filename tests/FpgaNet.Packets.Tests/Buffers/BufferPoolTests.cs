using System.Collections.Concurrent;
using FpgaNet.Packets.Buffers;
using FpgaNet.Testing;

namespace FpgaNet.Packets.Tests.Buffers;

[TestClass]
public sealed class BufferPoolTests
{
    [TestMethod]
    public void Every_buffer_is_lent_once_and_comes_back()
    {
        using BufferPool pool = new(100, 100);
        Assert.AreEqual(128, pool.BufferSize, "rounded up to cache lines");
        Assert.AreEqual(0, pool.Address % 4096);
        HashSet<nint> addresses = [];
        List<PacketBuffer> lent = [];
        while (pool.TryRent() is { } buffer)
        {
            Assert.AreEqual(1, buffer.References);
            Assert.AreEqual(pool.Address + (buffer.Index * 128), buffer.Address);
            Assert.IsTrue(addresses.Add(buffer.Address));
            lent.Add(buffer);
            Assert.AreEqual(100 - lent.Count, pool.Available);
        }

        Assert.HasCount(100, lent);
        lent.ForEach(static b => b.Release());
        Assert.AreEqual(100, pool.Available);
        Assert.AreEqual(lent[^1], pool.TryRent()!.Value, "the buffer that came back last is warm and goes out first");
        lent[^1].Release();
    }

    [TestMethod]
    public void The_last_reference_returns_the_buffer_and_a_further_release_throws()
    {
        using BufferPool pool = new(1, 64);
        PacketBuffer buffer = pool.TryRent()!.Value;
        buffer.AddReference();
        buffer.Release();
        Assert.AreEqual(0, pool.Available);
        buffer.Release();
        Assert.AreEqual(1, pool.Available);
        Assert.ThrowsExactly<InvalidOperationException>(buffer.Release);
        Assert.ThrowsExactly<InvalidOperationException>(buffer.AddReference);
        Assert.AreEqual(0, buffer.References);
        Assert.AreEqual(1, pool.Available);
        Assert.AreEqual(buffer, pool.TryRent()!.Value);
        Assert.AreEqual(1, buffer.References, "misuse leaves no mark");
        buffer.Release();
    }

    [TestMethod]
    public void References_come_and_go_in_batches()
    {
        using BufferPool pool = new(1, 64);
        PacketBuffer buffer = pool.TryRent()!.Value;
        buffer.AddReferences(5);
        Assert.AreEqual(6, buffer.References);
        Assert.ThrowsExactly<InvalidOperationException>(() => buffer.Release(7));
        buffer.Release(2);
        Assert.AreEqual(4, buffer.References);
        buffer.Release(4);
        Assert.AreEqual(1, pool.Available);
        Assert.ThrowsExactly<InvalidOperationException>(() => buffer.AddReferences(5));
        Assert.ThrowsExactly<InvalidOperationException>(() => buffer.Release(1));
    }

    [TestMethod]
    public void A_handle_that_outlived_its_pool_is_found_out()
    {
        BufferPool pool = new(1, 64);
        PacketBuffer buffer = pool.TryRent()!.Value;
        buffer.Release();
        pool.Dispose();
        Assert.ThrowsExactly<InvalidOperationException>(buffer.Release);
        Assert.ThrowsExactly<InvalidOperationException>(buffer.AddReference);
    }

    [TestMethod]
    public void A_disposed_pool_lends_nothing_and_keeps_its_memory_until_the_last_buffer_is_back()
    {
        BufferPool pool = new(2, 64);
        PacketBuffer buffer = pool.TryRent()!.Value;
        pool.Dispose();
        Assert.IsNull(pool.TryRent());
        buffer.Span.Fill(0x5A);
        Assert.AreEqual(0x5A, buffer.Span[63]);
        buffer.Release();
        Assert.AreEqual(2, pool.Available);
        pool.Dispose();
    }

    [TestMethod]
    public void Buffers_are_lent_in_batches_as_far_as_there_are_some()
    {
        using BufferPool pool = new(5, 64);
        PacketBuffer[] buffers = new PacketBuffer[4];
        Assert.AreEqual(4, pool.TryRent(buffers));
        Assert.AreEqual(1, pool.Available);
        Assert.HasCount(4, buffers.Distinct());
        Assert.IsTrue(buffers.All(static b => b.References == 1));
        Assert.AreEqual(1, pool.TryRent(buffers.AsSpan(1)));
        Assert.AreEqual(0, pool.TryRent(buffers));
        Assert.AreEqual(0, pool.Available);
    }

    [TestMethod]
    public void The_owners_buffers_come_and_go_and_are_counted_as_free()
    {
        BufferPool pool = new(20, 64);
        List<PacketBuffer> lent = [];
        while (pool.TryRentOwned() is { } buffer)
        {
            Assert.AreEqual(1, buffer.References);
            lent.Add(buffer);
        }

        Assert.HasCount(20, lent.Distinct());
        lent[0].AddReference();
        lent[0].ReleaseOwned();
        Assert.AreEqual(0, pool.Available, "somebody holds it");
        lent.ForEach(static b => b.ReleaseOwned());
        Assert.AreEqual(20, pool.Available);
        Assert.ThrowsExactly<InvalidOperationException>(lent[0].ReleaseOwned);
        Assert.ThrowsExactly<InvalidOperationException>(lent[19].ReleaseOwned);
        PacketBuffer[] again = [.. Enumerable.Range(0, 20).Select(_ => pool.TryRentOwned()!.Value)];
        Assert.HasCount(20, again.Distinct());
        Array.ForEach(again, static b => b.ReleaseOwned());
        pool.Dispose();
        Assert.IsNull(pool.TryRentOwned());
        Assert.AreEqual(20, pool.Available);
    }

    [TestMethod]
    public void Sizes_out_of_range_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(static () => new BufferPool(0, 64));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(static () => new BufferPool(1, 63));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(static () => new BufferPool(BufferPool.MaximumBufferCount + 1, 64));
    }

    [TestMethod]
    public void Threads_that_contend_never_share_a_buffer_and_lose_none()
    {
        // Few buffers and buffers that change threads: the free list's first entries are taken and returned all the time, as ABA needs it.
        const int Threads = 4;
        const int Rounds = 60_000;
        int seed = TestSeed.Take();
        using BufferPool pool = new(6, 64);
        ConcurrentQueue<PacketBuffer> passedOn = new();
        int collisions = 0;
        Thread[] threads = new Thread[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int number = t + 1;
            threads[t] = new Thread(() =>
            {
                Random random = new(seed + number);
                PacketBuffer[] batch = new PacketBuffer[3];
                for (int i = 0; i < Rounds; i++)
                {
                    if (pool.TryRent() is { } buffer)
                    {
                        // Whoever holds the buffer alone finds what he wrote.
                        BitConverter.TryWriteBytes(buffer.Span, number);
                        BitConverter.TryWriteBytes(buffer.Span[60..], i);
                        Thread.SpinWait(random.Next(4));
                        if (BitConverter.ToInt32(buffer.Span) != number || BitConverter.ToInt32(buffer.Span[60..]) != i || buffer.References != 1)
                        {
                            Interlocked.Increment(ref collisions);
                        }

                        if (random.Next(3) == 0)
                        {
                            buffer.AddReference();
                            passedOn.Enqueue(buffer);
                        }

                        buffer.Release();
                    }

                    foreach (PacketBuffer one in batch.AsSpan(0, pool.TryRent(batch.AsSpan(0, random.Next(4)))))
                    {
                        BitConverter.TryWriteBytes(one.Span, number);
                        Thread.SpinWait(random.Next(4));
                        if (BitConverter.ToInt32(one.Span) != number || one.References != 1)
                        {
                            Interlocked.Increment(ref collisions);
                        }

                        one.Release();
                    }

                    if (passedOn.TryDequeue(out PacketBuffer other))
                    {
                        other.Release();
                    }
                }
            });
        }

        Array.ForEach(threads, static t => t.Start());
        Array.ForEach(threads, static t => t.Join());
        while (passedOn.TryDequeue(out PacketBuffer rest))
        {
            rest.Release();
        }

        Assert.AreEqual(0, collisions);
        Assert.AreEqual(pool.BufferCount, pool.Available);
        HashSet<int> indices = [];
        while (pool.TryRent() is { } buffer)
        {
            Assert.IsTrue(indices.Add(buffer.Index));
        }

        Assert.HasCount(6, indices);
    }
}

using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>Streams that send buffers which the caller gives away, and hand up those that came: sosend(9) and soreceive(9) with chains.</summary>
[TestClass]
public sealed class StreamChainTests
{
    private const int Length = 3_000_000;

    [TestMethod]
    public void Buffers_arrive_byte_by_byte_and_come_back_once_they_are_acknowledged()
    {
        Random random = TestSeed.Random();
        using SocketHosts hosts = new();
        (KernelSocket client, KernelSocket server, KernelSocket listening) = hosts.Connect();
        using BufferPool pool = new(64, 16384);
        byte[] sent = new byte[Length];
        random.NextBytes(sent);
        int[] sizes = [.. Enumerable.Range(0, 4000).Select(_ => random.Next(4) == 0 ? random.Next(1, 200) : random.Next(1, 16384))];
        Thread sending = new(() =>
        {
            int at = 0;
            for (int i = 0; at < Length; i = (i + 1) % sizes.Length)
            {
                int size = Math.Min(sizes[i], Length - at);
                ReadOnlySpan<byte> part = sent.AsSpan(at, size);
                at += size;
                if (i % 5 == 0)
                {
                    MessageOut message = new() { Data = new GatherList(part) }; // copied, between buffers that are not
                    Assert.AreEqual(Errno.None, client.Send(ref message, out int copied));
                    Assert.AreEqual(size, copied);
                    continue;
                }

                Give(client, Filled(pool, part));
            }
        });
        sending.Start();

        byte[] received = new byte[Length];
        int count = 0;
        Span<BufferSlice> chain = new BufferSlice[8];
        while (count < Length)
        {
            Errno error = server.Receive(chain, MessageFlags.None, out int runs);
            if (error == Errno.EAGAIN)
            {
                Assert.AreEqual(Errno.None, server.Wait(PollEvents.POLLIN, TimeSpan.FromSeconds(30)));
                continue;
            }

            Assert.AreEqual(Errno.None, error);
            Assert.IsGreaterThan(0, runs);
            foreach (BufferSlice run in chain[..runs])
            {
                run.Span.CopyTo(received.AsSpan(count));
                count += run.Length;
                run.Release();
            }
        }

        Assert.IsTrue(sending.Join(TimeSpan.FromSeconds(30)));
        CollectionAssert.AreEqual(sent, received);
        AwaitAll(pool);
        Close(client, server, listening);
    }

    [TestMethod]
    public void A_buffer_is_sent_from_where_it_is()
    {
        using SocketHosts hosts = new();
        (KernelSocket client, KernelSocket server, KernelSocket listening) = hosts.Connect();
        using BufferPool pool = new(1, 8192);

        // The window is closed: what is changed while it waits is sent as changed. A copy would not be.
        Fill(client);
        PacketBuffer buffer = pool.TryRent()!.Value;
        buffer.AddReference();
        buffer.Span.Fill(1);
        Give(client, new BufferSlice(buffer, 0, 8192));
        buffer.Span[8191] = 2;
        buffer.Release();
        Assert.AreEqual(0, pool.Available, "it waits to be sent");
        client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        byte last = 0;
        byte[] bytes = new byte[65536];
        int received;
        do
        {
            MessageIn message = new() { Data = new ScatterList(bytes) };
            Assert.AreEqual(Errno.None, server.Receive(ref message, out received));
            last = received > 0 ? bytes[received - 1] : last;
        }
        while (received > 0);
        Assert.AreEqual(2, last);
        Close(client, server, listening);
        AwaitAll(pool);
    }

    [TestMethod]
    public void Closing_gives_buffers_back_that_were_never_sent()
    {
        using SocketHosts hosts = new();
        (KernelSocket client, KernelSocket server, KernelSocket listening) = hosts.Connect();
        using BufferPool pool = new(4, 8192);
        Fill(client);
        Give(client, new BufferSlice(pool.TryRent()!.Value, 0, 8192));
        byte[] linger = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(linger, 1);
        Assert.AreEqual(Errno.None, client.SetOption(SocketOptions.SOL_SOCKET, SocketOptions.SO_LINGER, linger));
        Close(client, server, listening);
        AwaitAll(pool);
    }

    [TestMethod]
    public void Chains_allocate_nothing()
    {
        using SocketHosts hosts = new();
        (KernelSocket client, KernelSocket server, KernelSocket listening) = hosts.Connect();
        using BufferPool pool = new(16, 4096);
        BufferSlice[] chain = new BufferSlice[4];
        long allocated = long.MaxValue;
        for (int i = 0; i < 20 && allocated > 0; i++)
        {
            // What queues and locks grow to once is none; a steady state that allocates does so every time.
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exchange(rounds: 100);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.AreEqual(0, allocated);
        Close(client, server, listening);

        void Exchange(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                Give(client, new BufferSlice(Rent(pool), 0, 4096));
                int left = 4096;
                while (left > 0)
                {
                    if (server.Receive(chain, MessageFlags.None, out int runs) == Errno.EAGAIN)
                    {
                        server.Wait(PollEvents.POLLIN, TimeSpan.FromSeconds(30));
                        continue;
                    }

                    for (int run = 0; run < runs; run++)
                    {
                        left -= chain[run].Length;
                        chain[run].Release();
                    }
                }
            }
        }
    }

    // Until neither side takes more.
    private static void Fill(KernelSocket client)
    {
        int size = 8192;
        Assert.AreEqual(Errno.None, client.SetOption(SocketOptions.SOL_SOCKET, SocketOptions.SO_SNDBUF, BitConverter.GetBytes(size)));
        byte[] bytes = new byte[1 << 20];
        Errno error;
        do
        {
            MessageOut message = new() { Data = new GatherList(bytes), Flags = MessageFlags.MSG_DONTWAIT };
            error = client.Send(ref message, out _);
            Thread.Sleep(1);
        }
        while (error == Errno.None);
        Assert.AreEqual(Errno.EAGAIN, error);

        // And a little more room for what comes behind it.
        Assert.AreEqual(Errno.None, client.SetOption(SocketOptions.SOL_SOCKET, SocketOptions.SO_SNDBUF, BitConverter.GetBytes(4 * size)));
    }

    private static void Give(KernelSocket socket, BufferSlice slice)
    {
        while (true)
        {
            Errno error = socket.Send([slice], MessageFlags.None, out int taken);
            if (taken == 1)
            {
                return;
            }

            Assert.AreEqual(Errno.EAGAIN, error);
            Assert.AreEqual(Errno.None, socket.Wait(PollEvents.POLLOUT, TimeSpan.FromSeconds(30)));
        }
    }

    private static BufferSlice Filled(BufferPool pool, ReadOnlySpan<byte> bytes)
    {
        PacketBuffer buffer = Rent(pool);
        bytes.CopyTo(buffer.Span);
        return new BufferSlice(buffer, 0, bytes.Length);
    }

    private static PacketBuffer Rent(BufferPool pool)
    {
        while (true)
        {
            if (pool.TryRent() is { } buffer)
            {
                return buffer;
            }

            Thread.Yield();
        }
    }

    // Segments on the cable and in queues that nobody has read hold them for a while yet.
    private static void AwaitAll(BufferPool pool)
    {
        for (int waited = 0; pool.Available < pool.BufferCount; waited++)
        {
            Assert.IsLessThan(30_000, waited, "buffers did not come back");
            Thread.Sleep(1);
        }
    }

    private static void Close(params ReadOnlySpan<KernelSocket> sockets)
    {
        foreach (KernelSocket socket in sockets)
        {
            Assert.AreEqual(Errno.None, socket.Close());
        }
    }
}

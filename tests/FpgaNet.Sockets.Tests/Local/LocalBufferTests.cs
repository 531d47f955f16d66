using System.Runtime.CompilerServices;
using FpgaNet.Packets.Buffers;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>What a message costs: one copy or none, and no allocation.</summary>
[TestClass]
public sealed class LocalBufferTests
{
    private static readonly SocketKind[] s_kinds = [SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM];

    [TestMethod]
    public void Sending_and_receiving_allocate_nothing()
    {
        using SocketHosts hosts = new();
        DescriptorTable table = hosts.A.Calls;
        byte[] buffer = new byte[70_000];
        SockAddr name = LocalRig.Abstract("sink");
        foreach (SocketKind kind in s_kinds)
        {
            Assert.AreEqual(0, table.SocketPair(AF_LOCAL, kind, 0, out int left, out int right));
            int sink = table.Socket(AF_LOCAL, SOCK_DGRAM, 0);
            Assert.AreEqual(0, table.Bind(sink, name));
            int source = table.Socket(AF_LOCAL, SOCK_DGRAM, 0);
            long before = 0;
            for (int round = 0; round < 2000; round++)
            {
                if (round == 1000) // each size was used by then
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }

                int length = round % 10 == 0 ? 60_000 : round % 1000;
                Check(length, table.Send(left, buffer.AsSpan(0, length), MessageFlags.None));
                Check(length, table.Recv(right, buffer.AsSpan(0, length), MessageFlags.None));
                Check(8, table.SendTo(source, buffer.AsSpan(0, 8), MessageFlags.None, name));
                Check(8, table.RecvFrom(sink, buffer, MessageFlags.None, out _));
            }

            Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Array.ForEach<int>([left, right, sink, source], each => table.Close(each));
        }
    }

    [TestMethod]
    public void Buffers_handed_over_arrive_as_they_are()
    {
        using SocketHosts hosts = new();
        using BufferPool pool = new(8, 4096);
        foreach (SocketKind kind in s_kinds)
        {
            (KernelSocket left, KernelSocket right) = Pair(hosts, kind);
            BufferSlice slice = new(pool.TryRent()!.Value, 10, 100);
            slice.Span.Fill(7);
            Assert.AreEqual(None, left.Send([slice], MessageFlags.None, out int taken));
            Assert.AreEqual(1, taken);
            BufferSlice[] received = new BufferSlice[2];
            Assert.AreEqual(None, right.Receive(received, MessageFlags.None, out int count));
            Assert.AreEqual(1, count);
            Assert.AreEqual(slice, received[0]);
            Assert.AreEqual(EAGAIN, right.Receive(received, MessageFlags.None, out _));

            // Bytes of a buffer can be received by a copy, and those that were copied cannot be received in a buffer.
            Assert.AreEqual(None, left.Send([slice], MessageFlags.None, out _));
            byte[] copy = new byte[200];
            MessageIn message = new() { Data = new ScatterList(copy) };
            Assert.AreEqual(None, right.Receive(ref message, out int length));
            Assert.AreEqual(100, length);
            Assert.AreEqual(7, copy[99]);
            Assert.AreEqual(8, pool.Available);
            MessageOut bytes = new() { Data = new GatherList([1, 2, 3]) };
            Assert.AreEqual(None, left.Send(ref bytes, out _));
            Assert.AreEqual(EOPNOTSUPP, right.Receive(received, MessageFlags.None, out _));

            // What waits when a socket closes goes back to its pool.
            Assert.AreEqual(None, left.Send([new BufferSlice(pool.TryRent()!.Value, 0, 5)], MessageFlags.None, out _));
            Assert.AreEqual(7, pool.Available);
            right.Close();
            Assert.AreEqual(8, pool.Available);
            BufferSlice refused = new(pool.TryRent()!.Value, 0, 5);
            Errno error = left.Send([refused], MessageFlags.None, out taken);
            Assert.AreEqual(kind switch { SOCK_STREAM => EPIPE, SOCK_SEQPACKET => ECONNRESET, _ => ECONNREFUSED }, error);
            Assert.AreEqual(0, taken);
            refused.Release();
            left.Close();
        }

        Assert.AreEqual(8, pool.Available);
    }

    [TestMethod]
    public void A_chain_is_one_record_and_several_runs_of_a_stream()
    {
        using SocketHosts hosts = new();
        using BufferPool pool = new(8, 4096);
        foreach (SocketKind kind in s_kinds)
        {
            (KernelSocket left, KernelSocket right) = Pair(hosts, kind);
            BufferSlice[] chain = [.. Enumerable.Range(1, 3).Select(i => new BufferSlice(pool.TryRent()!.Value, 0, 10 * i))];
            Assert.AreEqual(None, left.Send(chain, MessageFlags.None, out int taken));
            Assert.AreEqual(3, taken);
            if (kind == SOCK_STREAM)
            {
                BufferSlice[] received = new BufferSlice[8];
                Assert.AreEqual(None, right.Receive(received, MessageFlags.None, out int count));
                CollectionAssert.AreEqual(chain, received[..count]);
                Array.ForEach(received[..count], each => each.Release());
            }
            else
            {
                MessageIn message = new() { Data = new ScatterList(new byte[100]) };
                Assert.AreEqual(None, right.Receive(ref message, out int length));
                Assert.AreEqual(60, length);
            }

            Assert.AreEqual(8, pool.Available);
            left.Close();
            right.Close();
        }
    }

    [TestMethod]
    public void A_sender_that_gave_up_is_forgotten()
    {
        using SocketHosts hosts = new();
        SockAddr name = LocalRig.Abstract("busy");
        Assert.AreEqual(None, hosts.A.System.Create(new SocketRequest(AF_LOCAL, SOCK_DGRAM, 0, Credentials.Own), out KernelSocket? busy));
        Assert.AreEqual(None, busy!.Bind(name));
        Assert.AreEqual(None, hosts.A.System.Create(new SocketRequest(AF_LOCAL, SOCK_DGRAM, 0, Credentials.Own), out KernelSocket? filler));
        while (Send(filler!, name) == None)
        {
        }

        WeakReference sender = GiveUp(hosts, name);
        GC.Collect();
        Assert.IsFalse(sender.IsAlive);
        filler!.Close();
        busy.Close();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference GiveUp(SocketHosts hosts, SockAddr name)
    {
        Assert.AreEqual(None, hosts.A.System.Create(new SocketRequest(AF_LOCAL, SOCK_DGRAM, 0, Credentials.Own), out KernelSocket? socket));
        Assert.AreEqual(EAGAIN, Send(socket!, name));
        socket!.Close();
        return new WeakReference(socket);
    }

    private static Errno Send(KernelSocket socket, SockAddr name)
    {
        MessageOut message = new() { Data = new GatherList([1]), Address = name, Flags = MessageFlags.MSG_DONTWAIT };
        return socket.Send(ref message, out _);
    }

    private static void Check(int expected, int result)
    {
        if (expected != result)
        {
            Assert.Fail($"{result} instead of {expected}: {DescriptorTable.Errno}");
        }
    }

    private static (KernelSocket Left, KernelSocket Right) Pair(SocketHosts hosts, SocketKind kind)
    {
        Assert.AreEqual(None, hosts.A.System.CreatePair(new SocketRequest(AF_LOCAL, kind, 0, Credentials.Own), out KernelSocket? left, out KernelSocket? right));
        return (left!, right!);
    }
}

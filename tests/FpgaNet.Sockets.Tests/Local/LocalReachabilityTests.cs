using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Local;

/// <summary>
/// Sockets in each other's queues, at random: after each call just those are open that a descriptor leads to, directly or through queues. A model keeps who holds what.
/// </summary>
[TestClass]
public sealed class LocalReachabilityTests
{
    private const int Steps = 1500;
    private const int MostSockets = 24;

    private readonly List<Node> _nodes = [];
    private readonly List<(int Descriptor, Node Node)> _descriptors = [];

    [TestMethod]
    public void Just_those_are_open_that_can_still_be_received()
    {
        using SocketHosts hosts = new();
        DescriptorTable table = hosts.A.Calls;
        Random random = TestSeed.Random();
        int collected = 0;
        for (int step = 0; step < Steps; step++)
        {
            int before = _nodes.Count(node => node.IsOpen);
            bool closes = false;
            switch (random.Next(8))
            {
                case 0 or 1 when before < MostSockets:
                    Pair(table);
                    break;
                case 2 or 3 or 4 when _descriptors.Count > 0:
                    Send(table, random);
                    break;
                case 5 when _descriptors.Count > 0:
                    Receive(table, random);
                    break;
                case 6 or 7 when _descriptors.Count > 0:
                    closes = true;
                    (int descriptor, _) = _descriptors[random.Next(_descriptors.Count)];
                    Assert.AreEqual(0, table.Close(descriptor));
                    _descriptors.RemoveAll(each => each.Descriptor == descriptor);
                    break;
            }

            FindOpen();
            int open = _nodes.Count(node => node.IsOpen);
            Assert.AreEqual(open, hosts.A.System.Count, $"step {step}");
            collected += closes && before - open > 1 ? 1 : 0;
        }

        Assert.IsGreaterThan(0, collected, "no closing took others with it: the test shows nothing");
        foreach ((int descriptor, _) in _descriptors)
        {
            Assert.AreEqual(0, table.Close(descriptor));
        }

        Assert.AreEqual(0, hosts.A.System.Count);
    }

    private void Pair(DescriptorTable table)
    {
        Assert.AreEqual(0, table.SocketPair(AF_LOCAL, SOCK_SEQPACKET | (SocketKind)SOCK_NONBLOCK, 0, out int first, out int second));
        Node left = new() { IsOpen = true };
        Node right = new() { IsOpen = true, Peer = left };
        left.Peer = right;
        _nodes.AddRange([left, right]);
        _descriptors.AddRange([(first, left), (second, right)]);
    }

    private void Send(DescriptorTable table, Random random)
    {
        (int through, Node sender) = _descriptors[random.Next(_descriptors.Count)];
        (int Descriptor, Node Node)[] passed = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => _descriptors[random.Next(_descriptors.Count)])];
        int[] numbers = [.. passed.Select(each => each.Descriptor)];
        MessageOut message = new() { Data = new GatherList([1]), Control = LocalRig.Control(SCM_RIGHTS, MemoryMarshal.AsBytes<int>(numbers)), Flags = MessageFlags.MSG_NOSIGNAL };
        bool isSent = table.SendMsg(through, ref message) == 1;
        Assert.AreEqual(sender.Peer!.IsOpen, isSent);
        if (isSent)
        {
            sender.Peer.Queue.Enqueue([.. passed.Select(each => each.Node)]);
        }
    }

    private void Receive(DescriptorTable table, Random random)
    {
        (int through, Node receiver) = _descriptors[random.Next(_descriptors.Count)];
        MessageIn message = new() { Data = new ScatterList(new byte[1]), Control = new byte[ControlWriter.Space(8)] };
        if (table.RecvMsg(through, ref message) != 1)
        {
            return; // nothing there, or the reset of a peer that closed
        }

        ControlReader reader = new(message.Control[..message.ControlLength]);
        Assert.IsTrue(reader.Read());
        int[] numbers = MemoryMarshal.Cast<byte, int>(reader.Data).ToArray();
        Node[] nodes = receiver.Queue.Dequeue();
        Assert.HasCount(nodes.Length, numbers);
        _descriptors.AddRange(numbers.Zip(nodes));
    }

    // What descriptors lead to, directly or through queues.
    private void FindOpen()
    {
        _nodes.RemoveAll(node => !node.IsOpen);
        _nodes.ForEach(node => node.IsOpen = false);
        Stack<Node> reached = new(_descriptors.Select(each => each.Node));
        while (reached.TryPop(out Node? node))
        {
            if (!node.IsOpen)
            {
                node.IsOpen = true;
                foreach (Node held in node.Queue.SelectMany(message => message))
                {
                    reached.Push(held);
                }
            }
        }
    }

    private sealed class Node
    {
        public Queue<Node[]> Queue { get; } = new();

        public Node? Peer { get; set; }

        public bool IsOpen { get; set; }
    }
}

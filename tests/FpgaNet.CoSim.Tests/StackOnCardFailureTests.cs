using System.Net.Sockets;
using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.CoSim.Tests;

/// <summary>A card that is gone for good: whoever waits on the host's sockets is told, and so is whoever comes later.</summary>
[TestClass]
public sealed class StackOnCardFailureTests
{
    [TestMethod]
    public void A_card_that_is_pulled_out_gives_its_sockets_NetworkDown()
    {
        using StackOnCardHosts hosts = new();
        using TcpListenerSocket listener = hosts.B.Listen(StackOnCardHosts.Service);
        Task<TcpSocket> accepting = listener.AcceptAsync().AsTask();
        Task<TcpSocket> connecting = hosts.A.ConnectAsync(StackOnCardHosts.Service).AsTask();
        hosts.Run(Task.WhenAll(accepting, connecting), TimeSpan.FromSeconds(1));
        using TcpSocket client = connecting.Result;
        using TcpSocket server = accepting.Result;
        using TcpListenerSocket listenerA = hosts.A.Listen(new System.Net.IPEndPoint(System.Net.IPAddress.Any, 81));

        // Both directions in full flow, and on B somebody who reads for as long as there is something.
        byte[] data = new byte[8 << 20];
        Task sending = client.SendAsync(data).AsTask();
        Task<int> receiving = client.ReceiveAsync(new byte[1]).AsTask();
        Task acceptingA = listenerA.AcceptAsync().AsTask();
        long read = 0;
        Task draining = Drain(server, count => read += count);
        Assert.IsTrue(hosts.Clock.RunUntil(() => read > 200_000, TimeSpan.FromSeconds(1)));

        hosts.Function.Remove();
        TimeSpan removed = hosts.Clock.Elapsed;
        foreach (Task task in (Task[])[sending, receiving, acceptingA])
        {
            CheckNetworkDown(hosts, task);
        }

        Assert.IsLessThan(TimeSpan.FromSeconds(10), hosts.Clock.Elapsed - removed);
        Assert.AreEqual(DeviceState.Failed, hosts.Nic.State);
        Assert.AreEqual(TcpState.Closed, client.State);
        CheckNetworkDown(hosts, client.ReceiveAsync(new byte[1]).AsTask());
        CheckNetworkDown(hosts, client.SendAsync(new byte[1]).AsTask());
        CheckNetworkDown(hosts, hosts.A.ConnectAsync(StackOnCardHosts.Service).AsTask());

        // B sees only silence. What it has to say it says until its patience ends (RFC 9293 §3.8.3, R2), and by then ARP has told why nobody answers.
        Task<int> answer = AnswerAndWait(server);
        Assert.IsTrue(hosts.Clock.RunUntil(() => answer.IsCompleted && draining.IsCompleted, TimeSpan.FromMinutes(30)), "the peer waits for ever");
        Assert.AreEqual(SocketError.HostUnreachable, Assert.ThrowsExactly<SocketException>(() => draining.GetAwaiter().GetResult()).SocketErrorCode);
        Assert.AreEqual(0UL, hosts["driver_resets"]);
        Assert.AreNotEqual(0UL, hosts["driver_misbehaved_no_answer"]);
    }

    private static void CheckNetworkDown(StackOnCardHosts hosts, Task task)
    {
        Assert.IsTrue(hosts.Clock.RunUntil(() => task.IsCompleted, TimeSpan.FromSeconds(10)), "a call hangs");
        Assert.AreEqual(SocketError.NetworkDown, Assert.ThrowsExactly<SocketException>(() => task.GetAwaiter().GetResult()).SocketErrorCode);
    }

    private static async Task Drain(TcpSocket socket, Action<int> count)
    {
        byte[] buffer = new byte[65536];
        for (int got; (got = await socket.ReceiveAsync(buffer)) != 0;)
        {
            count(got);
        }
    }

    private static async Task<int> AnswerAndWait(TcpSocket socket)
    {
        await socket.SendAsync(new byte[100]);
        return 0;
    }
}

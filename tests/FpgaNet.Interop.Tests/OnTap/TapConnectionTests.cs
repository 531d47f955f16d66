using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Interop.Tests.OnTap;

/// <summary>Many connections with Linux: at once, and one after another.</summary>
[TestClass]
public sealed class TapConnectionTests
{
    private const int AtOnce = 1000;
    private const int OneAfterAnother = 10_000;
    private const int MessageLength = 5000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_thousand_from_Linux_at_once(bool v6)
    {
        using StackOnTap tap = new(offloads: true);
        using EchoServer server = new(tap.Stack.Listen(new IPEndPoint(v6 ? IPAddress.IPv6Any : IPAddress.Any, StackOnTap.Port), AtOnce));
        Socket[] sockets = tap.LinuxSockets(v6, AtOnce);

        await Task.WhenAll(sockets.Select(s => s.ConnectAsync(StackOnTap.OurEnd(v6)))).WaitAsync(s_limit);
        await server.WaitForAsync(AtOnce).WaitAsync(s_limit); // all of them stand at once; none has said anything yet
        await Task.WhenAll(sockets.Select(EchoAsync)).WaitAsync(s_limit);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_thousand_to_Linux_at_once(bool v6)
    {
        using StackOnTap tap = new(offloads: true);
        using Socket listener = tap.LinuxListener(v6);
        Task<Socket[]> accepting = AcceptAsync(listener, AtOnce);
        TcpSocket[] ours = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => tap.Stack.ConnectAsync((IPEndPoint)listener.LocalEndPoint!).AsTask()))
            .WaitAsync(s_limit);
        Socket[] linux = await accepting.WaitAsync(s_limit);

        Task serving = Task.WhenAll(ours.Select(EchoServer.ServeAsync));
        await Task.WhenAll(linux.Select(EchoAsync)).WaitAsync(s_limit);
        await serving.WaitAsync(s_limit);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Ten_thousand_from_Linux_one_after_another(bool v6)
    {
        using StackOnTap tap = new(offloads: true);
        using EchoServer server = new(tap.Stack.Listen(new IPEndPoint(v6 ? IPAddress.IPv6Any : IPAddress.Any, StackOnTap.Port)));
        byte[] message = ServedNic.Content(100);
        for (int i = 0; i < OneAfterAnother; i += AtOnce)
        {
            foreach (Socket socket in tap.LinuxSockets(v6, AtOnce))
            {
                await socket.ConnectAsync(StackOnTap.OurEnd(v6));
                await EchoAsync(socket, message);
            }
        }

        Assert.AreEqual(OneAfterAnother, server.Accepted);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Ten_thousand_to_Linux_one_after_another(bool v6)
    {
        using StackOnTap tap = new(offloads: true);
        using Socket listener = tap.LinuxListener(v6);
        byte[] message = ServedNic.Content(100);
        for (int i = 0; i < OneAfterAnother; i++)
        {
            using TcpSocket ours = await tap.Stack.ConnectAsync((IPEndPoint)listener.LocalEndPoint!);
            Socket linux = await listener.AcceptAsync();
            Task serving = EchoServer.ServeAsync(ours);
            await EchoAsync(linux, message);
            await serving;
        }
    }

    private static async Task<Socket[]> AcceptAsync(Socket listener, int count)
    {
        Socket[] accepted = new Socket[count];
        for (int i = 0; i < count; i++)
        {
            accepted[i] = await listener.AcceptAsync();
        }

        return accepted;
    }

    private static Task EchoAsync(Socket socket) => EchoAsync(socket, ServedNic.Content(MessageLength));

    // Sends, half-closes, and wants the same back and then the end.
    private static async Task EchoAsync(Socket socket, byte[] message)
    {
        using (socket)
        {
            await socket.SendAsync(message);
            socket.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[message.Length + 1];
            int got = 0;
            for (int count = -1; count != 0; got += count)
            {
                count = await socket.ReceiveAsync(answer.AsMemory(got));
            }

            Assert.IsTrue(answer.AsSpan(0, got).SequenceEqual(message), $"{got} of {message.Length} bytes came back, or others");
        }
    }
}

using System.Net.Sockets;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>The local family.</summary>
[TestClass]
public sealed class SocketLocalTests
{
    [TestMethod]
    public async Task A_stream_between_names()
    {
        using Rig rig = new();
        string name = "\0fpganet-" + Guid.NewGuid();
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.IsNull(listener.LocalEndPoint);
        listener.Bind(new UnixDomainSocketEndPoint(name));
        listener.Listen(1);
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(name)).WaitAsync(TimeSpan.FromSeconds(30));
        using Socket server = await listener.AcceptAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.AreEqual(new UnixDomainSocketEndPoint(name).ToString(), client.RemoteEndPoint!.ToString());
        Assert.AreEqual(listener.LocalEndPoint!.ToString(), server.LocalEndPoint!.ToString());
        Assert.AreEqual(string.Empty, server.RemoteEndPoint!.ToString());
        byte[] buffer = new byte[3];
        Task<int> receiving = server.ReceiveAsync(buffer.AsMemory(), SocketFlags.None).AsTask();
        client.Send([1, 2]);
        Assert.AreEqual(2, await receiving.WaitAsync(TimeSpan.FromSeconds(30)));
        client.Dispose();
        Assert.AreEqual(0, server.Receive(buffer));
        using Socket late = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Dispose();
        Expect.Error(SocketError.ConnectionRefused, () => late.Connect(new UnixDomainSocketEndPoint(name)));
    }
}

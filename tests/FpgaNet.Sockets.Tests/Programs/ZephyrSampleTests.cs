using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Sockets.Tests.Offload;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Programs;

/// <summary>Zephyr's echo-server and echo-client samples with the other end on Linux's sockets, in both roles, of both families, streams and datagrams.</summary>
[TestClass]
public sealed class ZephyrSampleTests
{
    [TestMethod]
    [DataRow(Side.Ours, SocketDomain.AF_INET)]
    [DataRow(Side.Ours, SocketDomain.AF_INET6)]
    [DataRow(Side.Linux, SocketDomain.AF_INET)]
    [DataRow(Side.Linux, SocketDomain.AF_INET6)]
    public void Echo_server_and_echo_client(Side server, SocketDomain domain)
    {
        using TapRig rig = new();
        ISocketCalls client = rig.Of(server == Side.Ours ? Side.Linux : Side.Ours);
        using EchoProgram echo = new(rig.Of(server), TapRig.At(server, domain == SocketDomain.AF_INET6, 0));
        int seed = TestSeed.Take();
        Thread[] clients = [.. Enumerable.Range(0, 3).Select(number => new Thread(() =>
        {
            Random random = new(seed + number);
            byte[] data = new byte[100_000];
            random.NextBytes(data);
            int socket = EchoProgram.Open(client, domain, device: null);
            Expect.Ok(client.Connect(socket, echo.Address));
            EchoProgram.Exchange(client, socket, data);
            Expect.Ok(client.Close(socket));
            socket = EchoProgram.Open(client, domain, device: null, kind: SocketKind.SOCK_DGRAM);
            EchoProgram.ExchangeDatagrams(client, socket, echo.DatagramAddress, random);
            Expect.Ok(client.Close(socket));
        }))];
        Array.ForEach(clients, static thread => thread.Start());
        Array.ForEach(clients, static thread => thread.Join());
    }
}

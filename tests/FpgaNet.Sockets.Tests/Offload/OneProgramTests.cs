using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Descriptors;
using FpgaNet.Stack.Sockets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Offload;

/// <summary>One program, an echo server and its client, on either of the two implementations, by one option.</summary>
[TestClass]
public sealed class OneProgramTests
{
    [TestMethod]
    [DataRow(false, null, false, DisplayName = "native sockets")]
    [DataRow(false, "host0", true, DisplayName = "no dispatcher, host sockets first")]
    [DataRow(true, null, false, DisplayName = "dispatcher, no device named")]
    [DataRow(true, "host0", true, DisplayName = "dispatcher, the host's device named")]
    [DataRow(true, "memory", false, DisplayName = "dispatcher, the native interface named")]
    public void Echo_runs_on_either_implementation_by_one_option(bool dispatches, string? device, bool onHost)
    {
        Skip.Unless(OperatingSystem.IsLinux(), "host sockets are Linux's");
        using SocketHosts hosts = new();
        StackCalls client = Make(hosts.A.Stack, dispatches, onHost);
        StackCalls server = Make(hosts.B.Stack, dispatches, onHost);
        SockAddr at = onHost ? HostRig.Loopback(SocketDomain.AF_INET) : hosts.B.At(4242);
        device = string.Equals(device, "memory", StringComparison.Ordinal) ? hosts.A.Stack.Device.Name : device;
        byte[] data = new byte[200_000];
        Random random = TestSeed.Random();
        random.NextBytes(data);
        using EchoProgram echo = new(server, at, device is null || onHost ? device : hosts.B.Stack.Device.Name);
        int socket = EchoProgram.Open(client, SocketDomain.AF_INET, device);
        Expect.Ok(client.Connect(socket, echo.Address)); // 127.0.0.1 exists on the host only, 192.0.2.2 on our stack only
        EchoProgram.Exchange(client, socket, data);
        Expect.Ok(client.Close(socket));
        socket = EchoProgram.Open(client, SocketDomain.AF_INET, device, kind: SocketKind.SOCK_DGRAM);
        EchoProgram.ExchangeDatagrams(client, socket, echo.DatagramAddress, random);
        Expect.Ok(client.Close(socket));
    }

    private static StackCalls Make(NetworkStack stack, bool dispatches, bool onHost)
    {
        SocketSystem system = new(stack, new SocketSystemOptions { Dispatches = dispatches });
        system.AddOffloadedDevice("host0", new HostProvider("host0", onHost && !dispatches ? HostProvider.BeforeNative : HostProvider.BehindNative));
        return new StackCalls(new DescriptorTable(system));
    }
}

using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Interop.Tests.OnTap;

/// <summary>Bulk data between our TCP and Linux's, every byte compared.</summary>
[TestClass]
public sealed class TapBulkTests
{
    private const int Bytes = 64 << 20;
    private const int Part = 256 << 10;

    private static readonly byte[] s_content = ServedNic.Content(1 << 20);

    [TestMethod]
    [DataRow(false, true)]
    [DataRow(false, false)]
    [DataRow(true, true)]
    [DataRow(true, false)]
    public async Task Linux_sends_and_receives(bool v6, bool offloads)
    {
        using StackOnTap tap = new(offloads);
        using TcpListenerSocket listener = tap.Stack.Listen(new IPEndPoint(v6 ? IPAddress.IPv6Any : IPAddress.Any, StackOnTap.Port));
        using Socket linux = tap.LinuxSockets(v6, 1)[0];
        await linux.ConnectAsync(StackOnTap.OurEnd(v6));
        using TcpSocket ours = await listener.AcceptAsync();

        await ExchangeAsync(linux, ours);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task We_connect_to_Linux(bool v6)
    {
        using StackOnTap tap = new(offloads: true);
        using Socket listener = tap.LinuxListener(v6);
        using TcpSocket ours = await tap.Stack.ConnectAsync((IPEndPoint)listener.LocalEndPoint!);
        using Socket linux = await listener.AcceptAsync();

        await ExchangeAsync(linux, ours);
    }

    // First one way, then the other, then both at once.
    private static async Task ExchangeAsync(Socket linux, TcpSocket ours)
    {
        await using NetworkStream linuxStream = new(linux);
        await using Stream ourStream = ours.GetStream();
        await Task.WhenAll(SendAsync(linuxStream), CompareAsync(ourStream)).WaitAsync(TimeSpan.FromMinutes(2));
        await Task.WhenAll(SendAsync(ourStream), CompareAsync(linuxStream)).WaitAsync(TimeSpan.FromMinutes(2));
        await Task.WhenAll(SendAsync(linuxStream), CompareAsync(ourStream), SendAsync(ourStream), CompareAsync(linuxStream)).WaitAsync(TimeSpan.FromMinutes(2));
    }

    private static async Task SendAsync(Stream stream)
    {
        for (int sent = 0; sent < Bytes; sent += Part)
        {
            await stream.WriteAsync(s_content.AsMemory(sent % s_content.Length, Part));
        }
    }

    private static async Task CompareAsync(Stream stream)
    {
        byte[] buffer = new byte[Part];
        for (int received = 0; received < Bytes; received += Part)
        {
            await stream.ReadExactlyAsync(buffer);
            Assert.IsTrue(buffer.AsSpan().SequenceEqual(s_content.AsSpan(received % s_content.Length, Part)), $"a wrong byte after byte {received}");
        }
    }
}

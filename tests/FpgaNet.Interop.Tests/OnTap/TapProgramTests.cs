using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using FpgaNet.Stack.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.Interop.Tests.OnTap;

/// <summary>Linux's own programs against our stack.</summary>
[TestClass]
public sealed partial class TapProgramTests
{
    [TestMethod]
    [DataRow(false, 56)]
    [DataRow(false, 65000)]
    [DataRow(true, 56)]
    [DataRow(true, 65000)]
    public void Ping_gets_its_answers(bool v6, int size)
    {
        Skip.UnlessInstalled("ping");
        using StackOnTap tap = new(offloads: true);

        ProgramResult ping = tap.Network.Run(
            "ping", v6 ? "-6" : "-4", "-c", "20", "-i", "0.01", "-W", "5", "-s", size.ToString(CultureInfo.InvariantCulture), StackOnTap.OurAddress(v6).ToString());

        Assert.AreEqual(0, ping.ExitCode, ping.Output + ping.Error);
        StringAssert.Contains(ping.Output, "20 packets transmitted, 20 received, 0% packet loss");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Nc_sends_a_file(bool v6)
    {
        Skip.UnlessInstalled("nc", "sh");
        using StackOnTap tap = new(offloads: true);
        using TcpListenerSocket listener = tap.Stack.Listen(new IPEndPoint(v6 ? IPAddress.IPv6Any : IPAddress.Any, StackOnTap.Port));
        byte[] content = ServedNic.Content(5_000_001);
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, content);
        using TestProgram nc = tap.Network.Start("sh", "-c", $"nc -N {StackOnTap.OurAddress(v6)} {StackOnTap.Port} < {file}");

        using TcpSocket ours = await listener.AcceptAsync();
        MemoryStream received = new();
        await ours.GetStream().CopyToAsync(received).WaitAsync(TimeSpan.FromMinutes(1));
        ours.Shutdown(SocketShutdown.Send);

        Assert.IsTrue(received.GetBuffer().AsSpan(0, (int)received.Length).SequenceEqual(content), $"{received.Length} bytes came");
        Assert.AreEqual(0, nc.WaitForExit(TimeSpan.FromMinutes(1)).ExitCode, nc.Error);
        File.Delete(file);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Nc_receives(bool v6)
    {
        Skip.UnlessInstalled("nc", "sh");
        using StackOnTap tap = new(offloads: true);
        using Socket probe = tap.LinuxListener(v6);
        IPEndPoint remote = (IPEndPoint)probe.LocalEndPoint!;
        probe.Close(); // its port is free again
        string file = Path.GetTempFileName();
        byte[] content = ServedNic.Content(5_000_001);
        using TestProgram nc = tap.Network.Start("sh", "-c", $"nc -n -v -l {remote.Address} {remote.Port} > {file}");
        WaitForListening(nc);

        using (TcpSocket ours = await tap.Stack.ConnectAsync(remote))
        {
            await ours.SendAsync(content);
            await ours.CloseAsync();
        }

        Assert.AreEqual(0, nc.WaitForExit(TimeSpan.FromMinutes(1)).ExitCode, nc.Error);
        Assert.IsTrue((await File.ReadAllBytesAsync(file)).AsSpan().SequenceEqual(content));
        File.Delete(file);
    }

    /// <summary>What Linux says was agreed, and that both ends were measured.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Ss_shows_what_was_negotiated(bool v6)
    {
        Skip.UnlessInstalled("ss");
        using StackOnTap tap = new(offloads: true);
        using EchoServer server = new(tap.Stack.Listen(new IPEndPoint(v6 ? IPAddress.IPv6Any : IPAddress.Any, StackOnTap.Port)));
        using Socket linux = tap.LinuxSockets(v6, 1)[0];
        await linux.ConnectAsync(StackOnTap.OurEnd(v6));
        byte[] message = ServedNic.Content(100_000);
        Task sending = linux.SendAsync(message);
        for (int got = 0; got < message.Length;)
        {
            got += await linux.ReceiveAsync(new byte[65536]);
        }

        await sending;
        string shown = tap.Network.Run("ss", "-t", "-i", "-o", "-n", "-H", "state", "established").Output;

        foreach (string option in (string[])[" ts ", " sack ", " ecn ", " wscale:"])
        {
            StringAssert.Contains(shown, option);
        }

        StringAssert.DoesNotMatch(shown, UnscaledWindow()); // ours is the first of the two: what the peer must shift by
        StringAssert.Contains(shown, " ecnseen ");
    }

    private static void WaitForListening(TestProgram nc)
    {
        for (int i = 0; !nc.Error.Contains("Listening", StringComparison.Ordinal); i++)
        {
            Assert.IsTrue(i < 500, nc.Error);
            Thread.Sleep(10);
        }
    }

    [GeneratedRegex(" wscale:0,", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnscaledWindow();
}

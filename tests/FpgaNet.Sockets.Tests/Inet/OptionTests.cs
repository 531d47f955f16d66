using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.Errno;
using static FpgaNet.Stack.Sockets.Abi.SocketDomain;
using static FpgaNet.Stack.Sockets.Abi.SocketKind;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Inet;

/// <summary>Options of datagram sockets: what may be set, what is read back, and every refusal, asked of us and of Linux.</summary>
[TestClass]
public sealed class OptionTests
{
    private static readonly int[] s_socket =
    [
        SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE, SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_LINGER, SO_REUSEPORT, SO_RCVLOWAT, SO_SNDLOWAT,
        SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING, SO_TXTIME, SO_MARK, SO_SELECT_ERR_QUEUE, SO_TYPE, SO_ERROR, SO_PROTOCOL, SO_DOMAIN, SO_ACCEPTCONN,
    ];

    private static readonly int[] s_inet =
    [
        IP_TOS, IP_TTL, IP_RECVTOS, IP_RECVTTL, IP_PKTINFO, IP_RECVERR, IP_MTU_DISCOVER, IP_MTU, IP_FREEBIND, IP_MULTICAST_IF, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_MULTICAST_ALL, IP_HDRINCL, 999,
    ];

    private static readonly int[] s_inet6 =
    [
        IPV6_V6ONLY, IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_MULTICAST_ALL, IPV6_MTU_DISCOVER, IPV6_RECVERR, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT,
        IPV6_RECVTCLASS, IPV6_TCLASS, IPV6_FREEBIND, IPV6_DONTFRAG, 999,
    ];

    [TestMethod]
    public void Every_option_takes_and_refuses_what_Linux_does()
    {
        using SocketRig ours = new(Side.Ours);
        using SocketRig linux = new(Side.Linux);
        List<string> differences = [];
        foreach (SocketDomain domain in (SocketDomain[])[AF_INET, AF_INET6])
        {
            (int, int)[] options = [.. s_socket.Select(static name => (SOL_SOCKET, name)), .. s_inet.Select(static name => (SOL_IP, name)), .. s_inet6.Select(static name => (SOL_IPV6, name)), (12345, 1)];
            foreach ((int level, int name) in options)
            {
                string mine = Story(ours.Client, domain, level, name);
                string theirs = Story(linux.Client, domain, level, name);
                if (!string.Equals(mine, theirs, StringComparison.Ordinal))
                {
                    differences.Add($"{domain} {level} {name}:{Environment.NewLine}  ours  {mine}{Environment.NewLine}  Linux {theirs}");
                }
            }
        }

        Assert.IsEmpty(differences, string.Join(Environment.NewLine, differences));
    }

    [TestMethod, OnBothSides]
    public void A_socket_is_bound_to_a_device_by_its_name(Side side)
    {
        using SocketRig rig = new(side);
        int socket = Expect.Ok(rig.Client.Socket(AF_INET, SOCK_DGRAM));
        Expect.Ok(rig.Client.GetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, new byte[16], out int length));
        Assert.AreEqual(0, length);
        Expect.Error(ENODEV, rig.Client.SetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, "nowhere"u8));
        string name = rig.DeviceName;
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, Encoding.UTF8.GetBytes(name)));
        byte[] found = new byte[16];
        Expect.Ok(rig.Client.GetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, found, out length));
        Assert.AreEqual(name + "\0", Encoding.UTF8.GetString(found, 0, length));
        Expect.Error(EINVAL, rig.Client.GetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, new byte[3], out length));
        Expect.Result(1, rig.Client.SendTo(socket, [1], SocketRig.ServerAt(9)));
        Expect.Ok(rig.Client.SetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, ""u8));
        Expect.Ok(rig.Client.GetSockOpt(socket, SOL_SOCKET, SO_BINDTODEVICE, found, out length));
        Assert.AreEqual(0, length);
    }

    // What each value does to a socket of its own, and what is read afterwards into rooms of several sizes.
    private static string Story(ISocketCalls calls, SocketDomain domain, int level, int name)
    {
        StringBuilder story = new();
        foreach (int length in (int[])[0, 1, 4, 8])
        {
            int[] values = length == sizeof(int) ? [int.MinValue, -2, -1, 0, 1, 2, 3, 5, 6, 7, 128, 255, 256, 1000, 65536, 100_000, 262144] : [-1, 0, 255, 256];
            foreach (int value in values)
            {
                byte[] bytes = new byte[Math.Max(length, 4)];
                MemoryMarshal.Write(bytes, value);
                int socket = Expect.Ok(calls.Socket(domain, SOCK_DGRAM));
                int result = calls.SetSockOpt(socket, level, name, bytes.AsSpan(0, length));
                story.Append(result == 0 ? "ok" : $"{(Errno)(-result)}");
                foreach (int room in (int[])[1, 4, 16])
                {
                    byte[] read = new byte[room];
                    result = calls.GetSockOpt(socket, level, name, read, out int count);
                    story.Append(result == 0 ? $",{Convert.ToHexString(read, 0, count)}" : $",{(Errno)(-result)}");
                }

                story.Append(CultureInfo.InvariantCulture, $"({length}:{value}) ");
                Expect.Ok(calls.Close(socket));
                if (length == 0)
                {
                    break;
                }
            }
        }

        return story.ToString();
    }
}

using System.Buffers.Binary;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Names;

/// <summary>What interfaces are asked by ioctl on any socket (netdevice(7)), with Linux's <c>struct ifreq</c>: sixteen bytes of name, then what is asked for.</summary>
internal static class InterfaceRequests
{
    private const int NameLength = 16; // IFNAMSIZ
    private const int RequestLength = 40; // sizeof (struct ifreq), 64 bits
    private const int ConfigurationLength = 16; // sizeof (struct ifconf), 64 bits
    private const short Up = 0x1, Broadcast = 0x2, Loopback = 0x8, Running = 0x40, Multicast = 0x1000;
    private const ushort Ethernet = 1, LoopbackLink = 772; // ARPHRD_ETHER, ARPHRD_LOOPBACK
    private const int LoopbackPrefix = 8; // 127.0.0.1/8

    /// <summary>Whether a request is one of these.</summary>
    public static bool IsOne(int request) => request is SIOCGIFCONF or SIOCGIFNAME or SIOCGIFFLAGS or SIOCGIFADDR or SIOCGIFDSTADDR or SIOCGIFBRDADDR or SIOCGIFNETMASK or SIOCGIFMETRIC or SIOCGIFMTU
        or SIOCGIFHWADDR or SIOCGIFINDEX;

    /// <summary>Answers a request.</summary>
    /// <param name="ip">The network layer.</param>
    /// <param name="request">Which.</param>
    /// <param name="argument">
    /// A <c>struct ifreq</c>. SIOCGIFCONF: a <c>struct ifconf</c> with the room for its requests right behind it instead of at a pointer; without any room its length receives what is needed.
    /// </param>
    /// <returns>EFAULT: too short; ENODEV: no such interface; EADDRNOTAVAIL: it has no IPv4 address.</returns>
    public static Errno Answer(IpLayer ip, int request, Span<byte> argument)
    {
        if (argument.Length < (request == SIOCGIFCONF ? ConfigurationLength : RequestLength))
        {
            return Errno.EFAULT;
        }

        NetworkInterface[] all = InterfaceNames.All(ip);
        if (request == SIOCGIFCONF)
        {
            WriteConfiguration(all, argument);
            return Errno.None;
        }

        Span<byte> value = argument[NameLength..];
        if (request == SIOCGIFNAME)
        {
            int index = BinaryPrimitives.ReadInt32LittleEndian(value);
            if (Array.Find(all, network => network.Index == index) is not { } found)
            {
                return Errno.ENODEV;
            }

            WriteName(found, argument);
            return Errno.None;
        }

        argument[NameLength - 1] = 0;
        string name = Encoding.UTF8.GetString(argument[..argument.IndexOf((byte)0)]);
        if (Array.Find(all, network => string.Equals(network.Device.Name, name, StringComparison.Ordinal)) is not { } asked)
        {
            return Errno.ENODEV;
        }

        switch (request)
        {
            case SIOCGIFFLAGS:
                BinaryPrimitives.WriteInt16LittleEndian(value, FlagsOf(asked));
                return Errno.None;
            case SIOCGIFMETRIC:
                BinaryPrimitives.WriteInt32LittleEndian(value, 0); // as Linux, which has none
                return Errno.None;
            case SIOCGIFMTU:
                BinaryPrimitives.WriteInt32LittleEndian(value, asked.MaximumTransmissionUnit);
                return Errno.None;
            case SIOCGIFINDEX:
                BinaryPrimitives.WriteInt32LittleEndian(value, asked.Index);
                return Errno.None;
            case SIOCGIFHWADDR:
                value[..16].Clear();
                BinaryPrimitives.WriteUInt16LittleEndian(value, asked.IsLoopback ? LoopbackLink : Ethernet);
                if (!asked.IsLoopback)
                {
                    asked.Device.MacAddress.Write(value[2..]);
                }

                return Errno.None;
        }

        if (AddressesOf(asked) is not [{ } own, ..])
        {
            return Errno.EADDRNOTAVAIL;
        }

        uint mask = own.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - own.PrefixLength);
        IPv4Address answer = request switch
        {
            SIOCGIFNETMASK => new IPv4Address(mask),
            SIOCGIFBRDADDR => asked.IsLoopback ? default : new IPv4Address(own.Address.IPv4.Value | ~mask),
            _ => own.Address.IPv4,
        };
        SockAddr.Inet(answer, 0).Write(value);
        return Errno.None;
    }

    // An interface without IPv4 addresses is not in the list (netdevice(7)); one with several is in it several times.
    private static void WriteConfiguration(NetworkInterface[] all, Span<byte> argument)
    {
        Span<byte> room = argument[ConfigurationLength..];
        bool isCounted = room.IsEmpty;
        room = room[..Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(argument), 0, room.Length)];
        int length = 0;
        foreach (NetworkInterface network in all)
        {
            foreach (AddressPrefix own in AddressesOf(network))
            {
                if (isCounted)
                {
                    length += RequestLength;
                }
                else if (length + RequestLength <= room.Length)
                {
                    Span<byte> request = room.Slice(length, RequestLength);
                    request.Clear();
                    WriteName(network, request);
                    SockAddr.Inet(own.Address.IPv4, 0).Write(request[NameLength..]);
                    length += RequestLength;
                }
            }
        }

        BinaryPrimitives.WriteInt32LittleEndian(argument, length);
    }

    private static void WriteName(NetworkInterface network, Span<byte> request)
    {
        request[..NameLength].Clear();
        Encoding.UTF8.TryGetBytes(network.Device.Name, request[..(NameLength - 1)], out _);
    }

    private static AddressPrefix[] AddressesOf(NetworkInterface network) => network.IsLoopback
        ? [new AddressPrefix(IPv4Address.Loopback, LoopbackPrefix)]
        : [.. network.Addresses.Where(static own => own.Address.IsIPv4).Select(static own => own.Prefix)];

    private static short FlagsOf(NetworkInterface network)
    {
        int flags = network.IsLoopback ? Loopback : Broadcast | Multicast;
        return (short)(network.IsDown ? flags : flags | Up | Running);
    }
}

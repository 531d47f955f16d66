using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>Where a message goes, by which way, and with what in its header.</summary>
internal abstract partial class InetMessageSocket
{
    /// <summary>Bytes of the longest message: no IP packet holds more.</summary>
    protected const int LongestMessage = ushort.MaxValue;

    /// <inheritdoc/>
    public sealed override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        using (Net.Enter())
        {
            if (IsClosed)
            {
                return Errno.EBADF;
            }

            if (message.Data.Length > LongestMessage)
            {
                return Errno.EMSGSIZE;
            }

            if ((message.Flags & MessageFlags.MSG_OOB) != MessageFlags.None)
            {
                return Errno.EOPNOTSUPP;
            }

            Errno error = SendOpen(ref message);
            sent = error == Errno.None ? message.Data.Length : 0;
            return error;
        }
    }

    /// <summary>Sends a message that may be, on a socket that is open.</summary>
    protected abstract Errno SendOpen(ref MessageOut message);

    /// <summary>Whom an address means.</summary>
    /// <param name="address">The address as the program gave it.</param>
    /// <param name="isConnecting">For connect(), whose errors differ.</param>
    /// <param name="remote">Receives the address.</param>
    /// <param name="scope">Receives the index of the interface that it means something on; 0: any.</param>
    protected Errno ReadPeer(in SockAddr address, bool isConnecting, out IpAddress remote, out int scope)
    {
        remote = address.Address;
        scope = 0;
        if (address.Family != Domain && (Domain != SocketDomain.AF_INET6 || address.Family != SocketDomain.AF_INET))
        {
            return Errno.EAFNOSUPPORT;
        }

        if (Domain == SocketDomain.AF_INET6 && remote.IsIPv4)
        {
            if (Options.OnlyIPv6)
            {
                return isConnecting && address.Family == SocketDomain.AF_INET ? Errno.EAFNOSUPPORT : Errno.ENETUNREACH;
            }

            if (!LocalAddress.IsIPv4 && !LocalAddress.IsUnspecified)
            {
                return Errno.ENETUNREACH;
            }
        }
        else if (!remote.IsIPv4 && LocalAddress.IsIPv4)
        {
            return Errno.EAFNOSUPPORT;
        }

        if (remote.IsUnspecified)
        {
            // 4.4BSD: whoever says "any" means himself.
            remote = remote.IsIPv4 || LocalAddress.IsIPv4 ? new IPv4Address(0x7F00_0001) : IPv6Address.Parse("::1");
        }

        if (remote.NeedsScope)
        {
            scope = address.Scope;
            if (scope != 0 && Options.Interface != 0 && scope != Options.Interface)
            {
                return Errno.EINVAL;
            }

            if (isConnecting && scope == 0 && Options.Interface == 0 && !remote.IsMulticast)
            {
                return Errno.EINVAL; // RFC 4007 §6
            }
        }

        return Errno.None;
    }

    /// <summary>The way to a peer.</summary>
    /// <param name="remote">The peer.</param>
    /// <param name="scope">Index of the interface that its address means something on; 0: any.</param>
    /// <param name="control">What the message says besides.</param>
    /// <param name="flags">How it is to be sent.</param>
    /// <param name="destination">Receives the way.</param>
    /// <returns>EACCES: a broadcast address without SO_BROADCAST; EINVAL, EADDRNOTAVAIL: an address that is not ours; ENETUNREACH, ENODEV, ENETDOWN.</returns>
    protected Errno FindRoute(IpAddress remote, int scope, in SendControl control, MessageFlags flags, out Destination? destination)
    {
        destination = null;
        if (Net.IsDown)
        {
            return Errno.ENETDOWN;
        }

        IpAddress source = control.Source;
        int network = control.Interface != 0 ? control.Interface : scope != 0 ? scope : Options.Interface;
        if (control.Interface != 0 && Options.Interface != 0 && control.Interface != Options.Interface)
        {
            return Errno.EINVAL;
        }

        if (source.IsUnspecified && !LocalAddress.IsMulticast && !IsBroadcast(LocalAddress))
        {
            source = LocalAddress;
        }

        if (!remote.IsIPv4 && source.IsUnspecified)
        {
            (source, int sticky) = Options.StickyPacketInfo;
            network = network != 0 ? network : sticky;
        }

        if (remote.IsMulticast && network == 0)
        {
            network = remote.IsIPv4 ? Options.MulticastInterface4 : Options.MulticastInterface6;
            if (remote.IsIPv4 && source.IsUnspecified && Options.MulticastSource != default)
            {
                source = Options.MulticastSource;
            }
        }

        if (network != 0 && Net.FindInterface(network) is null)
        {
            return Errno.ENODEV;
        }

        if (!source.IsUnspecified && !Ip.IsOwn(source))
        {
            return source.IsIPv4 ? Errno.ENETUNREACH : Errno.EINVAL;
        }

        destination = Ip.Find(remote, source, network);
        if (destination is null)
        {
            return Errno.ENETUNREACH;
        }

        if (destination.IsGroup && !remote.IsMulticast && !Options.Broadcast)
        {
            return Errno.EACCES;
        }

        bool isDirect = Options.DontRoute || (flags & MessageFlags.MSG_DONTROUTE) != MessageFlags.None;
        return isDirect && destination.NextHop != remote ? Errno.ENETUNREACH : Errno.None;
    }

    /// <summary>What stands in a message's header.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="control">What it says itself.</param>
    protected PacketOptions HeaderFor(Destination destination, in SendControl control)
    {
        bool isIPv4 = destination.IsIPv4;
        bool isMulticast = destination.Address.IsMulticast;
        byte hops = control.HopLimit ?? (isMulticast ? (isIPv4 ? Options.MulticastTimeToLive : Options.MulticastHops) : (isIPv4 ? Options.TimeToLive : Options.UnicastHops) ?? 0);
        return new PacketOptions
        {
            TrafficClass = control.TrafficClass ?? (isIPv4 ? Options.TypeOfService : Options.TrafficClass),
            HopLimit = hops,
            MayBeCut = isIPv4 && Options.MtuDiscovery4 is IP_PMTUDISC_DONT or IP_PMTUDISC_INTERFACE or IP_PMTUDISC_OMIT,
            Loops = destination.IsGroup && (!isMulticast || (isIPv4 ? Options.MulticastLoop4 : Options.MulticastLoop6)),
            StaysHere = isMulticast && hops == 0,
        };
    }

    /// <summary>Whether a message may be so long (IP_MTU_DISCOVER); if not, the error queue says how long it may be.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="length">Bytes behind the IP header.</param>
    protected Errno CheckLength(Destination destination, int length)
    {
        int mode = destination.IsIPv4 ? Options.MtuDiscovery4 : Options.MtuDiscovery6;
        bool mustBeWhole = mode is IP_PMTUDISC_DO or IP_PMTUDISC_PROBE || (!destination.IsIPv4 && Options.DontFragment6);
        int mtu = mode == IP_PMTUDISC_PROBE ? destination.Interface.MaximumTransmissionUnit : destination.PathMtu;
        if (!mustBeWhole || destination.HeaderLength + length <= mtu)
        {
            return Errno.None;
        }

        QueueLocalError(destination, mtu);
        return Errno.EMSGSIZE;
    }

    /// <summary>Whether the way takes a frame now; else who waits is woken once it does.</summary>
    protected bool HasRoom(Destination destination, in SendControl control) => Net.HasRoomFor(this, destination.Interface.Output.For(PriorityOf(control)));

    /// <summary>How urgent a message is.</summary>
    protected byte PriorityOf(in SendControl control) => InetOptions.BandPriority(control.Priority ?? Options.Priority);

    /// <summary>What keeps the socket from sending: an error that is pending, or its own shutdown.</summary>
    protected Errno ReadyToSend()
    {
        Errno error = TakePendingError();
        return error != Errno.None ? error : _sendShut ? Errno.EPIPE : Errno.None;
    }

    private bool IsBroadcast(IpAddress address)
    {
        if (address.IsUnspecified || !address.IsIPv4)
        {
            return false;
        }

        foreach (NetworkInterface network in Net.Interfaces)
        {
            if (network.IsBroadcast(address))
            {
                return true;
            }
        }

        return false; // a loop: a lambda would be an object for each datagram
    }
}

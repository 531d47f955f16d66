using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Multicast;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>The groups that an interface is a member of, in both families, and how its routers learn of them (IGMP, MLD).</summary>
internal sealed class InterfaceGroups
{
    private static readonly SourceFilter s_everybody = new(FilterMode.Exclude, []);

    private readonly StackContext _context;
    private readonly StackTimer _timer;
    private readonly GroupMembership _groups4;
    private readonly GroupMembership _groups6;

    public InterfaceGroups(NetworkInterface network)
    {
        _context = network.Context;
        _timer = new StackTimer(_context.Timers, OnTimer);
        IAddressFilter? filter = network.Device.AddressFilter;
        _groups4 = new GroupMembership(MembershipProtocol.Igmp, new Link4(network), _context.Random, addresses: filter);
        _groups6 = new GroupMembership(MembershipProtocol.Mld, new Link6(network), _context.Random, addresses: filter);
        if (filter is not null)
        {
            filter.Join(MacAddress.ForGroup(MembershipProtocol.Igmp.AllHosts));
            filter.Join(MacAddress.ForGroup(MembershipProtocol.Mld.AllHosts));
            filter.Promiscuous = false;
        }
    }

    /// <summary>Whether packets to a group from a sender are taken.</summary>
    public bool Accepts(IpAddress group, IpAddress source) => Of(group).Accepts(group, source);

    /// <summary>Somebody wants a group's packets.</summary>
    /// <param name="user">Who.</param>
    /// <param name="group">The group.</param>
    /// <returns>False when there would be too many groups.</returns>
    public bool Join(object user, IpAddress group) => Listen(user, group, s_everybody);

    /// <summary>Somebody wants a group's packets no more.</summary>
    public void Leave(object user, IpAddress group) => Listen(user, group, SourceFilter.Nothing);

    /// <summary>Somebody wants no group's packets any more.</summary>
    public void Leave(object user)
    {
        _groups4.Leave(user, _context.Now);
        _groups6.Leave(user, _context.Now);
        SetTimer();
    }

    /// <summary>Somebody wants a group's packets from some senders.</summary>
    public bool Listen(object user, IpAddress group, SourceFilter filter)
    {
        bool done = Of(group).Listen(user, group, filter, _context.Now);
        SetTimer();
        return done;
    }

    /// <summary>What somebody wants of a group.</summary>
    public SourceFilter FilterOf(object user, IpAddress group) => Of(group).FilterOf(user, group);

    /// <summary>Takes in a message of IGMP or MLD whose checksum was right.</summary>
    public void Receive(in IpPacket packet)
    {
        bool isIPv4 = packet.Source.IsIPv4;
        ReadOnlySpan<byte> message = packet.Head;

        // RFC 3810 §5.1.14, §6.2: from the link itself, or it is forged. RFC 3376 §9.1 asks the same of IGMP in its newest version only.
        if (message.Length < packet.TransportLength || (!isIPv4 && (packet.HopLimit != 1 || !packet.Source.NeedsScope))
            || !(isIPv4 ? _groups4 : _groups6).Receive(message, _context.Now))
        {
            _context.Counters.Add(StackCounter.GroupMessagesInvalid);
            return;
        }

        SetTimer();
    }

    private GroupMembership Of(IpAddress group) => group.IsIPv4 ? _groups4 : _groups6;

    private void OnTimer()
    {
        _groups4.Run(_context.Now);
        _groups6.Run(_context.Now);
        SetTimer();
    }

    private void SetTimer()
    {
        Instant next = _groups4.Next < _groups6.Next ? _groups4.Next : _groups6.Next;
        if (next != Instant.Never)
        {
            _timer.Set(next);
        }
    }

    // RFC 3376 §4: TTL 1, the router alert option (RFC 2113), and a type of service that says "internetwork control".
    private sealed class Link4(NetworkInterface network) : IMembershipLink
    {
        private const byte InternetworkControl = 0xC0;
        private const int HeaderLength = IPv4Header.MinimumLength + 4;

        private static ReadOnlySpan<byte> RouterAlert => [0x94, 4, 0, 0];

        public int MaximumMessageLength => network.MaximumTransmissionUnit - HeaderLength;

        public void SendMembership(IpAddress destination, Span<byte> message)
        {
            if (network.Packets.TryRent() is not { } buffer)
            {
                return;
            }

            BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Compute(message));
            Span<byte> bytes = buffer.Span;
            EthernetHeader.Write(bytes, MacAddress.ForGroup(destination), network.Device.MacAddress, EtherType.IPv4);
            IPv4Fields fields = new()
            {
                Source = network.FirstIPv4 ?? default,
                Destination = destination.IPv4,
                Protocol = IpProtocol.Igmp,
                PayloadLength = message.Length,
                TrafficClass = InternetworkControl,
                TimeToLive = 1,
            };
            IPv4Header.Write(bytes[EthernetHeader.Length..], fields, RouterAlert);
            int offset = EthernetHeader.Length + HeaderLength;
            message.CopyTo(bytes[offset..]);
            TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, offset + message.Length)) };
            network.Output.Enqueue(ref frame);
        }
    }

    // RFC 3810 §5: hop limit 1, a router alert (RFC 2711) in a hop-by-hop header, from a link-local address or, while there is none, from :: (RFC 3590).
    private sealed class Link6(NetworkInterface network) : IMembershipLink
    {
        private const int OptionsLength = 8;

        private static ReadOnlySpan<byte> RouterAlert => [(byte)IpProtocol.Icmpv6, 0, 5, 2, 0, 0, 1, 0];

        public int MaximumMessageLength => network.LinkMtu6 - IPv6Header.Length - OptionsLength;

        public void SendMembership(IpAddress destination, Span<byte> message)
        {
            if (network.Packets.TryRent() is not { } buffer)
            {
                return;
            }

            IPv6Address source = (network.LinkLocal ?? default).IPv6;
            uint pseudo = InternetChecksum.PseudoHeader(source, destination.IPv6, IpProtocol.Icmpv6, message.Length);
            BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo)));
            Span<byte> bytes = buffer.Span;
            EthernetHeader.Write(bytes, MacAddress.ForGroup(destination), network.Device.MacAddress, EtherType.IPv6);
            IPv6Header.Write(bytes[EthernetHeader.Length..], new IPv6Fields
            {
                Source = source,
                Destination = destination.IPv6,
                NextHeader = IpProtocol.HopByHopOptions,
                PayloadLength = OptionsLength + message.Length,
                HopLimit = 1,
            });
            int offset = EthernetHeader.Length + IPv6Header.Length;
            RouterAlert.CopyTo(bytes[offset..]);
            message.CopyTo(bytes[(offset + OptionsLength)..]);
            TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, offset + OptionsLength + message.Length)) };
            network.Output.Enqueue(ref frame);
        }
    }
}

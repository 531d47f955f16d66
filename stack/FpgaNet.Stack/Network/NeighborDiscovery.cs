using System.Buffers.Binary;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>Neighbour Discovery between hosts (RFC 4861 §7): asks for IPv6 neighbours and answers.</summary>
internal sealed class NeighborDiscovery(NetworkInterface network)
{
    /// <summary>Hop limit that a message must have come with: no router can have passed it on (RFC 4861 §11.2).</summary>
    public const byte HopLimit = 255;

    private const uint FromRouter = 0x8000_0000;
    private const uint Solicited = 0x4000_0000;
    private const uint Override = 0x2000_0000;
    private const int OptionsOffset = IcmpHeader.Length + IPv6Address.Length;

    private MacAddress Own => network.Device.MacAddress;

    /// <summary>Takes in a solicitation (§7.2.3).</summary>
    public void ReceiveSolicitation(in IpPacket packet, in IcmpHeader message)
    {
        // §7.1.1.
        bool isProbe = packet.Source.IsUnspecified; // duplicate address detection
        ReadOnlySpan<byte> head = packet.Head;
        if (!IsValid(packet, message, out IPv6Address target6)
            || (isProbe && (packet.Destination != target6.SolicitedNode || LinkLayerAddress(head[OptionsOffset..], NdpOptionType.SourceLinkLayerAddress) is not null)))
        {
            network.Context.Counters.Add(StackCounter.NdpInvalid);
            return;
        }

        IpAddress target = target6;
        if (network.FindAnyAddress(target) is not { } own)
        {
            return;
        }

        if (!own.IsUsable)
        {
            // RFC 4862 §5.4.3: another host wants the same address. From one that has an address already it is only a question, and we are not there yet.
            if (isProbe && !network.DuplicateAddresses.IsOwnProbe(LinkNonce(head[OptionsOffset..])))
            {
                network.DuplicateAddresses.Conflict(own);
            }

            return;
        }

        if (!isProbe && LinkLayerAddress(head[OptionsOffset..], NdpOptionType.SourceLinkLayerAddress) is { IsMulticast: false } mac)
        {
            network.Neighbors.Heard(packet.Source, mac, mayAdd: true);
        }

        network.Context.Counters.Add(StackCounter.NdpSolicitationsAnswered);
        if (isProbe)
        {
            // §7.2.4: nobody has that address, so that all must hear.
            Advertise(own.Address, IPv6Address.AllNodes, MacAddress.ForGroup(IPv6Address.AllNodes), Override);
        }
        else if (network.Neighbors.Peek(packet.Source) is { State: not NeighborState.Incomplete } neighbor)
        {
            Advertise(own.Address, packet.Source, neighbor.MacAddress, Solicited | Override);
        }
        else
        {
            Advertise(own.Address, packet.Source, packet.LinkSource, Solicited | Override);
        }
    }

    /// <summary>Takes in an advertisement (§7.2.5).</summary>
    public void ReceiveAdvertisement(in IpPacket packet, in IcmpHeader message)
    {
        // §7.1.2.
        if (!IsValid(packet, message, out IPv6Address target6) || packet.Source.IsUnspecified
            || (packet.Destination.IsMulticast && (message.Parameter & Solicited) != 0))
        {
            network.Context.Counters.Add(StackCounter.NdpInvalid);
            return;
        }

        IpAddress target = target6;
        if (network.FindAnyAddress(target) is { } own)
        {
            // RFC 4862 §5.4.4.
            network.DuplicateAddresses.Conflict(own);
            return;
        }

        MacAddress? mac = LinkLayerAddress(packet.Head[OptionsOffset..], NdpOptionType.TargetLinkLayerAddress);
        if (mac is { IsMulticast: true })
        {
            network.Context.Counters.Add(StackCounter.NdpInvalid);
            return;
        }

        if (!network.Neighbors.Advertised(
            target, mac, (message.Parameter & Solicited) != 0, (message.Parameter & Override) != 0, (message.Parameter & FromRouter) != 0))
        {
            network.Context.Counters.Add(StackCounter.NeighborUnsolicited);
        }
    }

    /// <summary>Asks for a neighbour (§7.2.2), or whether it is still there (§7.3.3).</summary>
    public void Solicit(Neighbor neighbor)
    {
        IPv6Address target = neighbor.Address.IPv6;
        bool isProbe = neighbor.State == NeighborState.Probe;
        IPv6Address to = isProbe ? target : target.SolicitedNode;
        IpAddress source = network.FindAddressOnLinkWith(neighbor.Address)?.Address ?? network.LinkLocal ?? default;
        if (source.IsUnspecified)
        {
            return; // a solicitation from :: would be taken for duplicate address detection
        }

        Span<byte> body = stackalloc byte[IPv6Address.Length + 8];
        target.Write(body);
        NdpOptionReader.WriteLinkLayerAddress(body[IPv6Address.Length..], NdpOptionType.SourceLinkLayerAddress, Own);
        Send(source.IPv6, to, isProbe ? neighbor.MacAddress : MacAddress.ForGroup(to), Icmpv6Type.NeighborSolicitation, 0, body);
    }

    /// <summary>Asks whether anybody has an address that we want (RFC 4862 §5.4.2), with a number by which we know the question when it comes back (RFC 7527 §4.1).</summary>
    public void SolicitForDuplicates(IPv6Address target, ulong nonce)
    {
        Span<byte> body = stackalloc byte[IPv6Address.Length + 8];
        target.Write(body);
        BinaryPrimitives.WriteUInt64BigEndian(body[IPv6Address.Length..], nonce & 0xFFFF_FFFF_FFFF);
        body[IPv6Address.Length] = (byte)NdpOptionType.Nonce;
        body[IPv6Address.Length + 1] = 1;
        IPv6Address to = target.SolicitedNode;
        Send(IPv6Address.Any, to, MacAddress.ForGroup(to), Icmpv6Type.NeighborSolicitation, 0, body);
    }

    /// <summary>Tells all nodes that we have an address (§7.2.6), so that a switch learns where we are and stale entries go.</summary>
    public void Announce(IpAddress address) =>
        Advertise(address, IPv6Address.AllNodes, MacAddress.ForGroup(IPv6Address.AllNodes), Override);

    /// <summary>Sends a message with a hop limit of 255.</summary>
    public void Send(IPv6Address source, IPv6Address destination, MacAddress to, Icmpv6Type type, uint parameter, ReadOnlySpan<byte> body)
    {
        if (network.Output.TryRentHeader() is not { } buffer)
        {
            return;
        }

        Span<byte> bytes = buffer.Span;
        int length = IcmpHeader.Length + body.Length;
        EthernetHeader.Write(bytes, to, Own, EtherType.IPv6);
        IPv6Header.Write(bytes[EthernetHeader.Length..], new IPv6Fields
        {
            Source = source,
            Destination = destination,
            NextHeader = IpProtocol.Icmpv6,
            PayloadLength = length,
            HopLimit = HopLimit,
        });
        int offset = EthernetHeader.Length + IPv6Header.Length;
        Span<byte> message = bytes.Slice(offset, length);
        IcmpHeader.Write(message, (byte)type, 0, parameter);
        body.CopyTo(message[IcmpHeader.Length..]);
        uint pseudo = InternetChecksum.PseudoHeader(source, destination, IpProtocol.Icmpv6, length);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Sum(message, pseudo)));
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, offset + length)) };
        network.Output.Enqueue(ref frame);
    }

    /// <summary>The station address in an option; null: there is none.</summary>
    public static MacAddress? LinkLayerAddress(ReadOnlySpan<byte> options, NdpOptionType type)
    {
        NdpOptionReader reader = new(options);
        while (reader.TryNext())
        {
            if (reader.Type == type)
            {
                return reader.LinkLayerAddress;
            }
        }

        return null;
    }

    // What §7.1.1 and §7.1.2 have in common.
    private static bool IsValid(in IpPacket packet, in IcmpHeader message, out IPv6Address target)
    {
        ReadOnlySpan<byte> head = packet.Head;
        target = default;
        if (packet.HopLimit != HopLimit || message.Code != 0 || head.Length < OptionsOffset || head.Length < packet.TransportLength)
        {
            return false;
        }

        target = IPv6Address.Read(head[IcmpHeader.Length..]);
        return !target.IsMulticast && NdpOptionReader.IsValid(head[OptionsOffset..]);
    }

    private static ulong LinkNonce(ReadOnlySpan<byte> options)
    {
        NdpOptionReader reader = new(options);
        while (reader.TryNext())
        {
            if (reader.Type == NdpOptionType.Nonce && reader.Option.Length == 8)
            {
                return BinaryPrimitives.ReadUInt64BigEndian(reader.Option) & 0xFFFF_FFFF_FFFF;
            }
        }

        return 0;
    }

    private void Advertise(IpAddress address, IpAddress to, MacAddress mac, uint flags)
    {
        Span<byte> body = stackalloc byte[IPv6Address.Length + 8];
        address.Write(body);
        NdpOptionReader.WriteLinkLayerAddress(body[IPv6Address.Length..], NdpOptionType.TargetLinkLayerAddress, Own);
        Send(address.IPv6, to.IPv6, mac, Icmpv6Type.NeighborAdvertisement, flags, body);
    }
}

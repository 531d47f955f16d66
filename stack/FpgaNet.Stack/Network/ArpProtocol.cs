using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>ARP (RFC 826, RFC 1122 §2.3.2): asks for IPv4 neighbours, answers, announces our addresses and defends them (RFC 5227 §2.4).</summary>
internal sealed class ArpProtocol(NetworkInterface network)
{
    private static readonly TimeSpan s_defendInterval = TimeSpan.FromSeconds(10); // RFC 5227 §1.1: DEFEND_INTERVAL

    private Instant _nextDefence;

    private MacAddress Own => network.Device.MacAddress;

    /// <summary>Takes in a packet.</summary>
    public void Receive(ReadOnlySpan<byte> packet)
    {
        StackCounters counters = network.Context.Counters;
        if (!ArpPacket.TryParse(packet, out ArpPacket arp))
        {
            counters.Add(StackCounter.RxMalformed);
            return;
        }

        ArpFields fields = arp.Fields;
        if (fields.SenderHardware.IsMulticast || fields.SenderHardware.Value == 0 || network.IsBroadcast(fields.SenderProtocol)
            || fields.SenderProtocol.IsMulticast || fields.SenderHardware == Own)
        {
            counters.Add(StackCounter.RxMartian);
            return;
        }

        counters.Add(StackCounter.ArpReceived);
        network.AddressProbe?.Heard(fields);
        if (network.FindAddress(fields.SenderProtocol) is not null)
        {
            Defend(fields.SenderProtocol);
            return;
        }

        bool forUs = network.FindAddress(fields.TargetProtocol) is not null;
        if (fields.SenderProtocol != IPv4Address.Any && network.FindAddressOnLinkWith(fields.SenderProtocol) is not null)
        {
            Learn(fields, forUs);
        }

        if (forUs && fields.Operation == ArpOperation.Request)
        {
            counters.Add(StackCounter.ArpRequestsAnswered);
            Send(fields.SenderHardware, new ArpFields(ArpOperation.Reply, Own, fields.TargetProtocol, fields.SenderHardware, fields.SenderProtocol));
        }
    }

    /// <summary>Asks for a neighbour (RFC 1122 §2.3.2.1: at its known address while that is only doubted).</summary>
    public void Solicit(Neighbor neighbor)
    {
        MacAddress to = neighbor.State == NeighborState.Probe ? neighbor.MacAddress : MacAddress.Broadcast;
        IPv4Address source = network.FindAddressOnLinkWith(neighbor.Address)?.Address.IPv4 ?? network.FirstIPv4 ?? default;
        Send(to, new ArpFields(ArpOperation.Request, Own, source, default, neighbor.Address.IPv4));
    }

    /// <summary>Tells the link of an address of ours (RFC 5227 §3: an announcement is a request for the own address).</summary>
    public void Announce(IPv4Address address) =>
        Send(MacAddress.Broadcast, new ArpFields(ArpOperation.Request, Own, address, default, address));

    /// <summary>Asks whether anybody has an address that is not ours yet (RFC 5227 §2.1.1).</summary>
    public void Probe(IPv4Address address) =>
        Send(MacAddress.Broadcast, new ArpFields(ArpOperation.Request, Own, IPv4Address.Any, default, address));

    private void Learn(in ArpFields fields, bool forUs)
    {
        bool known = fields.Operation == ArpOperation.Reply
            ? network.Neighbors.Advertised(fields.SenderProtocol, fields.SenderHardware, isSolicited: forUs, mayOverride: true, isRouter: null)
            : network.Neighbors.Heard(fields.SenderProtocol, fields.SenderHardware, mayAdd: forUs);
        if (!known && fields.Operation == ArpOperation.Reply)
        {
            network.Context.Counters.Add(StackCounter.NeighborUnsolicited);
        }
    }

    private void Defend(IPv4Address address)
    {
        network.Context.Counters.Add(StackCounter.AddressConflicts);
        if (network.Context.Now >= _nextDefence)
        {
            _nextDefence = network.Context.Now + s_defendInterval;
            Announce(address);
        }
    }

    private void Send(MacAddress to, in ArpFields fields)
    {
        if (network.Output.TryRentHeader() is not { } buffer)
        {
            return;
        }

        EthernetHeader.Write(buffer.Span, to, Own, EtherType.Arp);
        ArpPacket.Write(buffer.Span[EthernetHeader.Length..], fields);
        TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, EthernetHeader.Length + ArpPacket.Length)) };
        network.Output.Enqueue(ref frame);
    }
}

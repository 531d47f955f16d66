using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network.Fragments;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>Where fragments meet the network layer: those that come are put together and handed in again, and what is too long for its path is cut.</summary>
internal sealed class FragmentLayer : IDisposable
{
    private readonly StackContext _context;
    private readonly IpLayer _ip;
    private readonly Reassembler _reassembler;
    private readonly FragmentIdentification _identification;
    private readonly StackTimer _timer;

    public FragmentLayer(StackContext context, IpLayer ip)
    {
        _context = context;
        _ip = ip;
        _reassembler = new Reassembler(context.Options.Reassembly);
        _identification = new FragmentIdentification(context.Options.Seed);
        _timer = new StackTimer(context.Timers, OnTimer);
    }

    /// <summary>Buffers that are with datagrams which were put together.</summary>
    public int BuffersInUse => _reassembler.BuffersInUse;

    /// <summary>Takes in a fragment.</summary>
    public void Receive(in IpPacket packet, scoped in Fragment fragment)
    {
        StackCounters counters = _context.Counters;
        counters.Add(StackCounter.RxFragments);
        FragmentVerdict verdict = _reassembler.Add(fragment, ref packet.Frame.Frame, _context.Now, out Frame datagram);
        switch (verdict)
        {
            case FragmentVerdict.Kept:
                _timer.Set(_reassembler.NextExpiry);
                return;
            case FragmentVerdict.Completed:
                counters.Add(StackCounter.RxReassembled);
                RxFrame whole = new() { Frame = datagram };
                _ip.ReceivePacket(packet.Interface, ref whole, packet.NetworkOffset, packet.Source.IsIPv4, packet.IsGroup);
                whole.Frame.Release();
                return;
        }

        counters.Add(StackCounter.RxFragmentDropped);
        if (packet.Source.IsIPv4)
        {
            return;
        }

        // RFC 8200 §4.5, RFC 7112 §5.
        switch (verdict)
        {
            case FragmentVerdict.BadLength:
                _ip.Icmp.Errors.SendParameterProblem(packet, Icmpv6ParameterCode.HeaderField, pointer: 4);
                break;
            case FragmentVerdict.TooLong:
                _ip.Icmp.Errors.SendParameterProblem(
                    packet, Icmpv6ParameterCode.HeaderField, fragment.PayloadOffset - IPv6FragmentHeader.Length + 2 - packet.NetworkOffset);
                break;
            case FragmentVerdict.HeadersIncomplete:
                _ip.Icmp.Errors.SendParameterProblem(packet, Icmpv6ParameterCode.FirstFragment, pointer: 0);
                break;
        }
    }

    /// <summary>Sends a packet that is longer than its path carries, in fragments.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="protocol">What it carries.</param>
    /// <param name="frame">The packet with its headers; its references are taken over.</param>
    public void Send(Destination destination, IpProtocol protocol, ref TxFrame frame)
    {
        // No device can sum over several packets.
        PayChecksum(ref frame);
        uint identification = _identification.Next(destination.Source, destination.Address, protocol);
        Fragmenter fragmenter = new(ref frame.Frame, EthernetHeader.Length, destination.PathMtu, identification);
        while (!fragmenter.IsDone)
        {
            if (destination.Interface.Output.TryRentHeader() is not { } header)
            {
                break; // what was sent of it is lost
            }

            if (!fragmenter.TryNext(header, out Frame fragment))
            {
                header.Release();
                break;
            }

            TxFrame cut = new() { Frame = fragment };
            cut.Offload.Priority = frame.Offload.Priority;
            _context.Counters.Add(StackCounter.TxFragments);
            IpLayer.Transmit(destination, ref cut);
        }

        frame.Frame.Release();
    }

    /// <summary>Drops all that waits for the rest of its datagram.</summary>
    public void Dispose()
    {
        _timer.Remove();
        _reassembler.Dispose();
    }

    private static void PayChecksum(ref TxFrame frame)
    {
        ref TxOffload offload = ref frame.Offload;
        if (!offload.Checksum)
        {
            return;
        }

        int start = offload.ChecksumStart;
        ushort sum = InternetChecksum.Finish(FrameChecksum.Sum(frame.Frame, start, frame.Frame.Length - start));
        sum = sum == 0 && offload.ChecksumZeroAsOnes ? (ushort)0xFFFF : sum;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(frame.Frame.Header.Span[(start + offload.ChecksumOffset)..], sum);
        offload = new TxOffload { Priority = offload.Priority };
    }

    private void OnTimer()
    {
        while (_reassembler.TryExpire(_context.Now, out Frame first, out int networkOffset))
        {
            _context.Counters.Add(StackCounter.RxReassemblyTimeouts);
            if (first.SliceCount != 0)
            {
                Report(first, networkOffset);
                first.Release();
            }
        }

        if (_reassembler.NextExpiry != Instant.Never)
        {
            _timer.Set(_reassembler.NextExpiry);
        }
    }

    private void Report(in Frame first, int networkOffset)
    {
        RxFrame frame = new() { Frame = first };
        ReadOnlySpan<byte> bytes = first.Header.Span[networkOffset..];
        IpPacket packet = new() { Frame = ref frame, NetworkOffset = networkOffset };
        if (IPv4Header.TryParse(bytes, first.Length - networkOffset, out IPv4Header header))
        {
            packet.Source = header.Source;
            packet.Destination = header.Destination;
            packet.Protocol = header.Protocol;
            packet.TransportOffset = networkOffset + header.HeaderLength;
            packet.TransportLength = header.PayloadLength;
        }
        else if (IPv6Header.TryParse(bytes, first.Length - networkOffset, out IPv6Header header6) && header6.TryWalkExtensions(out IPv6UpperLayer upper))
        {
            packet.Source = header6.Source;
            packet.Destination = header6.Destination;
            packet.Protocol = upper.Protocol;
            packet.TransportOffset = networkOffset + upper.Offset;
            packet.TransportLength = IPv6Header.Length + header6.PayloadLength - upper.Offset;
        }
        else
        {
            return;
        }

        if (packet.Destination.IsMulticast || _ip.InterfaceOf(packet.Destination) is not { } network)
        {
            return;
        }

        packet.Interface = network;
        _ip.Icmp.Errors.SendReassemblyTimeExceeded(packet);
    }
}

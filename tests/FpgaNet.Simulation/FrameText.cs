using System.Globalization;
using System.Text;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>Frames in one line each, in the manner of tcpdump.</summary>
public static class FrameText
{
    public static string Describe(ReadOnlySpan<byte> frame)
    {
        PacketView view = PacketView.Of(frame);
        return view.IpVersion != 0 ? DescribeIp(view, frame)
            : view.EtherType == EtherType.Arp ? DescribeArp(frame[view.NetworkOffset..])
            : string.Create(CultureInfo.InvariantCulture, $"ethertype 0x{(ushort)view.EtherType:x4}, {frame.Length} bytes");
    }

    /// <summary>TCP's control bits as tcpdump writes them.</summary>
    public static string Flags(TcpFlags flags)
    {
        StringBuilder text = new();
        ReadOnlySpan<(TcpFlags Flag, char Letter)> letters =
        [
            (TcpFlags.Syn, 'S'), (TcpFlags.Fin, 'F'), (TcpFlags.Rst, 'R'), (TcpFlags.Psh, 'P'), (TcpFlags.Urg, 'U'), (TcpFlags.Ece, 'E'), (TcpFlags.Cwr, 'W'), (TcpFlags.Ack, '.'),
        ];
        foreach ((TcpFlags flag, char letter) in letters)
        {
            if ((flags & flag) != TcpFlags.None)
            {
                text.Append(letter);
            }
        }

        return text.Length == 0 ? "none" : text.ToString();
    }

    public static string Options(in TcpOptions options)
    {
        List<string> parts = [];
        if (options.MaximumSegmentSize is { } mss)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"mss {mss}"));
        }

        if (options.WindowScale is { } scale)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"wscale {scale}"));
        }

        if (options.SackPermitted)
        {
            parts.Add("sackOK");
        }

        if (options.HasTimestamps)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"TS val {options.TimestampValue} ecr {options.TimestampEchoReply}"));
        }

        if (options.SackBlockCount > 0)
        {
            StringBuilder blocks = new("sack");
            for (int i = 0; i < options.SackBlockCount; i++)
            {
                blocks.Append(CultureInfo.InvariantCulture, $" {{{options.Sack(i).Left}:{options.Sack(i).Right}}}");
            }

            parts.Add(blocks.ToString());
        }

        return string.Join(',', parts);
    }

    private static string DescribeIp(in PacketView view, ReadOnlySpan<byte> frame)
    {
        string source = Address(view, view.Source);
        string destination = Address(view, view.Destination);
        string ecn = view.Ecn == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", ecn {view.Ecn}");
        if (view.IsTcp)
        {
            string options = Options(view.Options);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{source}.{view.SourcePort} > {destination}.{view.DestinationPort}: [{Flags(view.Flags)}] seq {view.Sequence} ack {view.Acknowledgment} win {view.Window} length {view.PayloadLength}{(options.Length == 0 ? string.Empty : $" [{options}]")}{ecn}");
        }

        if (view.SourcePort != 0 || view.DestinationPort != 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{source}.{view.SourcePort} > {destination}.{view.DestinationPort}: UDP, length {view.PayloadLength}{ecn}");
        }

        string detail = view.Protocol is IpProtocol.Icmp or IpProtocol.Icmpv6 && IcmpHeader.TryParse(frame[Math.Min(view.TransportOffset, frame.Length)..], out IcmpHeader icmp)
            ? string.Create(CultureInfo.InvariantCulture, $" type {(byte)icmp.Type} code {icmp.Code} parameter 0x{icmp.Parameter:x}")
            : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture, $"{source} > {destination}: {view.Protocol}{detail}{(view.IsFragment ? " fragment" : string.Empty)}, length {view.PayloadLength}{ecn}");
    }

    private static string Address(in PacketView view, UInt128 address) =>
        view.IpVersion == 4 ? new IPv4Address((uint)address).ToString() : new IPv6Address(address).ToString();

    private static string DescribeArp(ReadOnlySpan<byte> packet) => ArpPacket.TryParse(packet, out ArpPacket arp)
        ? arp.Operation == ArpOperation.Request
            ? $"ARP who-has {arp.TargetProtocol} tell {arp.SenderProtocol} ({arp.SenderHardware})"
            : $"ARP {arp.SenderProtocol} is-at {arp.SenderHardware}"
        : "ARP malformed";
}

using System.Globalization;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;

namespace FpgaNet.Stack.Tests.Scripts;

/// <summary>What was expected beside what came, in two columns.</summary>
public sealed partial class ScriptedPeer
{
    private void Compare(Seg expected, byte[] frame)
    {
        PacketView view = PacketView.Of(frame);
        Assert.IsTrue(view.IsTcp, $"expected {expected}, but this came: {FrameText.Describe(frame)}");
        CheckSum(frame, view);
        Assert.IsTrue(TcpHeader.TryParse(frame.AsSpan(view.TransportOffset), out TcpHeader tcp));
        Assert.IsTrue(TcpOptions.TryParse(tcp.Options, out TcpOptions options), "malformed options");
        if (view.IsSyn && !_knowsHostIss)
        {
            _knowsHostIss = true;
            _hostIss = tcp.SequenceNumber;
        }

        LastOptions = options;
        LastWindow = tcp.Window;
        LastFrame = frame;
        LastTrafficClass = TrafficClassOf(frame);
        LastHopLimit = frame[EthernetHeader.Length + (IsIPv6 ? 7 : 8)];
        LastFlags = tcp.Flags;

        Table table = new();
        table.Row("ports", $"{HostPort} > {Port}", $"{tcp.SourcePort} > {tcp.DestinationPort}");
        table.Row("flags", FrameText.Flags(expected.Flags & ~TcpFlags.Psh), FrameText.Flags(tcp.Flags & ~TcpFlags.Psh));
        table.Row("sequence", Text(expected.Sequence), Text(expected.IsAbsolute ? (int)tcp.SequenceNumber : (int)(tcp.SequenceNumber - _hostIss)));
        table.Row("acknowledges", Text(expected.Acknowledges), Text((int)(tcp.AcknowledgmentNumber - PeerIss)));
        table.Row("length", Text(expected.Length), Text(tcp.Payload.Length));
        table.Row("window", Text(expected.WindowField), Text(tcp.Window));
        table.Row("urgent", Text(expected.Urgent), Text(tcp.UrgentPointer));
        table.Row("traffic class", Text(expected.TrafficClass), Text(LastTrafficClass));
        table.Row("segment size", Text(expected.MaximumSegment), Text(options.MaximumSegmentSize));
        table.Row("window scale", Text(expected.Scale), Text(options.WindowScale));
        table.Row("SACK permitted", expected.Sack ? "yes" : null, options.SackPermitted ? "yes" : "no");
        table.Row("time stamp", Text((int?)expected.Timestamp), options.HasTimestamps ? Text((int)options.TimestampValue) : "none");
        table.Row("SACK blocks", Blocks(expected.Blocks), Blocks(options));
        if (table.Differs)
        {
            Assert.Fail($"not the expected segment, at {Time.Elapsed.TotalSeconds.ToString("f6", CultureInfo.InvariantCulture)} s:{Environment.NewLine}{table}");
        }
    }

    private byte TrafficClassOf(byte[] frame) => IsIPv6 ? (byte)((frame[14] << 4) | (frame[15] >> 4)) : frame[15];

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Blocks((int Left, int Right)[]? blocks) =>
        blocks is null ? null : string.Join(' ', blocks.Select(static b => string.Create(CultureInfo.InvariantCulture, $"{b.Left}-{b.Right}")));

    private string? Blocks(TcpOptions options) =>
        Blocks([.. Enumerable.Range(0, options.SackBlockCount).Select(i => ((int)(options.Sack(i).Left - PeerIss), (int)(options.Sack(i).Right - PeerIss)))]);

    private string Describe(byte[] frame)
    {
        PacketView view = PacketView.Of(frame);
        return view.IsTcp
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"[{FrameText.Flags(view.Flags)} seq {(int)(view.Sequence - _hostIss)} ack {(int)(view.Acknowledgment - PeerIss)} length {view.PayloadLength} window {view.Window}]")
            : FrameText.Describe(frame);
    }

    private sealed class Table
    {
        private readonly StringBuilder _text = new($"  {"",-15}{"expected",-24}actual{Environment.NewLine}");

        public bool Differs { get; private set; }

        // What is expected to be anything is not compared.
        public void Row(string name, string? expected, string? actual)
        {
            bool differs = expected is not null && !string.Equals(expected, actual, StringComparison.Ordinal);
            Differs |= differs;
            _text.Append(CultureInfo.InvariantCulture, $"{(differs ? '*' : ' ')} {name,-15}{expected ?? "any",-24}{actual ?? "none"}").AppendLine();
        }

        public override string ToString() => _text.ToString();
    }
}

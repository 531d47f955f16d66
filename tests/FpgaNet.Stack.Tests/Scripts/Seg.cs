using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Tests.Scripts;

/// <summary>A segment in a script. Sequence numbers count from each side's own SYN, as in a packetdrill script: the SYN is 0, the first byte is 1.</summary>
public sealed record Seg
{
    public TcpFlags Flags { get; init; }

    public int? Sequence { get; init; }

    public int? Acknowledges { get; init; }

    public int Length { get; init; }

    public int? WindowField { get; init; }

    public ushort? MaximumSegment { get; init; }

    public byte? Scale { get; init; }

    public bool Sack { get; init; }

    public uint? Timestamp { get; init; }

    public uint TimestampEcho { get; init; }

    public (int Left, int Right)[]? Blocks { get; init; }

    public ushort? UserTimeout { get; init; }

    public ReadOnlyMemory<byte>? Cookie { get; init; }

    public ushort Urgent { get; init; }

    /// <summary>IP's traffic class with the ECN bits; what is sent has 0 otherwise, what is expected is not compared.</summary>
    public byte? TrafficClass { get; init; }

    /// <summary>These bytes are the options, whatever the other properties say; a multiple of four.</summary>
    public byte[]? RawOptions { get; init; }

    /// <summary>The four bits between header length and flags.</summary>
    public byte Reserved { get; init; }

    /// <summary>The sequence number is absolute: for replies to nothing.</summary>
    public bool IsAbsolute { get; init; }

    public static Seg Syn(int seq = 0) => new() { Flags = TcpFlags.Syn, Sequence = seq, MaximumSegment = 1460 };

    public static Seg SynAck(int seq = 0, int ack = 1) =>
        new() { Flags = TcpFlags.Syn | TcpFlags.Ack, Sequence = seq, Acknowledges = ack, MaximumSegment = 1460 };

    public static Seg Ack(int seq, int ack) => new() { Flags = TcpFlags.Ack, Sequence = seq, Acknowledges = ack };

    /// <summary>Data. PSH is not compared.</summary>
    public static Seg Data(int seq, int length, int ack) => new() { Flags = TcpFlags.Ack | TcpFlags.Psh, Sequence = seq, Length = length, Acknowledges = ack };

    public static Seg Fin(int seq, int ack) => new() { Flags = TcpFlags.Fin | TcpFlags.Ack, Sequence = seq, Acknowledges = ack };

    public static Seg Rst(int seq) => new() { Flags = TcpFlags.Rst, Sequence = seq };

    public static Seg RstAck(int seq, int ack) => new() { Flags = TcpFlags.Rst | TcpFlags.Ack, Sequence = seq, Acknowledges = ack };

    public Seg Window(int field) => this with { WindowField = field };

    /// <summary>With more flags.</summary>
    public Seg With(TcpFlags flags) => this with { Flags = Flags | flags };

    public Seg Classed(byte trafficClass) => this with { TrafficClass = trafficClass };

    public Seg Mss(ushort bytes) => this with { MaximumSegment = bytes };

    public Seg Scaled(byte shift) => this with { Scale = shift };

    public Seg WithSack() => this with { Sack = true };

    public Seg Stamped(uint value, uint echo = 0) => this with { Timestamp = value, TimestampEcho = echo };

    public Seg Reporting(params (int Left, int Right)[] blocks) => this with { Blocks = blocks };
}

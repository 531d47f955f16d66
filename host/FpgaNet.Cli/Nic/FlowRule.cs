using System.Globalization;
using FpgaNet.Driver.Flows;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Cli.Nic;

/// <summary>A rule for the card's flow table, in the words of <c>ethtool -N</c> (ethtool(8), flow-type): an exact flow, and the queue that it goes to or −1 to drop it.</summary>
/// <param name="Key">The flow.</param>
/// <param name="Action">What its frames meet.</param>
internal sealed record FlowRule(FlowKey Key, FlowAction Action)
{
    public const string Syntax = "tcp4|udp4|tcp6|udp6 src-ip A dst-ip A src-port P dst-port P action N|-1";

    private const int Drop = -1;

    // As ethtool's flow-type and its pairs, in any order.
    private const int Pairs = 5;

    /// <summary>Reads a rule.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static FlowRule Parse(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        for (int i = 1; i + 1 < words.Length; i += 2)
        {
            values[words[i]] = words[i + 1];
        }

        if (words.Length != 1 + (2 * Pairs)
            || words[0] is not ("tcp4" or "udp4" or "tcp6" or "udp6")
            || !values.TryGetValue("src-ip", out string? source) || !values.TryGetValue("dst-ip", out string? destination)
            || !TryPort("src-port", out ushort sourcePort) || !TryPort("dst-port", out ushort destinationPort)
            || !int.TryParse(values.GetValueOrDefault("action"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int action) || action < Drop)
        {
            throw new FormatException($"'{text}' is not a flow rule: write it as {Syntax}.");
        }

        FlowKey key = new(
            words[0].StartsWith("tcp", StringComparison.Ordinal) ? TransportProtocol.Tcp : TransportProtocol.Udp,
            IpAddress.Parse(source), IpAddress.Parse(destination), sourcePort, destinationPort);
        bool isIPv4 = words[0].EndsWith('4');
        return key.Source.IsIPv4 == isIPv4 && key.Destination.IsIPv4 == isIPv4
            ? new FlowRule(key, action == Drop ? new FlowAction(0, Drop: true) : new FlowAction(0, Queue: action))
            : throw new FormatException($"'{text}': the addresses are not those of {words[0]}.");

        bool TryPort(string name, out ushort port) => ushort.TryParse(values.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }

    /// <summary>Writes an entry of the table as a rule.</summary>
    public static string Describe(FlowEntry entry)
    {
        FlowKey key = entry.Key;
        string type = $"{(key.Protocol == TransportProtocol.Tcp ? "tcp" : "udp")}{(key.Source.IsIPv4 ? '4' : '6')}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{type} src-ip {key.Source} dst-ip {key.Destination} src-port {key.SourcePort} dst-port {key.DestinationPort} action {(entry.Action.Drop ? Drop : entry.Action.Queue)}");
    }
}

using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Dhcp;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Tests.Dhcp;

/// <summary>A DHCP client's protocol without a network: what it does is written as text, and the test is the server.</summary>
internal sealed class DhcpScript : IDhcpLink
{
    public static readonly MacAddress Hardware = new(0x0200_5E00_0001);
    public static readonly IPv4Address Server = IPv4Address.Parse("192.0.2.1");
    public static readonly IPv4Address Address = IPv4Address.Parse("192.0.2.100");

    private readonly List<string> _log = [];
    private byte[] _last = [];

    public DhcpScript(int seed, DhcpSettings? settings = null) =>
        Protocol = new DhcpProtocol(this, Hardware, settings ?? new DhcpSettings { DetectConflicts = false }, new Random(seed));

    public DhcpProtocol Protocol { get; }

    public Instant Now { get; private set; } = new(TimeSpan.TicksPerHour);

    /// <summary>The last message that the client sent.</summary>
    public byte[] LastMessage => _last;

    /// <summary>What happened since the last time.</summary>
    public void Expect(params string[] events)
    {
        Assert.AreEqual(string.Join(" | ", events), string.Join(" | ", _log));
        _log.Clear();
    }

    /// <summary>Waits for the client to do something by itself, and for how long that took.</summary>
    public TimeSpan Wait()
    {
        Instant before = Now;
        Assert.AreNotEqual(Instant.Never, Protocol.Next, "the client waits for ever");
        Now = Protocol.Next > Now ? Protocol.Next : Now;
        Protocol.Run(Now);
        return Now - before;
    }

    /// <summary>Time passes in which the client does nothing.</summary>
    public void Pass(TimeSpan time)
    {
        Now += time;
        Assert.IsLessThan(Protocol.Next, Now);
    }

    /// <summary>The server answers the last message.</summary>
    public bool Answer(DhcpMessageType type, OptionSetter? options = null, IPv4Address? address = null, IPv4Address? server = null, uint? transactionId = null, MacAddress? hardware = null, uint lease = 3600)
    {
        Assert.IsTrue(DhcpMessage.TryParse(_last, out DhcpMessage asked));
        byte[] bytes = new byte[1472];
        DhcpWriter writer = new(bytes, DhcpMessage.BootReply, type, transactionId ?? asked.TransactionId, hardware ?? Hardware)
        {
            YourAddress = type == DhcpMessageType.Nak ? default : address ?? Address,
        };
        writer.Add(DhcpOption.ServerIdentifier, server ?? Server);
        if (type != DhcpMessageType.Nak)
        {
            writer.Add(DhcpOption.LeaseTime, lease);
            writer.Add(DhcpOption.SubnetMask, 0xFFFF_FF00);
            options?.Invoke(ref writer);
        }

        return Protocol.Receive(writer.Finish(), Now);
    }

    /// <summary>Adds options to an answer.</summary>
    public delegate void OptionSetter(ref DhcpWriter writer);

    /// <summary>A client that has its address.</summary>
    public static DhcpScript Bound(int seed, OptionSetter? options = null, uint lease = 3600, DhcpSettings? settings = null)
    {
        DhcpScript script = new(seed, settings);
        script.Protocol.Start(script.Now);
        Assert.IsTrue(script.Answer(DhcpMessageType.Offer, options, lease: lease));
        Assert.IsTrue(script.Answer(DhcpMessageType.Ack, options, lease: lease));
        script._log.Clear();
        return script;
    }

    void IDhcpLink.Send(ReadOnlySpan<byte> message, IPv4Address source, IPv4Address destination)
    {
        _last = message.ToArray();
        Assert.IsTrue(DhcpMessage.TryParse(message, out DhcpMessage parsed));
        Assert.IsFalse(parsed.IsReply);
        Assert.AreEqual(Hardware, parsed.Hardware);
        string text = parsed.Type.ToString();
        text += parsed.TryGetUInt32(DhcpOption.RequestedAddress, out uint requested) ? $" for {new IPv4Address(requested)}" : "";
        text += parsed.TryGetUInt32(DhcpOption.ServerIdentifier, out uint server) ? $" server {new IPv4Address(server)}" : "";
        text += parsed.ClientAddress == IPv4Address.Any ? "" : $" client {parsed.ClientAddress}";
        _log.Add($"{text}: {source} to {destination}");
    }

    void IDhcpLink.Probe(IPv4Address address) => _log.Add($"probe {address}");

    void IDhcpLink.Bound(DhcpLease lease) => _log.Add($"bound {lease.Address}");

    void IDhcpLink.Lost() => _log.Add("lost");
}

using System.CommandLine;
using System.CommandLine.Parsing;
using FpgaNet.Driver;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim.Cable;
using FpgaNet.Stack.Network;

namespace FpgaNet.Cli.Nic;

/// <summary>The options with which every command that needs a network names its NIC.</summary>
internal sealed class NicSymbols
{
    private readonly Option<string> _nic = new("--nic")
    {
        Description = "sim-pcie, sim-usb, sim-usb3: the Verilated card behind PCI Express or a FIFO chip on USB 2.0 (FT232H) or USB 3 (FT601), with the TAP as its cable. tap: the TAP itself, with Linux as the offloading NIC",
        HelpName = "sim-pcie|sim-usb|sim-usb3|tap",
        DefaultValueFactory = _ => "sim-pcie",
    };

    private readonly Option<string> _tap = new("--tap")
    {
        Description = "TAP interface whose other end is Linux; made when it does not exist",
        HelpName = "NAME",
        DefaultValueFactory = _ => "fpga0",
    };

    private readonly Option<AddressPrefix[]> _addresses = new("--address")
    {
        Description = "our own address and net, such as 192.0.2.2/24 or 2001:db8::2/64; may be given several times. Linux takes another one of the same net",
        HelpName = "CIDR",
        CustomParser = result => ParseAll(result, AddressOption.ParsePrefix),
    };

    private readonly Option<bool> _dhcp = new("--dhcp") { Description = "take an IPv4 address, routes and name servers from a DHCP server" };

    private readonly Option<bool> _slaac = new("--slaac") { Description = "make IPv6 addresses from what routers announce" };

    private readonly Option<IpAddress[]> _nameServers = new("--dns")
    {
        Description = "name server; may be given several times [default: those that DHCP or routers tell]",
        HelpName = "ADDRESS",
        CustomParser = result => ParseAll(result, IpAddress.Parse),
    };

    private readonly Option<IpAddress[]> _gateways = new("--gateway")
    {
        Description = "router for what is not on the link, one for each family [default: none]",
        HelpName = "ADDRESS",
        CustomParser = result => ParseAll(result, IpAddress.Parse),
    };

    private readonly Option<string> _offload = new("--offload")
    {
        Description = $"what the NIC does for the host: all, none, or a list of {OffloadNames.All}. The CPU does the rest",
        HelpName = "all|none|LIST",
        DefaultValueFactory = _ => "all",
    };

    private readonly Option<FlowControl> _flowControl = new("--flow-control")
    {
        Description = "802.3x: whether the card obeys PAUSE frames (rx), sends them (tx), or both; simulated cards only",
        HelpName = "none|rx|tx|both",
        CustomParser = ParseFlowControl,
    };

    private readonly Option<FileInfo?> _capture = new("--capture")
    {
        Description = "write every frame, as it is on the cable, to a pcapng file (Wireshark)",
        HelpName = "F.pcapng",
    };

    private readonly Option<FileInfo?> _trace = new("--trace")
    {
        Description = "write the card's signals to a waveform file (GTKWave); simulated cards only, and large: build the card for it with 'make trace', or as the refusal says",
        HelpName = "F.fst",
    };

    private readonly Option<double> _loss = Percentage("--loss", "frames that the simulated cable loses; simulated cards only");

    private readonly Option<double> _reorder = Percentage("--reorder", "frames that later ones overtake on the simulated cable; simulated cards only");

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "seed of the cable's faults: the same one, the same faults",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly bool _needsAddress;

    /// <param name="needsAddress">The command speaks with the Linux end, and does not only look at the NIC.</param>
    public NicSymbols(bool needsAddress = true)
    {
        _needsAddress = needsAddress;
        _offload.Validators.Add(result =>
        {
            try
            {
                OffloadNames.Parse(result.Tokens is [var token] ? token.Value : "all");
            }
            catch (FormatException e)
            {
                result.AddError(e.Message);
            }
        });
        _nic.AcceptOnlyFromAmong(NicOptions.SimPcie, NicOptions.SimUsb, NicOptions.SimUsb3, NicOptions.Tap);
    }

    public void AddTo(Command command)
    {
        foreach (Option option in _needsAddress
            ? (ReadOnlySpan<Option>)[_nic, _tap, _addresses, _dhcp, _slaac, _gateways, _nameServers, _offload, _flowControl, _capture, _trace, _loss, _reorder, _seed]
            : [_nic, _tap, _offload, _flowControl])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (_needsAddress && result.GetResult(_addresses) is null && !result.GetValue(_dhcp) && !result.GetValue(_slaac))
            {
                result.AddError("Say which address is ours: --address CIDR, --dhcp or --slaac.");
            }

            foreach (Option option in (ReadOnlySpan<Option>)[_flowControl, _trace, _loss, _reorder])
            {
                if (result.GetResult(option) is { Implicit: false } && IsTap(result))
                {
                    result.AddError($"{option.Name} needs --nic sim-pcie, sim-usb or sim-usb3: a TAP has neither signals nor a cable of its own.");
                }
            }
        });
    }

    /// <summary>The user wants the TAP itself.</summary>
    public bool IsTap(SymbolResult result) => result.GetResult(_nic) is { Tokens: [{ Value: NicOptions.Tap }] };

    public NicOptions Read(ParseResult result) => new()
    {
        Kind = result.GetRequiredValue(_nic),
        TapName = result.GetRequiredValue(_tap),
        Addresses = result.GetValue(_addresses) ?? [],
        Dhcp = result.GetValue(_dhcp),
        Slaac = result.GetValue(_slaac),
        Gateways = result.GetValue(_gateways) ?? [],
        NameServers = result.GetValue(_nameServers) ?? [],
        Offload = OffloadNames.Parse(result.GetRequiredValue(_offload)),
        FlowControl = result.GetValue(_flowControl),
        Capture = result.GetValue(_capture),
        Trace = result.GetValue(_trace),
        Wire = new WireOptions { Loss = result.GetValue(_loss) / 100, Reordering = result.GetValue(_reorder) / 100, Seed = result.GetValue(_seed) },
    };

    private static FlowControl ParseFlowControl(ArgumentResult result)
    {
        FlowControl? parsed = result.Tokens[0].Value switch
        {
            "none" => FlowControl.None,
            "rx" => FlowControl.Receive,
            "tx" => FlowControl.Transmit,
            "both" => FlowControl.Both,
            _ => null,
        };
        if (parsed is null)
        {
            result.AddError($"--flow-control is none, rx, tx or both, not '{result.Tokens[0].Value}'.");
        }

        return parsed ?? FlowControl.None;
    }

    private static Option<double> Percentage(string name, string description)
    {
        Option<double> option = new(name) { Description = description, HelpName = "PERCENT" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 100))
            {
                result.AddError($"{name} is a percentage, 0 to 100.");
            }
        });
        return option;
    }

    internal static T[]? ParseAll<T>(ArgumentResult result, Func<string, T> parse)
    {
        try
        {
            return [.. result.Tokens.Select(token => parse(token.Value))];
        }
        catch (FormatException e)
        {
            result.AddError(e.Message);
            return null;
        }
    }
}

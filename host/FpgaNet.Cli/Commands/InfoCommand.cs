using System.CommandLine;
using FpgaNet.Cli.Nic;
using FpgaNet.Cli.Terminal;

namespace FpgaNet.Cli.Commands;

/// <summary><c>fpganet info</c>: what a NIC is and can do.</summary>
internal static class InfoCommand
{
    public static Command Make()
    {
        NicSymbols nic = new(needsAddress: false);
        Command command = new(
            "info",
            "Show a NIC's identity, capabilities and counters. The simulated card needs no TAP and no privileges for it.");
        nic.AddTo(command);
        command.SetAction(result => Run(nic.Read(result)));
        return command;
    }

    private static int Run(NicOptions options)
    {
        using OpenNic nic = options.OpenWithoutCable();
        Report.Nic(nic);
        Report.Capabilities(nic);
        Report.Counters(nic.Device);
        return 0;
    }
}

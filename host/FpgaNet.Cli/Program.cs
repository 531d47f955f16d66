using System.CommandLine;
using FpgaNet.Cli.Commands;
using FpgaNet.Cli.Terminal;

RootCommand root = new(
    """
    FpgaNet: a network card in Verilog, the driver that reaches it, and the TCP/IP stack that lives with it.

    Start with 'fpganet demo': it needs no privileges. To let Linux be the peer (as root, or with a TAP that root made for you):

      ip tuntap add dev fpga0 mode tap && ip addr add 192.0.2.1/24 dev fpga0 && ip link set fpga0 up
      fpganet serve . --nic sim-pcie --tap fpga0 --address 192.0.2.2/24
      curl http://192.0.2.2/
    """)
{
    DemoCommand.Make(),
    ServeCommand.Make(),
    FetchCommand.Make(),
    PingCommand.Make(),
    InfoCommand.Make(),
    FlashCommand.Make(),
};

// Ctrl-C cancels the command, which then stops in order: 15 seconds are ample for that.
InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(15) };
try
{
    return await root.Parse(args).InvokeAsync(configuration);
}
catch (OperationCanceledException)
{
    return Failure.Interrupted;
}
catch (Exception e) when (Failure.IsExpected(e))
{
    return Failure.Report(e);
}

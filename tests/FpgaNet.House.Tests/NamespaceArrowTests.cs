using FpgaNet.Driver.Pci;
using FpgaNet.House.Tests.MadeUp.Attic;
using FpgaNet.House.Tests.MadeUp.Cellar;
using FpgaNet.Packets.Buffers;

namespace FpgaNet.House.Tests;

[TestClass]
public sealed class NamespaceArrowTests
{
    private const string MadeUpRoot = "FpgaNet.House.Tests.MadeUp";

    private static readonly Dictionary<string, string[]> s_madeUp = new(StringComparer.Ordinal) { ["Cellar"] = [], ["Attic"] = ["Cellar"] };

    [TestMethod]
    public void Inside_Packets_devices_know_offload_and_offload_knows_buffers_and_wire() => Check(typeof(BufferPool).Assembly.GetTypes(), "FpgaNet.Packets", new(StringComparer.Ordinal)
    {
        ["Buffers"] = [],
        ["Wire"] = [],
        ["Offload"] = ["Buffers", "Wire"],
        ["Devices"] = ["Offload", "Buffers", "Wire"],
    });

    [TestMethod]
    public void Inside_Stack_services_know_sockets_sockets_know_transport_and_transport_knows_network() => Check(System.Reflection.Assembly.Load("FpgaNet.Stack").GetTypes(), "FpgaNet.Stack", new(StringComparer.Ordinal)
    {
        ["Time"] = [],
        ["Network"] = ["Time"],
        ["Transport"] = ["Network", "Time"],
        ["Sockets"] = ["Transport", "Network", "Time"],
        ["Dns"] = ["Sockets", "Transport", "Network", "Time"],
        ["Dhcp"] = ["Dns", "Sockets", "Transport", "Network", "Time"],
        [""] = ["Dhcp", "Dns", "Sockets", "Transport", "Network", "Time"], // the roof: puts the rooms together, and none of them knows it
    });

    [TestMethod]
    public void Inside_Sockets_the_kernel_knows_nobody_who_makes_sockets() => Check(System.Reflection.Assembly.Load("FpgaNet.Stack").GetTypes(), "FpgaNet.Stack.Sockets", new(StringComparer.Ordinal)
    {
        ["Abi"] = [],
        ["Kernel"] = ["Abi"],
        ["Names"] = ["Abi"],
        ["Inet"] = ["Kernel", "Abi"],
        ["Local"] = ["Kernel", "Abi"],
        ["Offload"] = ["Kernel", "Abi"],
        ["Proxy"] = ["Kernel", "Abi"],
        ["Secure"] = ["Proxy", "Kernel", "Abi"], // the proxy is told in clear whom to connect to, so it stands below
        [""] = ["Secure", "Proxy", "Offload", "Local", "Inet", "Names", "Kernel", "Abi"], // SocketSystem puts them together
        ["Descriptors"] = ["", "Names", "Kernel", "Abi"],
    });

    [TestMethod]
    public void Inside_Driver_the_ways_in_know_nobody() => Check(typeof(IPciFunction).Assembly.GetTypes(), "FpgaNet.Driver", new(StringComparer.Ordinal)
    {
        [""] = ["Flows", "Phy", "Rings", "Pipe", "Pci", "Usb"],
        ["Flows"] = [""],
        ["Phy"] = [""],
        ["Rings"] = ["", "Pci"],
        ["Pipe"] = ["", "Usb"],
        ["Pci"] = [],
        ["Usb"] = [],
    });

    [TestMethod]
    public void An_arrow_that_is_allowed_is_no_violation() => Check([typeof(Window), typeof(Boiler)], MadeUpRoot, s_madeUp);

    [TestMethod]
    [DataRow(typeof(LooksUpInItsField))]
    [DataRow(typeof(LooksUpInAMethodBody))]
    [DataRow(typeof(LooksUpInALambda))]
    [DataRow(typeof(LooksUpInAGenericArgument))]
    public void A_new_arrow_is_found(Type offender)
    {
        IEnumerable<Type> types = typeof(Window).Assembly.GetTypes().Where(t => t == offender || t.DeclaringType == offender);
        Assert.Contains($"{offender.FullName} must not use {typeof(Window).FullName}.", NamespaceArrows.Violations(types, MadeUpRoot, s_madeUp));
    }

    [TestMethod]
    public void A_room_that_nobody_placed_is_found()
    {
        IReadOnlyList<string> violations = NamespaceArrows.Violations([typeof(Boiler)], MadeUpRoot, new Dictionary<string, string[]>(StringComparer.Ordinal));
        Assert.Contains($"{MadeUpRoot}.Cellar is not in the list of rooms: say what it may use.", violations);
    }

    private static void Check(IEnumerable<Type> types, string root, Dictionary<string, string[]> allowed)
    {
        IReadOnlyList<string> violations = NamespaceArrows.Violations(types, root, allowed);
        Assert.IsEmpty(violations, string.Join(Environment.NewLine, violations));
    }
}

using System.Reflection;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Rtl.Tests.Nic;
using FpgaNet.Rtl.Tests.Pcie;
using FpgaNet.Rtl.Tests.Rx;
using FpgaNet.Rtl.Tests.Tx;
using FpgaNet.Rtl.Tests.Usb;

namespace FpgaNet.Rtl.Tests.Coverage;

/// <summary>
/// Functional coverage: what tests must have seen of a module, written down in <c>hdl/sim/cover</c>, they have seen. The tests are other classes' own, run
/// once more with one seed, so that the answer is the same every time. A point that none of them reaches asks for a test.
/// </summary>
[TestClass]
public sealed class FunctionalCoverageTests
{
    private const int Seed = 20261121;

    // These do their work by byte lane: each point must be reached at each width in which the module is tested. The others' points, anywhere.
    private static readonly string[] s_byWidth = ["fn_tx_segment", "fn_tx_judge", "fn_tx_sum", "fn_tx_vlan", "fn_rx_parse", "fn_rx_inspect"];

    private static readonly Dictionary<string, (string[] Modules, Type[] Tests)> s_subjects = new()
    {
        ["transmit"] = (
            ["fn_tx_segment", "fn_tx_judge", "fn_tx_sum", "fn_tx_vlan"],
            [typeof(TxSegmentTests), typeof(TxChecksumTests), typeof(TxVlanTests), typeof(TxTests)]),
        ["receive"] = (
            ["fn_rx_parse", "fn_rx_inspect", "fn_rx_filter", "fn_rx_flow_table", "fn_rx_classify"],
            [typeof(RxTests), typeof(RxFilterTests), typeof(RxFlowTableTests), typeof(RxPathTests)]),
        ["coalescing"] = (["fn_rx_coalesce_contexts"], [typeof(RxCoalesceTests)]),
        ["line and time"] = (
            ["fn_mac_gmii", "fn_mac_pause_tx", "fn_tx_hold", "fn_tx_launch"],
            [typeof(NicTests), typeof(NicPauseTests), typeof(NicTimeTests)]),
        ["link"] = (["fn_nic_link"], [typeof(NicLinkTests)]),
        ["PCI Express"] = (
            [
                "fn_dma_read", "fn_dma_write", "fn_interrupt_moderation", "fn_pcie_bar", "fn_rx_buffer", "fn_rx_engine", "fn_tx_parse", "fn_tx_payload",
                "fn_tx_scheduler",
            ],
            [
                typeof(TxQueueTests), typeof(RxQueueTests), typeof(RxQueuesTests), typeof(InterruptTests), typeof(BarTests), typeof(TxScheduleTests),
                typeof(TxSchedulerTests), typeof(ResetTests),
            ]),
        ["USB"] = (["fn_usb_deframe", "fn_usb_ft245_bus", "fn_usb_requests", "fn_usb_tx"], [typeof(UsbHostTests), typeof(UsbPinsTests)]),
    };

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("transmit")]
    [DataRow("receive")]
    [DataRow("coalescing")]
    [DataRow("line and time")]
    [DataRow("link")]
    [DataRow("PCI Express")]
    [DataRow("USB")]
    public void Everything_that_must_be_seen_is_seen(string subject)
    {
        (string[] modules, Type[] tests) = s_subjects[subject];
        SortedDictionary<string, long> points = new(StringComparer.Ordinal);
        using (CoverageRun run = new(Seed))
        {
            foreach (Type type in tests)
            {
                RunAll(type);
            }

            foreach (((string model, string module, string point), long hits) in run.Hits)
            {
                string name = $"{module}{(s_byWidth.Contains(module) ? model[model.LastIndexOf('_')..] : "")}.{point}";
                points[name] = points.GetValueOrDefault(name) + hits;
            }

            CollectionAssert.AreEquivalent(modules, run.Hits.Keys.Select(static k => k.Module).Distinct().ToArray(), "modules whose points were counted");
        }

        foreach ((string point, long hits) in points)
        {
            TestContext.WriteLine($"{hits,10} {point}");
        }

        string[] missed = [.. points.Where(static p => p.Value == 0).Select(static p => p.Key)];
        Assert.IsEmpty(missed, $"{missed.Length} of {points.Count} points were never reached: {string.Join(", ", missed)}");
    }

    [TestMethod]
    public void Every_module_that_has_points_is_looked_at()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FpgaNet.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        string[] files = [.. Directory.GetFiles(Path.Combine(folder, "hdl", "sim", "cover"), "*_cover.sv").Select(static f => Path.GetFileName(f)[..^"_cover.sv".Length])];
        CollectionAssert.AreEquivalent(files, s_subjects.Values.SelectMany(static s => s.Modules).ToArray());
    }

    private static void RunAll(Type type)
    {
        object tests = Activator.CreateInstance(type)!;
        foreach (MethodInfo test in type.GetMethods().Where(static m => m.IsDefined(typeof(TestMethodAttribute))))
        {
            foreach (object?[]? row in test.GetCustomAttributes<DataRowAttribute>().Select(static r => (object?[]?)r.Data).DefaultIfEmpty())
            {
                test.Invoke(tests, BindingFlags.DoNotWrapExceptions, null, row, null);
            }
        }
    }
}

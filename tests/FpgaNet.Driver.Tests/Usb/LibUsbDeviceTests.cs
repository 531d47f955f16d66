using FpgaNet.Driver.Usb;
using FpgaNet.Testing;

namespace FpgaNet.Driver.Tests.Usb;

/// <summary>
/// The real libusb-1.0. No USB is needed: where there is no chip that must be said, and umockdev puts one into a test bed of its own. Transfers are not tested here but on
/// the simulated chip: umockdev's usbfs answers no event loop that runs on a thread of its own.
/// </summary>
[TestClass]
public sealed class LibUsbDeviceTests
{
    private const string InTestBed = "FPGANET_USB_TEST_BED";

    // An FT232H as its descriptors say it (DS_FT232H §8), on bus 1 at address 5.
    private const string Descriptors =
        "120100020000004003041460000901020301" + "09022000010100802D" + "0904000002FFFFFF00" + "07058102000200" + "07050202000200";

    private const string Device = $"""
        P: /devices/pci0000:00/0000:00:14.0/usb1/1-1
        N: bus/usb/001/005={Descriptors}
        E: BUSNUM=001
        E: DEVNAME=/dev/bus/usb/001/005
        E: DEVNUM=005
        E: DEVTYPE=usb_device
        E: MAJOR=189
        E: MINOR=4
        E: PRODUCT=403/6014/900
        E: SUBSYSTEM=usb
        A: bConfigurationValue=1\n
        A: busnum=1\n
        A: devnum=5\n
        A: speed=480\n
        A: idVendor=0403\n
        A: idProduct=6014\n
        A: bNumInterfaces= 1\n
        H: descriptors={Descriptors}


        """;

    // A request that nobody makes: without any, umockdev refuses to open the device.
    private const string Requests = """
        @DEV /dev/bus/usb/001/005
        USBDEVFS_REAPURB 0 2 0 0 0 8 0 0 4000000001000000

        """;

    [TestMethod]
    public void A_chip_that_is_not_there_is_refused_in_words()
    {
        UnlessInstalled();
        Assert.IsNotNull(LibUsbDevice.Find());
        Assert.AreEqual("There is no FT232H, FT2232H, FT600 or FT601 at usb-99-99.", Assert.ThrowsExactly<IOException>(() => LibUsbDevice.Open("usb-99-99")).Message);
    }

    [TestMethod]
    public void A_chip_is_found_and_claimed()
    {
        if (Environment.GetEnvironmentVariable(InTestBed) is not null)
        {
            CollectionAssert.AreEqual(new[] { "usb-1-5" }, LibUsbDevice.Find().ToArray());
            using LibUsbDevice device = LibUsbDevice.Open();
            Assert.AreEqual("usb-1-5", device.Location);
            Assert.AreEqual(0x0403, device.VendorId);
            Assert.AreEqual(0x6014, device.ProductId);
            return;
        }

        UnlessInstalled();
        Skip.UnlessInstalled("umockdev-run");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fpganet-");
        try
        {
            string device = Path.Combine(folder.FullName, "chip.umockdev");
            string requests = Path.Combine(folder.FullName, "chip.ioctl");
            File.WriteAllText(device, Device);
            File.WriteAllText(requests, Requests);

            // The runtime's diagnostics server and umockdev's wrappers do not get along.
            ProgramResult result = TestProgram.Run(
                "env", "DOTNET_EnableDiagnostics=0", $"{InTestBed}=1", "umockdev-run", "-d", device, "-i", $"/dev/bus/usb/001/005={requests}", "--",
                Environment.ProcessPath!, "--filter", $"FullyQualifiedName~{nameof(A_chip_is_found_and_claimed)}");
            Assert.AreEqual(0, result.ExitCode, result.Output + result.Error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void UnlessInstalled()
    {
        try
        {
            LibUsbDevice.Find();
        }
        catch (IOException e)
        {
            Skip.Because(e.Message);
        }
    }
}

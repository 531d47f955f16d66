using System.Collections.Concurrent;
using FpgaNet.Driver.Usb;
using FpgaNet.Testing;

namespace FpgaNet.Driver.Tests.Usb;

/// <summary>
/// The real libusb-1.0. No USB is needed: where there is no chip that must be said, and umockdev puts one into a test bed of its own, where the test answers for usbfs
/// (<see cref="UsbfsTestBed"/>).
/// </summary>
[TestClass]
public sealed class LibUsbDeviceTests
{
    private const ushort Ft232H = 0x6014;

    [TestMethod]
    public void A_chip_that_is_not_there_is_refused_in_words()
    {
        UnlessInstalled();
        Assert.IsNotNull(LibUsbDevice.Find());
        Assert.AreEqual("There is no FT232H, FT2232H, FT600 or FT601 at usb-99-99.", Assert.ThrowsExactly<IOException>(() => LibUsbDevice.Open("usb-99-99")).Message);
    }

    [TestMethod]
    public void A_chip_is_found_and_claimed() => UsbfsTestBed.Run(nameof(A_chip_is_found_and_claimed), static () =>
    {
        using UsbfsTestBed bed = new(Ft232H) { Submitted = static _ => { } };
        CollectionAssert.AreEqual(new[] { "usb-1-5" }, LibUsbDevice.Find().ToArray());
        using (LibUsbDevice device = LibUsbDevice.Open())
        {
            Assert.AreEqual("usb-1-5", device.Location);
            Assert.AreEqual(0x0403, device.VendorId);
            Assert.AreEqual(0x6014, device.ProductId);
            Assert.AreEqual(1, bed.Claimed);
        }

        Assert.AreEqual(0, bed.Claimed);
    });

    [TestMethod]
    public void Control_requests_and_bulk_transfers_pass() => UsbfsTestBed.Run(nameof(Control_requests_and_bulk_transfers_pass), static () =>
    {
        const int Rounds = 50, Capacity = 4096;
        Random random = TestSeed.Random();
        using LoopingChip chip = new();
        using LibUsbDevice device = LibUsbDevice.Open();
        using BlockingCollection<UsbTransfer> ended = [];
        device.Completed = ended.Add;

        Assert.IsFalse(device.Control(0x40, 11, 0x40FF, 1).IsError);
        CollectionAssert.AreEqual(new byte[] { 0x40, 11, 0xFF, 0x40, 1, 0, 0, 0 }, chip.LastSetup);

        // Every byte that goes out comes back, behind the chip's two bytes of status.
        using UsbTransfer input = new(0x81, Capacity), output = new(0x02, Capacity);
        for (int i = 0; i < Rounds; i++)
        {
            Assert.AreEqual(default, device.Begin(input));
            output.Length = random.Next(1, 510);
            random.NextBytes(output.Memory[..output.Length]);
            Assert.AreEqual(default, device.Begin(output));
            Assert.AreSame(output, Next(ended));
            Assert.AreEqual(output.Length, output.Result.Value);
            Assert.AreSame(input, Next(ended));
            Assert.AreEqual(output.Length + 2, input.Result.Value);
            Assert.IsTrue(input.Memory[2..input.Result.Value].SequenceEqual(output.Memory[..output.Length]));
        }
    });

    [TestMethod]
    public void Transfers_that_wait_are_cancelled_and_an_error_is_told() => UsbfsTestBed.Run(nameof(Transfers_that_wait_are_cancelled_and_an_error_is_told), static () =>
    {
        const int Waiting = 8;
        using LoopingChip chip = new();
        using LibUsbDevice device = LibUsbDevice.Open();
        using BlockingCollection<UsbTransfer> ended = [];
        device.Completed = ended.Add;
        UsbTransfer[] transfers = [.. Enumerable.Range(0, Waiting).Select(static _ => new UsbTransfer(0x81, 512))];
        foreach (UsbTransfer transfer in transfers)
        {
            Assert.AreEqual(default, device.Begin(transfer));
        }

        device.Cancel();
        for (int i = 0; i < Waiting; i++)
        {
            Assert.AreEqual(UsbResult.Cancelled, Next(ended).Result);
        }

        chip.IsGone = true;
        using UsbTransfer output = new(0x02, 64);
        Assert.AreEqual(default, device.Begin(output));
        Assert.AreEqual(UsbResult.NoDevice, Next(ended).Result);
        Array.ForEach(transfers, static t => t.Dispose());
    });

    private static UsbTransfer Next(BlockingCollection<UsbTransfer> ended)
    {
        Assert.IsTrue(ended.TryTake(out UsbTransfer? transfer, TimeSpan.FromSeconds(30)), "a transfer did not end");
        return transfer;
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

    /// <summary>A chip that gives back what it gets, with two bytes of status in front, to whoever waits for it.</summary>
    private sealed class LoopingChip : IDisposable
    {
        private readonly UsbfsTestBed _bed;
        private readonly Lock _lock = new();
        private readonly Queue<UsbRequestBlock> _waiting = new();

        public LoopingChip() => _bed = new UsbfsTestBed(Ft232H) { Submitted = OnSubmitted };

        public byte[] LastSetup { get; private set; } = [];

        public bool IsGone { get; set; }

        public void Dispose() => _bed.Dispose();

        private void OnSubmitted(UsbRequestBlock block)
        {
            const int Enodev = 19;
            lock (_lock)
            {
                if (IsGone)
                {
                    _bed.Complete(block, 0, -Enodev);
                }
                else if (block.IsControl)
                {
                    LastSetup = block.Buffer[..8].ToArray();
                    _bed.Complete(block, 0);
                }
                else if ((block.Endpoint & 0x80) != 0)
                {
                    _waiting.Enqueue(block);
                }
                else
                {
                    _bed.Complete(block, block.Buffer.Length);
                    if (_waiting.TryDequeue(out UsbRequestBlock? reader))
                    {
                        ((ReadOnlySpan<byte>)[0x32, 0x60]).CopyTo(reader.Buffer);
                        block.Buffer.CopyTo(reader.Buffer[2..]);
                        _bed.Complete(reader, block.Buffer.Length + 2);
                    }
                }
            }
        }
    }
}

using System.Collections.Concurrent;
using FpgaNet.Driver;
using FpgaNet.Driver.Usb;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Sim.Cable;
using FpgaNet.Sim.Usb;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Usb;

/// <summary>The driver on the real libusb, whose usbfs is the simulated chip with the Verilated card behind it.</summary>
[TestClass]
public sealed class DriverOnLibUsbTests
{
    [TestMethod]
    public void Frames_go_both_ways_through_libusb_and_an_FT232H() => UsbfsTestBed.Run(nameof(Frames_go_both_ways_through_libusb_and_an_FT232H), static () => SendAndReceive(0x6014));

    [TestMethod]
    public void Frames_go_both_ways_through_libusb_and_an_FT601() => UsbfsTestBed.Run(nameof(Frames_go_both_ways_through_libusb_and_an_FT601), static () => SendAndReceive(0x601F));

    private static void SendAndReceive(ushort product)
    {
        const int Frames = 40;
        TimeSpan limit = TimeSpan.FromSeconds(30);
        Random random = TestSeed.Random();
        using Wire wire = new();
        using SimulatedUsbfs chip = new(product, wire);
        using BufferPool txPool = new(Frames, 2048), rxPool = new(128, 2048);
        using LibUsbDevice device = LibUsbDevice.Open();
        using FpgaNic nic = FpgaNic.Open(device, new FpgaNicOptions { ReceivePool = rxPool, RxRingLog2 = 5, StuckTimeout = limit });
        Assert.IsTrue(SpinWait.SpinUntil(() => nic.State == DeviceState.Up, limit), "the device does not come up");

        var sent = new List<byte[]>();
        var received = new List<byte[]>();
        var onWire = new List<byte[]>();
        var batch = new RxFrame[16];
        for (int i = 0; i < Frames; i++)
        {
            byte[] bytes = CardFrames.Raw(random, random.Next(60, 1515));
            sent.Add(bytes);
            Assert.IsTrue(SpinWait.SpinUntil(() => TrySend(nic, txPool, bytes), limit), "no room for a frame");
            Assert.IsTrue(SpinWait.SpinUntil(() => wire.Second.TrySend(bytes), limit), "no room on the wire");
            Take();
        }

        Assert.IsTrue(SpinWait.SpinUntil(() => Take() && onWire.Count == Frames && received.Count == Frames, limit), $"{onWire.Count} on the wire, {received.Count} received");
        for (int i = 0; i < Frames; i++)
        {
            CollectionAssert.AreEqual(sent[i], onWire[i]);
            CollectionAssert.AreEqual(sent[i], received[i]);
        }

        bool Take()
        {
            while (wire.Second.TryTake() is { } frame)
            {
                onWire.Add(frame.Bytes.ToArray());
                wire.Second.Return(frame);
            }

            int count = nic.Receive(batch);
            foreach (ref RxFrame frame in batch.AsSpan(0, count))
            {
                received.Add(frame.Frame.Header.Span.ToArray());
                frame.Frame.Release();
            }

            return true;
        }
    }

    private static bool TrySend(FpgaNic nic, BufferPool pool, byte[] bytes)
    {
        if (pool.TryRent() is not { } buffer)
        {
            return false;
        }

        var slice = new BufferSlice(buffer, 0, bytes.Length);
        bytes.CopyTo(slice.Span);
        var frame = new TxFrame();
        frame.Frame.Add(slice);
        if (nic.Transmit([frame]) == 1)
        {
            return true;
        }

        frame.Frame.Release();
        return false;
    }

    /// <summary>What libusb submits goes to the simulated chip, and comes back when that has done it.</summary>
    private sealed class SimulatedUsbfs : IDisposable
    {
        private readonly SimulatedUsbDevice _device;
        private readonly UsbfsTestBed _bed;
        private readonly ConcurrentDictionary<UsbTransfer, UsbRequestBlock> _blocks = new();

        public SimulatedUsbfs(ushort product, Wire wire)
        {
            bool wide = product == Ft245ChipOptions.Ft601.ProductId;
            SimulatedUsbCardOptions options = wide
                ? new SimulatedUsbCardOptions { Model = "fn_nic_usb_ft601", Chip = Ft245ChipOptions.Ft601 }
                : new SimulatedUsbCardOptions { Chip = Ft245ChipOptions.Fast };
            _device = SimulatedUsbDevice.FreeRunning(new SimulatedUsbCard(options, wire.First));
            _device.Completed = OnCompleted;
            _bed = new UsbfsTestBed(product) { Submitted = OnSubmitted, PortReset = () => _device.Reset() };
        }

        public void Dispose()
        {
            _bed.Dispose();
            _device.Dispose();
            foreach (UsbTransfer transfer in _blocks.Keys)
            {
                transfer.Dispose();
            }
        }

        private void OnSubmitted(UsbRequestBlock block)
        {
            Span<byte> bytes = block.Buffer;
            if (block.IsControl)
            {
                UsbResult result = _device.Control(bytes[0], bytes[1], BitConverter.ToUInt16(bytes[2..]), BitConverter.ToUInt16(bytes[4..]));
                _bed.Complete(block, 0, Math.Min(0, result.Value));
                return;
            }

            UsbTransfer transfer = new(block.Endpoint, bytes.Length);
            if (!transfer.IsIn)
            {
                bytes.CopyTo(transfer.Memory);
            }

            _blocks[transfer] = block;
            UsbResult begun = _device.Begin(transfer);
            if (begun.IsError)
            {
                _blocks.Remove(transfer, out _);
                transfer.Dispose();
                _bed.Complete(block, 0, begun.Value);
            }
        }

        private void OnCompleted(UsbTransfer transfer)
        {
            if (_blocks.Remove(transfer, out UsbRequestBlock? block))
            {
                UsbResult result = transfer.Result;
                if (transfer.IsIn && !result.IsError)
                {
                    transfer.Memory[..result.Value].CopyTo(block.Buffer);
                }

                _bed.Complete(block, Math.Max(0, result.Value), Math.Min(0, result.Value));
                transfer.Dispose();
            }
        }
    }
}

using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Usb;

/// <summary>fn_usb_ft245, fn_usb_ft245_bus and fn_usb_ft600 at the pins of a chip as awkward as it may be.</summary>
[TestClass]
public sealed class UsbPinsTests
{
    // The core is quicker than the chip, or as slow as on the smallest board.
    [TestMethod]
    [DataRow(1, 1, 0.0)]
    [DataRow(1, 1, 0.05)]
    [DataRow(1, 4, 0.02)]
    [DataRow(2, 1, 0.0)]
    [DataRow(2, 1, 0.05)]
    [DataRow(2, 4, 0.02)]
    [DataRow(4, 1, 0.0)]
    [DataRow(4, 1, 0.05)]
    [DataRow(4, 4, 0.02)]
    public void Bytes_pass_both_ways_whole_and_in_order(int bytes, int period, double stall)
    {
        Random random = TestSeed.Random();
        using UsbPinsBench bench = new(bytes, period, random, stall);
        List<byte> up = [], down = [];
        for (int round = 0; round < 4; round++)
        {
            // Now both ends keep up, now one of them hardly does.
            bench.HostTakes = round == 1 ? 0.002 : 1;
            bench.Sink.Stall = round == 2 ? 0.98 : stall;
            for (int i = 0; i < 12; i++)
            {
                byte[] packet = UsbPackets.Frame(UsbPackets.Noise(random, random.Next(1, 500)));
                bench.Source.Send(packet);
                up.AddRange(packet);
            }

            foreach (byte value in UsbPackets.Noise(random, 3000))
            {
                bench.FromHost.Enqueue(value);
                down.Add(value);
            }

            if (bytes == 1 && round == 3)
            {
                // The host switches the mode off and on again; meanwhile the chip's clock stands still.
                bench.Step(random.Next(100, 2000));
                bench.Chip.SetMode(fifo: false);
                bench.Step(200);
                bench.Chip.SetMode(fifo: true);
            }

            bench.StepUntil(() => bench.Source.Pending == 0 && bench.Sink.Frames.Count == down.Count, "a byte is missing");
        }

        // None waits in the chip for more: the host stops reading, and what is there is on its way all the same.
        bench.HostTakes = 0;
        bench.Source.Send(UsbPackets.Frame(1, 2, 3));
        up.AddRange(UsbPackets.Frame(1, 2, 3));
        bench.StepUntil(() => bench.Source.Pending == 0 && bench.IsIdle, "it is never idle");
        Assert.AreEqual(bench.Chip.ToHost.Count, bench.Chip.Flushed);
        bench.HostTakes = 1;
        bench.Step(10);
        Assert.IsTrue(bench.IsIdle);
        CollectionAssert.AreEqual(down, bench.Sink.Frames.Select(static f => f.Data[0]).ToList());
        CollectionAssert.AreEqual(bytes == 1 ? up : WithoutFilling(up), bytes == 1 ? bench.ToHost.ToList() : WithoutFilling(bench.ToHost));
    }

    // 60 MHz of the FT232H's clock, or a byte a clock of the core's 125 MHz; a little for the way and the chip's turns.
    [TestMethod]
    [DataRow(1, true, 2.084)]
    [DataRow(1, false, 2.084)]
    [DataRow(2, true, 1.0)]
    [DataRow(2, false, 1.0)]
    [DataRow(4, true, 1.0)]
    [DataRow(4, false, 1.0)]
    public void Neither_way_loses_a_clock(int bytes, bool toHost, double clocksPerByte)
    {
        const int Length = 8000, Way = 300;
        Random random = TestSeed.Random();
        using UsbPinsBench bench = new(bytes, 1, random, 0);
        byte[] sent = UsbPackets.Noise(random, Length);
        sent[^1] = UsbPackets.Flag;
        int limit = (int)(Length * clocksPerByte) + Way;
        if (toHost)
        {
            bench.Source.Send(sent);
            bench.StepUntil(() => bench.ToHost.Count >= Length, "too slow", limit);
        }
        else
        {
            Array.ForEach(sent, bench.FromHost.Enqueue);
            bench.StepUntil(() => bench.Sink.Frames.Count == Length, "too slow", limit);
        }
    }

    // Between packets an FT600's words are filled up with flags, of which any number may stand there (docs/usb.md).
    private static List<byte> WithoutFilling(IReadOnlyList<byte> bytes) =>
        [.. bytes.Where((value, i) => value != UsbPackets.Flag || i == 0 || bytes[i - 1] != UsbPackets.Flag)];
}

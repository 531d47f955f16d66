using FpgaNet.Driver.Rings;

namespace FpgaNet.Driver.Tests;

[TestClass]
public sealed class CompletionRingTests
{
    [TestMethod]
    public void Phase_tells_new_entries_from_old_ones_over_many_passes_and_the_wrap_of_the_count()
    {
        using var function = new ScriptedPciFunction();
        var memory = new DmaMemory(function, 16 * TxCompletion.ByteLength);
        var ring = new CompletionRing<TxCompletion>(memory, 4);
        for (int i = 0; i < 70_000; i++)
        {
            Assert.IsFalse(ring.HasEntry, $"before entry {i}");
            memory.Entries<TxCompletion>()[i % 16] = new TxCompletion { RingPosition = (ushort)(3 * i), Phase = (i / 16 & 1) == 0 };
            Assert.IsTrue(ring.TryTake(out TxCompletion entry), $"entry {i}");
            Assert.AreEqual((ushort)(3 * i), (ushort)entry.RingPosition);
        }

        ring.Free();
    }

    [TestMethod]
    public void A_full_ring_is_taken_and_its_last_pass_is_not_taken_again()
    {
        using var function = new ScriptedPciFunction();
        var memory = new DmaMemory(function, 16 * RxCompletion.ByteLength);
        var ring = new CompletionRing<RxCompletion>(memory, 4);
        for (uint i = 0; i < 16; i++)
        {
            memory.Entries<RxCompletion>()[(int)i] = new RxCompletion { Hash = i, Phase = true };
        }

        Assert.IsFalse(ring.AcknowledgementDue);
        for (uint i = 0; i < 16; i++)
        {
            Assert.IsTrue(ring.TryTake(out RxCompletion entry));
            Assert.AreEqual(i, entry.Hash);
        }

        Assert.IsFalse(ring.TryTake(out _));
        Assert.IsTrue(ring.AcknowledgementDue);
        Assert.AreEqual(16u, ring.Acknowledge());
        Assert.IsFalse(ring.AcknowledgementDue);
        ring.Restart();
        Assert.IsFalse(ring.HasEntry);
        Assert.AreEqual(0, ring.Consumer);
        ring.Free();
    }
}

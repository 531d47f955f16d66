using FpgaNet.Rtl.Tests.Harness;

namespace FpgaNet.Rtl.Tests.Stream;

/// <summary>Frames to send, and the comparison with what came.</summary>
internal static class RandomFrames
{
    public static byte[] Bytes(Random random, int length)
    {
        byte[] data = new byte[length];
        random.NextBytes(data);
        return data;
    }

    public static StreamFrame Next(Random random, int minimum, int maximum, int userBits, bool flag = false) =>
        new(Bytes(random, random.Next(minimum, maximum + 1)), [(uint)random.Next(1 << userBits)], flag);

    public static void AreEqual(StreamFrame expected, StreamFrame actual)
    {
        CollectionAssert.AreEqual(expected.Data, actual.Data);
        CollectionAssert.AreEqual(expected.User, actual.User);
    }

    /// <summary>All of what was sent came, in order and unchanged.</summary>
    public static void AreEqual(IEnumerable<StreamFrame> expected, Queue<StreamFrame> actual)
    {
        foreach (StreamFrame frame in expected)
        {
            Assert.AreNotEqual(0, actual.Count, "a frame is missing");
            AreEqual(frame, actual.Dequeue());
        }

        Assert.AreEqual(0, actual.Count, "more frames came than were sent");
    }
}

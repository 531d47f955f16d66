using FpgaNet.Sim;
using FpgaNet.Sim.Cable;
using FpgaNet.Testing;

namespace FpgaNet.CoSim.Tests.Models;

/// <summary>The check sequence and the rules for frames on the line.</summary>
[TestClass]
public sealed class EthernetPhyTests
{
    [TestMethod]
    public void The_check_value_of_CRC_32_is_met() =>
        Assert.AreEqual(0xCBF4_3926u, FrameCheckSequence.Compute("123456789"u8));

    [TestMethod]
    public void The_check_sequence_is_that_of_the_bitwise_definition_at_every_length()
    {
        Random random = TestSeed.Random();
        for (int length = 0; length < 100; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            uint crc = uint.MaxValue;
            foreach (byte b in bytes)
            {
                crc ^= b;
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1;
                }
            }

            Assert.AreEqual(~crc, FrameCheckSequence.Compute(bytes), $"{length} bytes");
        }
    }

    [TestMethod]
    public void A_right_frame_comes_through_without_preamble_and_check_sequence()
    {
        byte[] line = Line(60);
        CollectionAssert.AreEqual(line[8..^4], EthernetPhy.CheckFrame(line, 0, 1518).ToArray());
    }

    [TestMethod]
    public void A_wrong_frame_is_caught()
    {
        Check(Line(59), "bytes with its check sequence");
        Check(Line(1519), "bytes with its check sequence");
        Check(Line(60)[1..], "does not begin");
        byte[] line = Line(60);
        line[3] = 0x54;
        Check(line, "does not begin");
        line = Line(60);
        line[7] = 0x55;
        Check(line, "does not begin");
        for (int i = 8; i < 72; i++)
        {
            line = Line(60);
            line[i] ^= 0x10;
            Check(line, "wrong check sequence");
        }

        static void Check(byte[] line, string message)
        {
            EthernetProtocolException e = Assert.ThrowsExactly<EthernetProtocolException>(() => EthernetPhy.CheckFrame(line, 5, 1518));
            StringAssert.Contains(e.Message, message, StringComparison.Ordinal);
        }
    }

    private static byte[] Line(int length)
    {
        byte[] frame = new byte[length];
        new Random(length).NextBytes(frame);
        return [0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xD5, .. frame, .. BitConverter.GetBytes(FrameCheckSequence.Compute(frame))];
    }
}

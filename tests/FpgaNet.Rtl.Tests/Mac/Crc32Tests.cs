using FpgaNet.Rtl.Tests.Stream;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Mac;

[TestClass]
public sealed class Crc32Tests
{
    [TestMethod]
    public void The_reference_gives_the_published_check_value() =>
        Assert.AreEqual(0xCBF43926u, EthernetReference.FrameCheckSequence("123456789"u8));

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Frames_of_any_length_give_the_check_sequence_and_know_their_own(int width)
    {
        Random random = TestSeed.Random();
        using VerilatedModel model = VerilatedModel.Load($"fn_crc32_{width}");
        (Port enable, Port first, Port data, Port keep) = (model.Port("en"), model.Port("first"), model.Port("data"), model.Port("keep"));
        (Port fcs, Port good) = (model.Port("fcs"), model.Port("good"));
        model.Eval(); // the first look at the clock pin is not an edge
        for (int length = 1; length < 100; length++)
        {
            byte[] frame = RandomFrames.Bytes(random, length);
            Feed(frame);
            Assert.AreEqual(EthernetReference.FrameCheckSequence(frame), (uint)fcs.Value, $"{length} bytes");

            byte[] whole = EthernetReference.WithCheckSequence(frame);
            Feed(whole);
            Assert.IsTrue(good.IsSet, $"{length} bytes");
            whole[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            Feed(whole);
            Assert.IsFalse(good.IsSet, $"{length} bytes, one bit turned");
        }

        void Feed(byte[] bytes)
        {
            int lanes = width / 8;
            for (int at = 0; at < bytes.Length; at += lanes)
            {
                int count = Math.Min(lanes, bytes.Length - at);
                ulong beat = 0;
                for (int i = 0; i < lanes; i++)
                {
                    beat |= (ulong)(i < count ? bytes[at + i] : (byte)random.Next(256)) << (8 * i);
                }

                data.Value = beat;
                keep.Value = (1UL << count) - 1;
                first.IsSet = at == 0;
                enable.Value = 1;
                model.Tick();
                data.Value = ~beat;
                enable.Value = 0;
                model.Tick(random.Next(2));
            }
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(4)]
    [DataRow(2)]
    [DataRow(1)]
    public void A_run_of_bytes_in_one_step_is_the_same_as_byte_by_byte(int bytes)
    {
        Random random = TestSeed.Random();
        using VerilatedModel model = VerilatedModel.Load($"fn_crc32_step_{bytes}");
        (Port crc, Port data, Port next) = (model.Port("crc"), model.Port("data"), model.Port("next"));
        for (int round = 0; round < 50; round++)
        {
            uint register = uint.MaxValue;
            byte[] frame = RandomFrames.Bytes(random, bytes * random.Next(1, 20));
            for (int at = 0; at < frame.Length; at += bytes)
            {
                ulong run = 0;
                for (int i = 0; i < bytes; i++)
                {
                    run |= (ulong)frame[at + i] << (8 * i);
                }

                crc.Value = register;
                data.Value = run;
                model.Eval();
                register = (uint)next.Value;
            }

            Assert.AreEqual(EthernetReference.FrameCheckSequence(frame), ~register);
        }
    }
}

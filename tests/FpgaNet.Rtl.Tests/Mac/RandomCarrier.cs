using FpgaNet.Rtl.Tests.Stream;

namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>Why a received frame is bad; the values are fn_mac_gmii_rx's tuser.</summary>
internal enum RxVerdict
{
    Good = 0,
    BadCheckSequence = 1,
    Undersize = 2,
    Oversize = 4,
    PhyError = 8,
}

/// <summary>Carrier events of every kind, with what the MAC must make of them.</summary>
internal static class RandomCarrier
{
    public const int LongestFrame = 1518;

    public static (CarrierEvent Event, RxVerdict Verdict, byte[] Frame) Next(Random random, int gap = 12) => random.Next(10) switch
    {
        0 => BadCheckSequence(random, gap),
        1 => Short(random, gap),
        2 => ReceiveError(random, gap),
        3 => NoDelimiter(random, gap),
        4 => Good(random, random.Next(2) == 0 ? 60 : LongestFrame, gap),
        5 => Long(random, gap),
        _ => Good(random, random.Next(60, 300), gap),
    };

    public static (CarrierEvent Event, RxVerdict Verdict, byte[] Frame) Good(Random random, int length, int gap = 12)
    {
        byte[] frame = RandomFrames.Bytes(random, length);
        // A receiver must do with less than the whole preamble (IEEE 802.3 clause 35.2.3.2.2).
        return (new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame), random.Next(8)), Gap: gap), RxVerdict.Good, frame);
    }

    public static (CarrierEvent Event, RxVerdict Verdict, byte[] Frame) BadCheckSequence(Random random, int gap = 12)
    {
        byte[] frame = EthernetReference.WithCheckSequence(RandomFrames.Bytes(random, random.Next(60, 300)));
        frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
        return (new CarrierEvent(EthernetReference.WithPreamble(frame), Gap: gap), RxVerdict.BadCheckSequence, []);
    }

    // Down to no byte at all behind the start delimiter, with a right check sequence where there is room for one.
    public static (CarrierEvent Event, RxVerdict Verdict, byte[] Frame) Short(Random random, int gap = 12)
    {
        int length = random.Next(64);
        byte[] bytes = length < 5 ? RandomFrames.Bytes(random, length) : EthernetReference.WithCheckSequence(RandomFrames.Bytes(random, length - 4));
        return (new CarrierEvent(EthernetReference.WithPreamble(bytes), Gap: gap), RxVerdict.Undersize, []);
    }

    public static (CarrierEvent Event, RxVerdict Verdict, byte[] Frame) Long(Random random, int gap = 12)
    {
        byte[] frame = RandomFrames.Bytes(random, LongestFrame + 1 + random.Next(2) + (random.Next(2) * random.Next(500)));
        return (new CarrierEvent(EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(frame)), Gap: gap), RxVerdict.Oversize, []);
    }

    public static (CarrierEvent Event, RxVerdict Verdict, byte[] Frame) ReceiveError(Random random, int gap = 12)
    {
        byte[] wire = EthernetReference.WithPreamble(EthernetReference.WithCheckSequence(RandomFrames.Bytes(random, random.Next(1, 300))));
        return (new CarrierEvent(wire, ErrorAt: random.Next(wire.Length), Gap: gap), RxVerdict.PhyError, []);
    }

    public static (CarrierEvent Event, RxVerdict Verdict, byte[] Frame) NoDelimiter(Random random, int gap = 12)
    {
        byte[] preamble = new byte[random.Next(1, 30)];
        preamble.AsSpan().Fill(0x55);
        if (random.Next(2) == 0)
        {
            preamble[random.Next(preamble.Length)] = 0x45; // then nothing that follows counts; nor is it a delimiter to who reads by nibbles or by two bits
            preamble = [.. preamble, 0xD5, .. RandomFrames.Bytes(random, 80)];
        }

        return (new CarrierEvent(preamble, Gap: gap), RxVerdict.PhyError, []);
    }
}

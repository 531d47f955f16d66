namespace FpgaNet.Rtl.Tests.Mac;

/// <summary>Puts what a transmitter shows symbol by symbol together to what stood on the wire.</summary>
internal sealed class BurstRecorder
{
    private readonly List<byte> _bytes = [];
    private uint _part;
    private int _partBits;
    private bool _spoiled;
    private int _gapBits;
    private int _gapBefore;

    /// <summary>What came: bytes from the preamble to the check sequence, idle byte times before, and whether an error was signalled inside.</summary>
    public Queue<(byte[] Bytes, int Gap, bool Spoiled)> Bursts { get; } = new();

    /// <summary>Takes one symbol.</summary>
    /// <param name="bits">Bits in it, the first on the wire lowest.</param>
    /// <param name="value">Their values.</param>
    /// <param name="enable">It is part of a frame.</param>
    /// <param name="error">It is marked as wrong.</param>
    public void Take(int bits, uint value, bool enable, bool error)
    {
        if (enable)
        {
            if (_bytes.Count == 0 && _partBits == 0)
            {
                _gapBefore = _gapBits / 8;
                Assert.IsTrue(Bursts.Count == 0 || _gapBits % 8 == 0, "the gap is no number of bytes");
            }

            _gapBits = 0;
            _spoiled |= error;
            _part |= value << _partBits;
            _partBits += bits;
            if (_partBits == 8)
            {
                _bytes.Add((byte)_part);
                (_part, _partBits) = (0, 0);
            }

            return;
        }

        Assert.IsFalse(error, "an error is signalled outside a frame");
        Assert.AreEqual(0, _partBits, "the frame ends inside a byte");
        _gapBits += bits;
        if (_bytes.Count != 0)
        {
            Bursts.Enqueue(([.. _bytes], _gapBefore, _spoiled));
            _bytes.Clear();
            _spoiled = false;
        }
    }
}

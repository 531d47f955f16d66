using System.Runtime.CompilerServices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>The blocks that a receiver reports (RFC 2018 §4): the one that the latest segment belongs to first, then those reported before it.</summary>
internal struct SackList
{
    private const int Capacity = 8;

    private Blocks _blocks;
    private Block _duplicate; // empty: none

    /// <summary>Blocks in the list.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there is something to report.</summary>
    public readonly bool IsEmpty => Count == 0 && _duplicate.Left == _duplicate.Right;

    /// <summary>Data arrived that was here already: the next acknowledgement says so, once and first (RFC 2883 §4).</summary>
    public void AddDuplicate(SequenceNumber left, SequenceNumber right) => _duplicate = new Block(left, right);

    /// <summary>The report of a duplicate has been sent.</summary>
    public void ForgetDuplicate() => _duplicate = default;

    /// <summary>A segment arrived out of order.</summary>
    public void Add(SequenceNumber left, SequenceNumber right)
    {
        Blocks kept = default;
        int count = 1;
        for (int i = 0; i < Count; i++)
        {
            Block block = _blocks[i];
            if (block.Left <= right && block.Right >= left)
            {
                if (block.Left <= left && right <= block.Right)
                {
                    AddDuplicate(left, right);
                }

                left = SequenceNumber.Min(left, block.Left);
                right = SequenceNumber.Max(right, block.Right);
            }
            else if (count < Capacity)
            {
                kept[count++] = block;
            }
        }

        kept[0] = new Block(left, right);
        _blocks = kept;
        Count = count;
    }

    /// <summary>All before <paramref name="next"/> arrived in order meanwhile.</summary>
    public void Advance(SequenceNumber next)
    {
        int count = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_blocks[i].Right > next)
            {
                _blocks[count++] = _blocks[i];
            }
        }

        Count = count;
    }

    /// <summary>Writes as many blocks as fit.</summary>
    public readonly void WriteTo(ref TcpOptions options)
    {
        if (_duplicate.Left != _duplicate.Right)
        {
            options.TryAddSack(new SackBlock(_duplicate.Left.Value, _duplicate.Right.Value));
        }

        for (int i = 0; i < Count && options.TryAddSack(new SackBlock(_blocks[i].Left.Value, _blocks[i].Right.Value)); i++)
        {
        }
    }

    private readonly record struct Block(SequenceNumber Left, SequenceNumber Right);

    [InlineArray(Capacity)]
    private struct Blocks
    {
        private Block _first;
    }
}

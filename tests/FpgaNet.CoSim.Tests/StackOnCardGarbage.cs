using System.Buffers.Binary;
using FpgaNet.Packets.Wire;
using FpgaNet.Sim.Cable;

namespace FpgaNet.CoSim.Tests;

/// <summary>Frames that no sound host sends, by seed. Their frame check sequences are right, so that they get as far as anything can get.</summary>
internal sealed class StackOnCardGarbage(int seed, MacAddress target)
{
    private const int Ethernet = 14;
    private const int LongestFrame = 1518;

    private readonly Random _random = new(seed);

    public int Next(int bound) => _random.Next(bound);

    /// <summary>Makes a frame.</summary>
    /// <param name="model">A true frame: an Ethernet header, IPv4 and TCP, or ARP.</param>
    /// <param name="defects">What the line must leave out for it: the padding.</param>
    public byte[] Frame(ReadOnlySpan<byte> model, out LineDefects defects)
    {
        defects = LineDefects.None;
        switch (_random.Next(8))
        {
            case 0:
                return Noise(_random.Next(Ethernet, LongestFrame));
            case 1:
                return NoiseFor(EtherType.IPv4, _random.Next(60, LongestFrame));
            case 2:
                return NoiseFor(EtherType.IPv6, _random.Next(60, LongestFrame));
            case 3:
                defects = LineDefects.NoPadding; // undersize, down to a single byte
                return Noise(_random.Next(1, 60));
            case 4:
                return Noise(_random.Next(LongestFrame + 5, 4000)); // beyond any tag
            case 5:
                return model[..Math.Min(model.Length, _random.Next(Ethernet, 66))].ToArray(); // truncated headers
            case 6:
                return BadLength(model.ToArray());
            default:
                return BadByte(model.ToArray());
        }
    }

    private byte[] Noise(int length)
    {
        byte[] frame = new byte[length];
        _random.NextBytes(frame);
        return frame;
    }

    private byte[] NoiseFor(EtherType type, int length)
    {
        byte[] frame = Noise(length);
        target.Write(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), (ushort)type);
        frame[Ethernet] = (byte)(type == EtherType.IPv4 ? 0x40 | _random.Next(16) : 0x60);
        return frame;
    }

    // A wrong IPv4 header or total length, or TCP data offset, under an IPv4 header checksum that is right.
    private byte[] BadLength(byte[] frame)
    {
        if (frame.Length < 54 || BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) != (ushort)EtherType.IPv4)
        {
            return Noise(60);
        }

        Span<byte> ip = frame.AsSpan(Ethernet);
        switch (_random.Next(3))
        {
            case 0:
                ip[0] = (byte)(0x40 | _random.Next(5));
                break;
            case 1:
                BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(frame.Length - Ethernet + _random.Next(1, 2000)));
                break;
            default:
                ip[20 + 12] = (byte)(_random.Next(5) << 4);
                break;
        }

        ip[10..12].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], FpgaNet.Packets.Offload.InternetChecksum.Compute(ip[..20]));
        return frame;
    }

    // One byte behind the addresses is wrong: only a checksum, or the type, tells.
    private byte[] BadByte(byte[] frame)
    {
        frame[_random.Next(12, frame.Length)] ^= (byte)_random.Next(1, 256);
        return frame;
    }
}

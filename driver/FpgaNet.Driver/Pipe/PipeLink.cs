using System.Buffers.Binary;
using FpgaNet.Driver.Usb;

namespace FpgaNet.Driver.Pipe;

/// <summary>
/// Packets each way over a USB device (docs/usb.md): register accesses here, frames and what is told of them by the queue pair. All under one
/// lock: counters are read by threads other than the queue pair's.
/// </summary>
internal sealed class PipeLink
{
    private const int TransfersEachWay = 8;
    private const int TransferPackets = 32;
    private const int MaxPauses = 200_000;
    private const int ReadLength = 4;
    // Reads that nobody waits for have tags of their own, which those that are waited for cannot overtake.
    private const byte PollTags = 16;
    private const uint AllOnes = 0xFFFF_FFFF;

    private readonly IUsbDevice _device;
    private readonly FifoChip _chip;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly BulkReader _reader;
    private readonly BulkWriter _writer;
    private readonly PacketDecoder _decoder = new();
    private readonly uint[] _values = new uint[256];
    private readonly bool[] _answered = new bool[256];
    private byte _tag;
    private byte _pollTag;

    /// <param name="device">The chip, as a device on USB.</param>
    /// <param name="chip">What it is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="patience">How long a register is waited for.</param>
    public PipeLink(IUsbDevice device, FifoChip chip, TimeProvider time, TimeSpan patience)
    {
        _device = device;
        _chip = chip;
        _time = time;
        _patience = patience;
        _reader = new BulkReader(device, chip, TransfersEachWay, TransferPackets * chip.PacketLength);
        _writer = new BulkWriter(device, TransfersEachWay, TransferPackets * chip.PacketLength);
        device.Completed = OnCompleted;
    }

    /// <summary>Takes what is told of frames; null while there is no queue pair.</summary>
    public PipeQueuePair? Queue { get; set; }

    public Lock Gate { get; } = new();

    /// <summary>Why the device no longer works; success while it does.</summary>
    public UsbResult Error => _reader.Error.IsError ? _reader.Error : _writer.Error;

    public ulong BadPackets => _decoder.BadPackets;

    /// <summary>Brings the chip into its mode and begins to read.</summary>
    public UsbResult Start()
    {
        UsbResult result = _chip.Configure(_device);
        if (!result.IsError)
        {
            _writer.Restart();
            _reader.Start();
        }

        return result;
    }

    public void Pause() => _device.Pause();

    public UsbResult ResetDevice() => _device.Reset();

    /// <summary>Finds room for a packet; under the lock.</summary>
    /// <param name="length">Its bytes without flags and check.</param>
    /// <param name="space">The room.</param>
    public bool TryReserve(int length, out Span<byte> space)
    {
        if (Error.IsError)
        {
            space = default;
            return false;
        }

        return _writer.TryReserve(PacketEncoder.Longest(length), out space);
    }

    /// <summary>A packet of so many bytes was written; under the lock.</summary>
    public void Advance(int count) => _writer.Advance(count);

    /// <summary>Sends what was written; under the lock.</summary>
    public void Submit() => _writer.Submit();

    public void WriteRegister(uint offset, uint value)
    {
        Span<byte> packet = stackalloc byte[8];
        packet[0] = (byte)UsbPacket.Write;
        packet[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(packet[2..], (ushort)offset);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[4..], value);
        SendSoon(packet);
    }

    /// <summary>Asks for a register that nobody waits for, if there is room to ask.</summary>
    /// <returns>The tag that <see cref="TryTakeValue"/> wants, for so long as fewer than 16 others are asked for; null when there is no room.</returns>
    public byte? BeginPoll(uint offset)
    {
        lock (Gate)
        {
            byte tag = (byte)(_pollTag % PollTags);
            if (!TrySend(ReadPacket(stackalloc byte[ReadLength], tag, offset)))
            {
                return null;
            }

            _pollTag++;
            _answered[tag] = false;
            return tag;
        }
    }

    /// <summary>Whether the answer has come.</summary>
    /// <param name="tag">Of the question.</param>
    /// <param name="dropFrames">As <see cref="Poll"/> says: for whoever waits and takes no frames meanwhile.</param>
    /// <param name="value">The register's value.</param>
    public bool TryTakeValue(byte tag, bool dropFrames, out uint value)
    {
        lock (Gate)
        {
            Poll(dropFrames);
            value = _values[tag];
            return _answered[tag];
        }
    }

    /// <summary>Reads a register and waits for it; all ones when no answer comes.</summary>
    public uint ReadRegister(uint offset)
    {
        byte tag;
        lock (Gate)
        {
            tag = _tag = Math.Max(PollTags, (byte)(_tag + 1));
            _answered[tag] = false;
        }

        SendSoon(ReadPacket(stackalloc byte[ReadLength], tag, offset));
        long start = _time.GetTimestamp();
        for (int i = 0; i < MaxPauses; i++)
        {
            if (TryTakeValue(tag, dropFrames: true, out uint value))
            {
                return value;
            }

            if (Error.IsError || _time.GetElapsedTime(start) > _patience)
            {
                break;
            }

            _device.Pause();
        }

        return AllOnes;
    }

    /// <summary>Takes in what has come; under the lock.</summary>
    /// <param name="dropFrames">Frames that the queue pair has no room for are dropped; otherwise they wait, and what is behind them.</param>
    public void Poll(bool dropFrames)
    {
        while ((dropFrames || Queue is not { IsFull: true }) && _reader.Current is { IsEmpty: false } bytes)
        {
            bool found = _decoder.TryDecode(bytes, out int consumed, out ReadOnlySpan<byte> packet);
            _reader.Advance(consumed);
            if (found)
            {
                Dispatch(packet);
            }
        }
    }

    public void Close()
    {
        _device.Cancel();
        for (int i = 0; i < MaxPauses && (_reader.IsPending || _writer.IsPending); i++)
        {
            _device.Pause();
        }

        _device.Completed = null;
        _reader.Free();
        _writer.Free();
    }

    private static ReadOnlySpan<byte> ReadPacket(Span<byte> packet, byte tag, uint offset)
    {
        packet[0] = (byte)UsbPacket.Read;
        packet[1] = tag;
        BinaryPrimitives.WriteUInt16LittleEndian(packet[2..], (ushort)offset);
        return packet;
    }

    private bool TrySend(ReadOnlySpan<byte> bytes)
    {
        if (!TryReserve(bytes.Length, out Span<byte> space))
        {
            return false;
        }

        var packet = new PacketEncoder(space);
        packet.Write(bytes);
        Advance(packet.End());
        Submit();
        return true;
    }

    private void SendSoon(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < MaxPauses && !Error.IsError; i++)
        {
            lock (Gate)
            {
                if (TrySend(bytes))
                {
                    return;
                }

                Poll(dropFrames: true);
            }

            _device.Pause();
        }
    }

    private void Dispatch(ReadOnlySpan<byte> packet)
    {
        switch ((UsbPacket)packet[0], packet.Length)
        {
            case (UsbPacket.Receive, > 1 + RxCompletion.ByteLength):
                Queue?.OnReceived(packet[1..]);
                break;
            case (UsbPacket.Transmitted, 12):
                Queue?.OnCredit(packet[1]);
                Queue?.OnTransmitted(packet[2], (Status)packet[3], BinaryPrimitives.ReadInt64LittleEndian(packet[4..]));
                break;
            case (UsbPacket.Credit, 2):
                Queue?.OnCredit(packet[1]);
                break;
            case (UsbPacket.Value, 6):
                _values[packet[1]] = BinaryPrimitives.ReadUInt32LittleEndian(packet[2..]);
                _answered[packet[1]] = true;
                break;
            default:
                Queue?.OnUnknown();
                break;
        }
    }

    private void OnCompleted(UsbTransfer transfer)
    {
        if (!transfer.IsIn)
        {
            _writer.OnCompleted(transfer);
            Queue?.OnSignal();
        }
        else if (_reader.OnCompleted(transfer))
        {
            Queue?.OnSignal();
        }
    }
}

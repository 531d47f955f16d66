using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;

namespace FpgaNet.Driver;

// Frames that come in: completions become frames, and every buffer that leaves the ring is replaced.
public sealed partial class FpgaNic
{
    /// <inheritdoc/>
    public int Receive(Span<RxFrame> frames)
    {
        if (_phase != Phase.Running && !Recover())
        {
            return 0;
        }

        ReapTransmit();
        int count = 0;
        while (count < frames.Length && _phase == Phase.Running && _rxCompletions.TryTake(out RxCompletion completion))
        {
            if (completion.RingPosition != _rx.Next)
            {
                Misbehaved(Misbehaviour.RingPosition, completion.RingPosition);
                return count;
            }

            PacketBuffer buffer = _rx.Current;
            int length = (int)completion.Length;
            if (completion.Status != Status.Ok)
            {
                _counters.CountRxError(completion.Status);
                _rx.Replace(buffer);
            }
            else if (length > buffer.Capacity || length < HeaderLength)
            {
                Misbehaved(Misbehaviour.ReceiveLength, (uint)length);
                return count;
            }
            else if (_receivePool.TryRent() is { } fresh)
            {
                _rx.Replace(fresh);
                frames[count].Frame = new Frame(new BufferSlice(buffer, 0, length));
                frames[count].Offload = Offload(completion, length);
                _counters.RxFrames++;
                _counters.RxBytes += (ulong)length;
                count++;
            }
            else
            {
                // All buffers are with the stack: this frame is lost, its buffer serves the next.
                _counters.RxNoBuffer++;
                _rx.Replace(buffer);
            }

            _attempts = 0;
        }

        if (_phase != Phase.Running)
        {
            return count;
        }

        if (_rx.DoorbellDue)
        {
            WriteQueue(RxQueueRegisters.Offset, TxQueueRegisters.Producer, _rx.Post());
        }

        if (_rxCompletions.AcknowledgementDue)
        {
            WriteQueue(RxQueueRegisters.Offset, TxQueueRegisters.CompletionConsumer, _rxCompletions.Acknowledge() | ArmIfAwaited());
        }

        if (count == 0)
        {
            CheckHealth();
        }
        else
        {
            CheckHealthSometimes();
        }

        return count;
    }

    private RxOffload Offload(in RxCompletion completion, int length)
    {
        var offload = new RxOffload
        {
            Network = (NetworkProtocol)completion.Network,
            Transport = (TransportProtocol)completion.Transport,
            NetworkChecksum = (ChecksumVerdict)completion.NetworkChecksum,
            TransportChecksum = (ChecksumVerdict)completion.TransportChecksum,
            NetworkOffset = (byte)completion.NetworkOffset,
            TransportOffset = (byte)completion.TransportOffset,
            Fragment = completion.Fragment,
            HasVlan = completion.HasVlan,
            VlanTag = (ushort)completion.VlanTag,
            HashType = (RssHashType)completion.HashType,
            Hash = completion.Hash,
            CoalescedSegments = (ushort)completion.CoalescedSegments,
        };
        if (offload.Network <= NetworkProtocol.Arp && offload.Transport <= TransportProtocol.Icmp && offload.HashType <= RssHashType.UdpIPv6
            && offload.NetworkChecksum <= ChecksumVerdict.Bad && offload.TransportChecksum <= ChecksumVerdict.Bad
            && offload.NetworkOffset <= length && offload.TransportOffset <= length)
        {
            return offload;
        }

        // Whoever trusts it would read outside the frame: better to know nothing.
        _counters.RxBadMetadata++;
        return default;
    }
}

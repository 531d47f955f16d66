using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>When messages leave, and when they left (SO_TXTIME, SO_TIMESTAMPING; docs/time.md).</summary>
internal abstract partial class InetMessageSocket : ITransmitStampUser
{
    private uint _nextNumber; // SOF_TIMESTAMPING_OPT_ID

    /// <inheritdoc/>
    void ITransmitStampUser.Stamped(uint number, in Frame frame, long time) => QueueStamp(SCM_TSTAMP_SND, number, frame, default, time);

    /// <summary>Sends a message, at its time and with what its stamps ask for.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="protocol">What it is.</param>
    /// <param name="control">What it says itself.</param>
    /// <param name="options">What is to stand in its header.</param>
    /// <param name="frame">The message; its references are taken over.</param>
    protected Errno Transmit(Destination destination, IpProtocol protocol, in SendControl control, PacketOptions options, ref TxFrame frame)
    {
        frame.Offload.Priority = PriorityOf(control);
        if (control.LaunchTime is { } launch)
        {
            Errno error = SetLaunch(destination, launch, ref options, ref frame);
            if (error != Errno.None)
            {
                frame.Frame.Release();
                return error;
            }
        }

        TimestampingFlags asked = (control.Timestamping ?? Options.Timestamping) & TimestampingFlags.Transmit;
        if (asked == TimestampingFlags.None)
        {
            return Ip.Send(destination, protocol, options, ref frame) ? Errno.None : Errno.ENETUNREACH;
        }

        return TransmitStamped(destination, protocol, asked, options, ref frame);
    }

    private static bool Has(NetworkInterface network, OffloadFeatures feature) => (network.Device.EnabledFeatures & feature) != OffloadFeatures.None;

    private static bool IsOnePacket(Destination destination, in TxFrame frame) =>
        frame.Frame.Length - EthernetHeader.Length <= destination.PathMtu || frame.Offload.Segmentation != Segmentation.None;

    // CLOCK_TAI is the device's clock where it launches by one, as Linux's etf offload has it; all other clocks are the host's.
    private Errno SetLaunch(Destination destination, ulong launch, ref PacketOptions options, ref TxFrame frame)
    {
        int clock = Options.LaunchClock ?? CLOCK_MONOTONIC;
        if (clock == CLOCK_TAI && Has(destination.Interface, OffloadFeatures.TxLaunchTime) && IsOnePacket(destination, frame))
        {
            frame.Offload.LaunchTime = (long)Math.Min(launch, long.MaxValue);
            return Errno.None;
        }

        TimeSpan wait = InetControl.Until(launch, clock, Net.Options.TimeProvider);
        if (wait < TimeSpan.Zero && (Options.LaunchFlags & SOF_TXTIME_REPORT_ERRORS) != 0)
        {
            // As Linux's etf: who wants to hear of it has it told instead of sent.
            QueuedError queued = new()
            {
                Error = new ExtendedError(Errno.ECANCELED, SO_EE_ORIGIN_TXTIME, Code: SO_EE_CODE_TXTIME_MISSED, Info: (uint)launch, Data: (uint)(launch >> 32)),
                Destination = destination.Address,
                Interface = destination.Interface.Index,
            };
            _errors.Add(queued, Options.ReceiveBuffer);
            Notify(PollEvents.POLLERR);
            return Errno.ECANCELED;
        }

        options = options with { Launch = wait > TimeSpan.Zero ? Net.Now + wait : default };
        return Errno.None;
    }

    private Errno TransmitStamped(Destination destination, IpProtocol protocol, TimestampingFlags asked, in PacketOptions options, ref TxFrame frame)
    {
        if (Options.TimestampIdsBegin)
        {
            Options.TimestampIdsBegin = false;
            _nextNumber = 0;
        }

        uint number = (Options.Timestamping & TimestampingFlags.OPT_ID) != TimestampingFlags.None ? _nextNumber++ : 0;
        bool isKept = (Options.Timestamping & TimestampingFlags.OPT_TSONLY) == TimestampingFlags.None;
        bool byDevice = (asked & TimestampingFlags.TX_HARDWARE) != TimestampingFlags.None && Has(destination.Interface, OffloadFeatures.TxTimestamp) && IsOnePacket(destination, frame);
        bool byStack = (asked & TimestampingFlags.TX_SOFTWARE) != TimestampingFlags.None
            && (!byDevice || (Options.Timestamping & TimestampingFlags.OPT_TX_SWHW) != TimestampingFlags.None);
        if (byDevice)
        {
            destination.Interface.Output.For(frame.Offload.Priority).Stamps.Ask(this, number, ref frame, isKept);
        }

        Frame kept = default;
        if (isKept)
        {
            kept = frame.Frame;
            kept.AddReferences();
        }

        bool isSent = Ip.Send(destination, protocol, options, ref frame);
        DateTimeOffset now = Net.Options.TimeProvider.GetUtcNow();
        if (isSent && (asked & TimestampingFlags.TX_SCHED) != TimestampingFlags.None)
        {
            kept.AddReferences();
            QueueStamp(SCM_TSTAMP_SCHED, number, kept, now, 0);
        }

        if (isSent && byStack)
        {
            kept.AddReferences();
            QueueStamp(SCM_TSTAMP_SND, number, kept, now, 0);
        }

        kept.Release();
        return isSent ? Errno.None : Errno.ENETUNREACH;
    }

    private void QueueStamp(uint kind, uint number, in Frame frame, DateTimeOffset time, long deviceTime)
    {
        QueuedError queued = new()
        {
            Error = new ExtendedError(Errno.ENOMSG, SO_EE_ORIGIN_TIMESTAMPING, Info: kind, Data: number),
            Frame = frame,
            Length = frame.Length,
            Time = time,
            DeviceTime = deviceTime,
        };
        if (IsClosed)
        {
            queued.Frame.Release();
            return;
        }

        _errors.Add(queued, Options.ReceiveBuffer);
        Notify(PollEvents.POLLERR | (Options.SelectErrorQueue ? PollEvents.POLLPRI : PollEvents.None));
    }
}

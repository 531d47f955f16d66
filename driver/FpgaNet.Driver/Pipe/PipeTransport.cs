using FpgaNet.Driver.Usb;
using FpgaNet.Packets.Buffers;

namespace FpgaNet.Driver.Pipe;

/// <summary>A card behind a USB FIFO chip: registers and frames as packets on one pipe of bytes (docs/usb.md).</summary>
internal sealed class PipeTransport : ICardTransport
{
    private const uint AllOnes = 0xFFFF_FFFF;

    private readonly IUsbDevice _device;
    private readonly FpgaNicOptions _options;
    private readonly PipeLink _link;
    private readonly List<PipeQueuePair> _queues = [];

    // A register that was asked for and is not waited for.
    private byte? _awaited;
    private long _asked;
    private long _silentSince;

    // As of when they were seen last.
    private uint _limits;
    private uint _status;

    /// <exception cref="FpgaNicException">The device is no FIFO chip that this driver knows, or refuses the mode.</exception>
    public PipeTransport(IUsbDevice device, FpgaNicOptions options)
    {
        FifoChip chip = FifoChip.Find(device.VendorId, device.ProductId)
            ?? throw new FpgaNicException($"The USB device at {device.Location} ({device.VendorId:x4}:{device.ProductId:x4}) is no FT232H, FT2232H, FT600 or FT601.");
        _device = device;
        _options = options;
        _link = new PipeLink(device, chip, options.TimeProvider, options.StuckTimeout);
        UsbResult result = _link.Start();
        if (result.IsError)
        {
            _link.Close();
            throw new FpgaNicException($"The chip at {device.Location} does not go into FIFO mode: {result}.");
        }
    }

    public string Location => _device.Location;

    public HostBlock HostBlock { get; } = new("USB", UsbRegisters.Offset, UsbRegisters.BlockType, UsbRegisters.BlockVersion);

    public IReadOnlyList<(uint Register, string Name)> Counters { get; } =
    [
        (UsbRegisters.BadPackets, "usb_bad_packets"),
        (UsbRegisters.RefusedPackets, "usb_refused_packets"),
        (UsbRegisters.OverrunPackets, "usb_overrun_packets"),
        (UsbRegisters.BrokenFrames, "usb_broken_frames"),
    ];

    public IReadOnlyList<IQueuePair> Queues => _queues;

    public bool Signals => true;

    public bool WritesHostMemory => false;

    public bool IsNear => false;

    public bool IsStopped => true;

    // Known once the card has been recognised, which comes first.
    private Card Card { get => field ?? throw new InvalidOperationException("The card has not been recognised yet."); set; }

    public uint ReadRegister(uint offset) => _link.ReadRegister(offset);

    public void WriteRegister(uint offset, uint value) => _link.WriteRegister(offset, value);

    public void Pause() => _link.Pause();

    public CardDescription Describe(Card card, CardDescription description)
    {
        Card = card;
        _limits = card.ReadHost(UsbRegisters.Limits);
        _status = card.ReadCore(CoreRegisters.Status);
        return description with { TxQueues = 1, RxQueues = 1 };
    }

    public void Attach(BufferPool receivePool, DriverCounters counters)
    {
        var queue = new PipeQueuePair(_link, receivePool, counters, _options);
        _queues.Add(queue);
        _link.Queue = queue;
    }

    public void Start()
    {
        _awaited = null;
        _queues[0].Start((int)UsbRegisters.LimitsBuffer.Get(_limits), (int)UsbRegisters.LimitsPackets.Get(_limits));
    }

    public void BeginStop()
    {
        // Frames that the card has not taken are forgotten by the reset that follows.
    }

    public void BeginReset()
    {
        _awaited = null;
        Card.WriteHost(UsbRegisters.Control, UsbRegisters.ControlReset.Mask);
    }

    public void HardReset()
    {
        if (!_link.ResetDevice().IsError && !_link.Start().IsError)
        {
            BeginReset();
        }
    }

    public ResetProgress PollReset()
    {
        if (_link.Error.IsError)
        {
            return ResetProgress.NoAnswer;
        }

        return TryPoll(UsbRegisters.Control, dropFrames: true, out uint control) && !UsbRegisters.ControlReset.IsSet(control) ? ResetProgress.Done : ResetProgress.Pending;
    }

    public uint PollStatus()
    {
        if (TryPoll(CoreRegisters.Status, dropFrames: false, out uint status))
        {
            _status = status;
        }

        // While frames wait to be taken, the answer may wait behind them.
        bool silent = _awaited is not null && !_queues[0].IsFull && _options.TimeProvider.GetElapsedTime(_silentSince) > _options.StuckTimeout;
        return _link.Error.IsError || silent ? AllOnes : _status;
    }

    public CardFault? Check(bool held) => _queues[0].Check(held);

    public int Abandon() => _queues.Count == 0 ? 0 : _queues[0].Abandon();

    public void Free()
    {
        Abandon();
        _link.Close();
    }

    public void Silence()
    {
        if (_queues.Count != 0)
        {
            _queues[0].Signal = null;
        }
    }

    /// <summary>
    /// Asks for a register, or takes the answer to when it was asked for last; asks again when none came. Reset and status are never asked for at the same time.
    /// </summary>
    private bool TryPoll(uint register, bool dropFrames, out uint value)
    {
        long now = _options.TimeProvider.GetTimestamp();
        if (_awaited is { } tag)
        {
            if (_link.TryTakeValue(tag, dropFrames, out value))
            {
                _awaited = null;
                return true;
            }

            if (_options.TimeProvider.GetElapsedTime(_asked, now) < _options.StuckTimeout / 4)
            {
                return false;
            }
        }
        else
        {
            _silentSince = now;
        }

        _awaited = _link.BeginPoll(register);
        _asked = now;
        value = 0;
        return false;
    }
}
